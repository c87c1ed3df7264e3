"""Language that coaches: homework held against what was learned, and a draft reply read privately.

Text is a pointer that says "read this". It is never a score and never moves the estimate of trust.
"""

from reknit.words.concepts import demand_names
from reknit.words.draft import DraftReading, read_draft
from reknit.words.embedding import ModelAbsent, available, embed
from reknit.words.homework import Match, Reason, match, match_many
from reknit.words.library import Practice, alternatives, practices

__all__ = [
    "DraftReading",
    "Match",
    "ModelAbsent",
    "Practice",
    "Reason",
    "alternatives",
    "available",
    "demand_names",
    "embed",
    "match",
    "match_many",
    "practices",
    "read_draft",
]
