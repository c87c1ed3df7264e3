"""The trail: who did what, when, to whose words. Append-only, chained, and free of anything clinical.

``record`` writes a line, ``verify`` says which lines were tampered with, ``entries_for_relationship`` is what
a client may see of it, ``head_of`` where that part ends now. All live in :mod:`reknit.practice.trail.book`
and are offered here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from reknit.practice.trail.book import Broken, entries_for_relationship, head_of, record, verify

__all__ = ["Broken", "entries_for_relationship", "head_of", "record", "verify"]


def __getattr__(name: str) -> Any:
    """Load the book on first use: Django imports this package before its models may be imported."""
    if name in __all__:
        from reknit.practice.trail import book

        return getattr(book, name)
    raise AttributeError(name)
