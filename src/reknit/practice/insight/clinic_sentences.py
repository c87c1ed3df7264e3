"""What a clinic's figures say, as sentences that a board understands."""

from __future__ import annotations

import math
from typing import Any

from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

Kept = dict[str, Any]

NAMES = {
    "missed": gettext_lazy("missed sessions"),
    "cancelled_late": gettext_lazy("sessions cancelled late"),
    "moved": gettext_lazy("sessions moved to another time"),
    "declined": gettext_lazy("proposals turned down or to be changed"),
    "days_to_agree": gettext_lazy("days until a proposal is answered"),
    "hours_to_answer": gettext_lazy("hours until the check-in is sent"),
    "words": gettext_lazy("words in a comment"),
    "improved": gettext_lazy("clients who get reliably better"),
}

# outcome -> what is said where the interval lies below zero, and where it lies above
FOUND = {
    "missed": (
        gettext_lazy("there were between %(near)s and %(far)s fewer missed sessions in a hundred"),
        gettext_lazy("there were between %(near)s and %(far)s more missed sessions in a hundred"),
    ),
    "cancelled_late": (
        gettext_lazy("between %(near)s and %(far)s fewer sessions in a hundred were cancelled late"),
        gettext_lazy("between %(near)s and %(far)s more sessions in a hundred were cancelled late"),
    ),
    "moved": (
        gettext_lazy("between %(near)s and %(far)s fewer sessions in a hundred were moved"),
        gettext_lazy("between %(near)s and %(far)s more sessions in a hundred were moved"),
    ),
    "declined": (
        gettext_lazy("between %(near)s and %(far)s fewer proposals in a hundred were turned down or changed"),
        gettext_lazy("between %(near)s and %(far)s more proposals in a hundred were turned down or changed"),
    ),
    "days_to_agree": (
        gettext_lazy("a proposal was answered between %(near)s and %(far)s percent sooner"),
        gettext_lazy("a proposal was answered between %(near)s and %(far)s percent later"),
    ),
    "hours_to_answer": (
        gettext_lazy("the check-in came between %(near)s and %(far)s percent sooner"),
        gettext_lazy("the check-in came between %(near)s and %(far)s percent later"),
    ),
    "words": (
        gettext_lazy("comments were between %(near)s and %(far)s percent shorter"),
        gettext_lazy("comments were between %(near)s and %(far)s percent longer"),
    ),
    "improved": (
        gettext_lazy("between %(near)s and %(far)s fewer in a hundred got reliably better by the next"),
        gettext_lazy("between %(near)s and %(far)s more in a hundred got reliably better by the next"),
    ),
}  # fmt: skip
WINDOW = {
    False: pgettext_lazy(
        "no effect", "It could lie anywhere from %(below)s fewer to %(above)s more in a hundred."
    ),
    True: pgettext_lazy(
        "no effect", "It could lie anywhere from %(below)s percent less to %(above)s percent more."
    ),
}


def is_claimed(effect: Kept) -> bool:
    """Whether zero lies outside the interval that is shown."""
    return effect["lo"] is not None and (effect["lo"] > 0 or effect["hi"] < 0)


def effect_sentence(effect: Kept) -> str:
    """What one more point of trust went with; or that nothing can be seen; or that there is too little."""
    name = NAMES[effect["outcome"]]
    if effect["lo"] is None:
        return _("Too little has been recorded to say anything about %(what)s.") % {"what": name}
    low, high = percent(effect, effect["lo"]), percent(effect, effect["hi"])
    if not is_claimed(effect):
        seen = _("No effect can be seen on %(what)s.") % {"what": name}
        window = WINDOW[effect["kind"] == "log"] % {"below": _n(max(-low, 0)), "above": _n(max(high, 0))}
        return f"{seen} {window}"
    less = high < 0
    near, far = sorted((abs(low), abs(high)))
    found = FOUND[effect["outcome"]][0 if less else 1] % {"near": _n(near), "far": _n(far)}
    return _("After a session in which trust stood one point higher than usual for that pair, %(found)s.") % {
        "found": found
    }


def percent(effect: Kept, end: float) -> float:
    """An end of the interval in cases per hundred, or in percent of the amount."""
    return 100 * (math.expm1(end) if effect["kind"] == "log" else end)


def _n(value: float) -> str:
    shown = round(value, 1)
    return number_format(shown, 0 if shown == round(shown) else 1)


def trust_sentence(title: str, figure: Kept | None) -> str:
    """Where trust stood in one quarter."""
    if figure is None:
        return _("%(title)s: too few people to say.") % {"title": title}
    return _("%(title)s stood between %(lo)s and %(hi)s of 10 (at least %(people)d people).") % {
        "title": title, "lo": number_format(figure["lo"], 1), "hi": number_format(figure["hi"], 1),
        "people": figure["people"],
    }  # fmt: skip


def share_sentence(title: str, figure: Kept | None) -> str:
    """A share in one quarter, in a hundred."""
    if figure is None:
        return _("%(title)s: too few people to say.") % {"title": title}
    return _("%(title)s: between %(lo)s and %(hi)s in a hundred.") % {
        "title": title, "lo": _n(math.floor(100 * figure["lo"])), "hi": _n(math.ceil(100 * figure["hi"])),
    }  # fmt: skip


def change_sentence(title: str, before: Kept | None, after: Kept | None) -> str:
    """Whether trust moved from one quarter to the next by more than its doubt."""
    if before is None or after is None:
        return ""
    if after["lo"] > before["hi"]:
        return _("%(title)s has grown since the quarter before.") % {"title": title}
    if after["hi"] < before["lo"]:
        return _("%(title)s has gone down since the quarter before.") % {"title": title}
    return _("%(title)s has not moved by more than our doubt since the quarter before.") % {"title": title}
