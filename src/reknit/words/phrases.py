"""Which part of a learning is the avoided thing, and which part of a homework is really asked.

"Prefers talking to writing" avoids writing; "go for a walk without your phone" asks for no phone.
"""

from __future__ import annotations

import re

from reknit.words.sentences import straighten

_LIKING = re.compile(
    r"\b(?:likes?|loves?|enjoys?|happy (?:to|with)|fine with|prefers?|keen|is ok|okay with|"
    r"doesn't mind|does not mind|don't mind|welcomes?|appreciates?|comfortable with|open to|helps?|"
    r"is fine|are fine|works? well)\b"
)
_AVOIDING = re.compile(
    r"\b(?:hates?|dislikes?|detests?|never|not|no|can't|cannot|won't|avoids?|dreads?|fears?|scared|afraid|"
    r"don't|doesn't|didn't|refuses?|loathes?|too much|panics?|triggers?|upsets?|hard)\b"
)
_NOT_AVOIDED = re.compile(
    r"\b(?:(?:doesn't|does not|don't|do not|no longer|didn't|not) (?:really |any ?more )?"
    r"(?:mind|hate|dislike|object|fear|bother|avoid)s?|"
    r"no longer minds|no longer hates|not (?:afraid|scared|bothered|worried)|"
    r"used to (?:hate|dislike|avoid|fear|dread)|no problem with|is fine with|has come to (?:like|enjoy))\b"
)
_PREFERENCE = re.compile(
    r"\b(?:prefers?|preferred|would rather|'d rather|sooner|likes)\b(?P<liked>.+?)\b"
    r"(?:to|than|over|rather than|instead of)\b(?P<avoided>.+)$"
)
_INSTEAD = re.compile(r"^(?P<liked>.+?)(?:,? (?:rather than|instead of)|, not) (?P<avoided>.+)$")
_CONTRAST = re.compile(r"\s*(?:;|,? but |,? though |,? although |,? whereas |,? however,? |,? yet )\s*")
_NEGATED = re.compile(
    r"\b(?:without|instead of|rather than|no need (?:to|for)|not|do not|don't|never|"
    r"avoid(?:ing)?|skip(?:ping)?|leave out|away from|no|nothing|stop|give up|cancel|free of|"
    r"leav(?:e|ing)(?= your phone| the phone| work))\b"
    r"(?P<rest>(?:[^\S\n]+[\w'-]+){1,4})"
)
_LEFT_OUT = re.compile(
    r"\b(?:leave|leaving|keep) (?:[\w']+ ){1,4}?out(?: of (?:it|this))?\b|"
    r"\b(?:throw|put|lock|give|hide|send) (?:[\w']+ ){1,4}?(?:away|back)\b|"
    r"\b(?:turn|switch) (?:[\w']+ ){1,4}?off\b|\b(?:turn|switch)(?:ed)? off (?:[\w']+ ?){1,3}|"
    r"\b[\w']+ nothing\b|\b(?:forget|ditch|drop|ignore|never mind|put down|hang up|"
    r"far from|other than|except|apart from|not even|none of|neither|nor)(?: [\w']+){1,4}"
)


def avoided_part(learning: str) -> str:
    """The part of an avoiding learning that names what is to be avoided (lower case, straight quotes)."""
    text = straighten(learning).lower().strip()
    preference = _PREFERENCE.search(text) or _INSTEAD.match(text)
    if preference:
        return preference["avoided"].strip()
    clauses = [clause for clause in _CONTRAST.split(text) if clause]
    avoiding = [one for one in clauses if _AVOIDING.search(one) or not _LIKING.search(one)]
    return "; ".join(avoiding) if avoiding else text


def contradicts_avoidance(learning: str) -> bool:
    """True when the words say that the thing is *not* avoided ("doesn't mind writing any more")."""
    return bool(_NOT_AVOIDED.search(straighten(learning).lower()))


def asked_part(homework: str) -> str:
    """The homework with what it tells one *not* to do left out (lower case, straight quotes)."""
    text = straighten(homework).lower().strip()
    left = _NEGATED.sub(" ", _LEFT_OUT.sub(" ", text)).strip(" ,.;")
    return left or text
