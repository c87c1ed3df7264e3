"""Numbers become words: trends, doubts and reasons as sentences a tired reader understands."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from reknit.practice.insight.estimates import Point
from reknit.trust.story import Trend, trend


def how_sure(probability: float) -> str:
    """A probability in words, the same words everywhere."""
    if probability >= 0.95:
        return pgettext("how sure", "very sure")
    if probability >= 0.85:
        return pgettext("how sure", "fairly sure")
    if probability >= 0.7:
        return pgettext("how sure", "not certain")
    return pgettext("how sure", "unsure")


def trend_of(points: Sequence[Point]) -> Trend:
    return trend(points)


def trend_sentence(points: Sequence[Point]) -> str:
    """What the curve shows, in one sentence."""
    found = trend(points)
    if found.direction == "unknown":
        return _("It is too early to say how trust is going.")
    since, sure = points[found.since].number, how_sure(found.probability)
    if found.direction == "rising":
        return _("Trust has grown since session %(since)d; we are %(sure)s.") % {"since": since, "sure": sure}
    if found.direction == "falling":
        return _("Trust has gone down since session %(since)d; we are %(sure)s.") % {
            "since": since,
            "sure": sure,
        }
    return _("Trust has stayed about where it was since session %(since)d.") % {"since": since}


REASONS = {
    "rating_fell": gettext_lazy("the rating was lower than expected"),
    "rating_rose": gettext_lazy("the rating was as high as expected, or higher"),
    "difficulty_said": gettext_lazy("they said that something bothered them"),
    "difficulty_denied": gettext_lazy("they said that nothing bothered them"),
    "missed": gettext_lazy("the session was missed or cancelled late"),
    "came": gettext_lazy("they came"),
    "repair_recorded": gettext_lazy("you shared a reply"),
    "repair_confirmed": gettext_lazy("they said yes to your reply"),
    "guess_lower": gettext_lazy("you guessed lower than usual yourself"),
    "guess_higher": gettext_lazy("you guessed as usual or higher yourself"),
}


def reason_sentences(reasons: Sequence[Sequence[object]]) -> list[str]:
    """The reasons for a question, the weightiest first; only those that speak for it."""
    return [
        str(REASONS[code])
        for code, weight in reasons
        if isinstance(code, str) and code in REASONS and isinstance(weight, (int, float)) and weight > 0
    ]
