"""Form parts that more than one door uses."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from zoneinfo import available_timezones

from django import forms
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from reknit.measures import Item

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise


class LineWidget(forms.RadioSelect):
    """A wide line from one end to the other that starts with nothing said.

    Underneath it is a row of radio buttons, so it needs no script, can be left unanswered, and speaks to
    keyboards and screen readers by itself; `docs/decisions/0004` says why it is no range slider.
    """

    template_name = "common/forms/line.html"

    def __init__(
        self, low: StrOrPromise = "", high: StrOrPromise = "", attrs: dict[str, Any] | None = None
    ) -> None:
        super().__init__(attrs)
        self.low, self.high = low, high

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        context["widget"] |= {"low": self.low, "high": self.high, "undo": _("Take this answer back")}
        return context


class LineField(forms.TypedChoiceField):
    """A rating on a line of whole steps; None where nothing was said.

    Args:
        lo, hi: the ends of the scale; one step is 1.
        low, high: the words at the ends.
    """

    widget = LineWidget

    def __init__(
        self, lo: float, hi: float, low: StrOrPromise = "", high: StrOrPromise = "", **extra: Any
    ) -> None:
        steps = range(int(lo), int(hi) + 1)
        labels = {
            steps[0]: format_lazy("{}: {}", steps[0], low),
            steps[-1]: format_lazy("{}: {}", steps[-1], high),
        }
        choices = [(str(n), labels.get(n, str(n))) for n in steps]
        extra.setdefault("required", False)
        super().__init__(
            choices=choices, coerce=float, empty_value=None, widget=LineWidget(low, high), **extra
        )

    @classmethod
    def for_item(cls, item: Item, **extra: Any) -> LineField:
        """The line for one rating of a measure, in the words of the measure."""
        assert item.lo is not None
        assert item.hi is not None
        return cls(item.lo, item.hi, _(item.anchor_low), _(item.anchor_high), label=_(item.text), **extra)


PARTS_OF_THE_WORLD = {
    "Africa": _("Africa"),
    "America": _("America"),
    "Antarctica": _("Antarctica"),
    "Arctic": _("Arctic"),
    "Asia": _("Asia"),
    "Atlantic": _("Atlantic"),
    "Australia": _("Australia"),
    "Europe": _("Europe"),
    "Indian": _("Indian Ocean"),
    "Pacific": _("Pacific"),
}


def time_zones() -> list[tuple[StrOrPromise, Any]]:
    """Places to choose from, by part of the world, each standing for its time zone; older names come last."""
    by_part: dict[str, list[tuple[str, str]]] = {part: [] for part in PARTS_OF_THE_WORLD}
    others = []
    for name in sorted(available_timezones() - {"UTC"}):
        part, _slash, place = name.partition("/")
        if part in by_part:
            by_part[part].append((name, _place(place)))
        else:
            others.append((name, name))
    parts = [(PARTS_OF_THE_WORLD[part], places) for part, places in by_part.items()]
    return [("UTC", "UTC"), *parts, (_("Other names"), others)]


def _place(name: str) -> str:
    """`Argentina/Buenos_Aires` as people write it: "Buenos Aires (Argentina)"."""
    region, _slash, place = name.replace("_", " ").rpartition("/")
    return f"{place} ({region})" if region else place


class TimeZoneField(forms.ChoiceField):
    """Where somebody is, as far as the clock is concerned."""

    def __init__(self, **extra: Any) -> None:
        super().__init__(choices=time_zones, **extra)
