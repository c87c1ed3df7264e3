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
    "rating_fell": gettext_lazy("the rating fell below what was to be expected"),
    "rating_rose": gettext_lazy("the rating was higher than expected"),
    "difficulty_said": gettext_lazy("something bothered them, they said"),
    "difficulty_denied": gettext_lazy("they said that nothing bothered them"),
    "missed": gettext_lazy("a session was missed or cancelled late"),
    "attended": gettext_lazy("they came"),
    "repair_recorded": gettext_lazy("a reply was shared"),
    "repair_confirmed": gettext_lazy("they said yes to a reply"),
    "therapist_lower": gettext_lazy("you rated it low yourself"),
    "therapist_higher": gettext_lazy("you rated it well yourself"),
    "prior": gettext_lazy("how often such things happen"),
}


def reason_sentences(reasons: Sequence[Sequence[object]]) -> list[str]:
    """The reasons for a question, the weightiest first; only those that speak for it."""
    return [
        str(REASONS[code])
        for code, weight in reasons
        if isinstance(code, str)
        and code in REASONS
        and code != "prior"
        and isinstance(weight, (int, float))
        and weight > 0
    ]
