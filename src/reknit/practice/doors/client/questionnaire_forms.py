"""A questionnaire as a form, made from its measure. Locked words are shown as published, never translated."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from reknit.measures import Item, Measure
from reknit.practice.doors.client.forms import Choice, Words, audiences
from reknit.practice.doors.common.forms import LineField
from reknit.practice.loop.questionnaires import Filled


@dataclass(frozen=True)
class Part:
    """What stands in one place of the form: a sentence to read, or a field to fill in."""

    text: str
    field: forms.BoundField | None


class QuestionnaireForm(forms.Form):
    """The items that are to be shown now, in the order of the measure; none of them is a must.

    Args:
        measure: in the words of the clinic.
        items: the items to show.
        kept: what was filled in before and may be shown, numbers and words by item key.
    """

    shown = forms.CharField(widget=forms.HiddenInput, required=False)
    anyway = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(
        self,
        data: Any,
        *,
        measure: Measure,
        items: tuple[Item, ...],
        kept: dict[str, Any],
        clinic_listens: bool,
    ) -> None:
        self.measure, self.items = measure, items
        initial = {item.key: _initial(item, kept[item.key]) for item in items if item.key in kept}
        shown = " ".join(item.key for item in items)
        super().__init__(data, initial={**initial, "shown": shown})
        for item in items:
            if item.asks:
                self.fields[item.key] = _field(measure, item)
        if not measure.risk_items:
            self.fields["audience"] = Choice(
                audiences(clinic_listens),
                label=_("Who may see this?"),
                initial=measure.audience,
                required=False,
            )

    @property
    def parts(self) -> list[Part]:
        words = [(item, says(self.measure, item.text)) for item in self.items]
        return [Part(text, self[item.key] if item.asks else None) for item, text in words if text]

    @property
    def filled(self) -> Filled:
        """What came in, as the loop takes it."""
        given = {item.key: self.cleaned_data.get(item.key) for item in self.items if item.asks}
        words = {item.key for item in self.items if item.type in ("text", "string")}
        return Filled(
            values={key: value for key, value in given.items() if key not in words},
            words={key: value or "" for key, value in given.items() if key in words},
            audience=self.cleaned_data.get("audience") or "",
        )

    @property
    def left_out(self) -> list[str]:
        """The shown questions without an answer, apart from free words."""
        return [key for key, value in self.filled.values.items() if value is None]


def says(measure: Measure, text: str) -> str:
    """A text of the measure in the reader's language, or as published where it must not be changed."""
    return text if measure.locked or not text else gettext(text)


def _field(measure: Measure, item: Item) -> forms.Field:
    label = says(measure, item.text)
    if item.lo is not None and item.hi is not None:
        low, high = says(measure, item.anchor_low), says(measure, item.anchor_high)
        return LineField(item.lo, item.hi, low, high, label=label)
    if item.choices:
        choices = [(option.code, says(measure, option.display)) for option in item.choices]
        return forms.TypedChoiceField(
            choices=choices, coerce=item.value_of, empty_value=None, required=False, label=label,
            widget=forms.RadioSelect,
        )  # fmt: skip
    return Words(label=label, rows=2)


def _initial(item: Item, kept: Any) -> Any:
    if item.choices:
        return item.option_of(kept).code
    return f"{kept:g}" if isinstance(kept, float) else kept
