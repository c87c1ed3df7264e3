"""What a client can fill in. Nearly everything is optional, and nothing typed is ever cut off or lost."""

from __future__ import annotations

import time
from functools import cache
from typing import Any
from uuid import UUID, uuid4

from django import forms
from django.core.validators import MaxLengthValidator
from django.utils.translation import gettext_lazy as _

from reknit.measures import load
from reknit.practice.doors.common.forms import LineField
from reknit.practice.homework.models import Homework, HomeworkState
from reknit.practice.loop import CheckInData
from reknit.practice.people.audience import Audience
from reknit.practice.repairs.models import Learning, Polarity, ReplyAnswer, Strength

CHECK_IN = load("check_in")
LONGEST = (
    10_000  # characters; checked on the server only, since a browser would cut a pasted text off silently
)
LONGEST_SITTING = 24 * 3600

AUDIENCES = {
    Audience.THERAPIST_NOW: _("My therapist, now"),
    Audience.IN_THE_ROOM: _("My therapist, once I am in the room"),
    Audience.CLINIC: _("Only the clinic, not my therapist"),
    Audience.ONLY_ME: _("Only me"),
}


def audiences(clinic_listens: bool) -> list[tuple[str, Any]]:
    """Whom the client can choose from; the clinic only where somebody other than the therapist listens."""
    return [(a.value, label) for a, label in AUDIENCES.items() if clinic_listens or a != Audience.CLINIC]


class Words(forms.CharField):
    """Free words: long enough for anything, shown in a field that grows."""

    def __init__(self, *, rows: int = 3, **extra: Any) -> None:
        extra.setdefault("required", False)
        widget = forms.Textarea(attrs={"rows": rows, "dir": "auto"})
        super().__init__(widget=widget, validators=[MaxLengthValidator(LONGEST)], **extra)


class Choice(forms.ChoiceField):
    """Large choices, one under the other (or `choices--line`, side by side)."""

    def __init__(self, choices: Any, *, look: str = "", **extra: Any) -> None:
        super().__init__(choices=choices, widget=forms.RadioSelect(attrs={"class": look}), **extra)


CHECK_IN_FIELDS: dict[str, forms.Field] = {
    **{item.key: LineField.for_item(item) for item in CHECK_IN.ratings},
    "bothered": Choice(
        [(0, _("No")), (1, _("A little")), (2, _("Yes"))],
        look="choices--line",
        label=_("Was there anything today that bothered you, however small?"),
        required=False,
    ),
}


@cache
def _check_in_fields(clinic_listens: bool, invites: bool) -> dict[str, forms.Field]:
    """Made once, and shared by all forms: making them anew takes longer than checking what was sent."""
    invited = {"invited": Words(label=_("What might your therapist not want to hear?"))} if invites else {}
    lines = _audience(clinic_listens, _("Who may see the lines above?"))
    lines.choices = [("", _("The same people as my words")), *audiences(clinic_listens)]
    lines.initial = ""
    return {
        "key": forms.CharField(widget=forms.HiddenInput, required=False),
        "started": forms.IntegerField(widget=forms.HiddenInput, required=False),
        **CHECK_IN_FIELDS,
        "words": Words(label=_("Say it in your own words")),
        **invited,
        "words_audience": _audience(clinic_listens, _("Who may see this?")),
        "ratings_audience": lines,
    }


def _audience(clinic_listens: bool, label: Any) -> Choice:
    return Choice(
        audiences(clinic_listens), label=label, initial=Audience.THERAPIST_NOW.value, required=False
    )


class CheckInForm(forms.Form):
    """Five lines, one question, words, and who may see them."""

    def __init__(self, *args: Any, clinic_listens: bool, invites: bool, **extra: Any) -> None:
        extra.setdefault("initial", {"key": str(uuid4()), "started": int(time.time())})
        super().__init__(*args, **extra)
        self.fields = dict(_check_in_fields(clinic_listens, invites))

    @property
    def lines(self) -> list[forms.BoundField]:
        return [self[item.key] for item in CHECK_IN.ratings]

    def clean_key(self) -> UUID:
        try:
            return UUID(self.cleaned_data["key"])
        except ValueError:
            return uuid4()

    def clean(self) -> None:
        said = [*(item.key for item in CHECK_IN.ratings), "bothered", "words", "invited"]
        if not self.errors and all(self.cleaned_data.get(name) in (None, "") for name in said):
            raise forms.ValidationError(
                _("Nothing is filled in yet. One answer is enough, or just leave the page.")
            )

    def data_for_loop(self) -> CheckInData:
        given = self.cleaned_data
        bothered = given["bothered"]
        return CheckInData(
            key=given["key"],
            ratings={item.key: given[item.key] for item in CHECK_IN.ratings},
            bothered=int(bothered) if bothered else None,
            words=given["words"],
            invited=given.get("invited", ""),
            words_audience=given["words_audience"] or Audience.THERAPIST_NOW,
            ratings_audience=given["ratings_audience"] or given["words_audience"] or Audience.THERAPIST_NOW,
            seconds_taken=self._seconds(),
        )

    def _seconds(self) -> int | None:
        seconds = int(time.time()) - (self.cleaned_data["started"] or 0)
        return seconds if 0 <= seconds <= LONGEST_SITTING else None


class AddWordsForm(forms.Form):
    """Something more about a session that has its check-in."""

    words = Words(required=True, label=_("What would you like to add?"))
    audience = Choice([], label=_("Who may see it?"), initial=Audience.THERAPIST_NOW.value)

    def __init__(self, *args: Any, clinic_listens: bool, **extra: Any) -> None:
        super().__init__(*args, **extra)
        self.fields["audience"].choices = audiences(clinic_listens)  # type: ignore[attr-defined]


class WidenForm(forms.Form):
    """Let more people see an answer."""

    audience = Choice([], label=_("Let more people see it"))

    def __init__(self, *args: Any, wider: list[tuple[str, Any]], **extra: Any) -> None:
        super().__init__(*args, **extra)
        self.fields["audience"].choices = wider  # type: ignore[attr-defined]


class ReplyForm(forms.Form):
    answer = Choice(
        [
            (ReplyAnswer.YES.value, _("Yes, that is it")),
            (ReplyAnswer.NOT_QUITE.value, _("Not quite")),
            (ReplyAnswer.NO.value, _("No")),
        ],
        label=_("Does this reach what it was like for you?"),
    )
    words = Words(label=_("In your own words"))


class AcknowledgementForm(forms.Form):
    words = Words(required=True, label=_("What would you like to say back?"))


class ConcernForm(forms.Form):
    """What happened, for the clinic's safeguarding person and not for the therapist."""

    words = Words(rows=6, required=True, label=_("What happened, in your own words"))
    reach_me = Words(rows=1, label=_("How may they reach you, and how not?"))


class LearningForm(forms.Form):
    """Right, better said, or no longer so. With "right" a changed sentence counts as the better one."""

    RIGHT, BETTER, NO_LONGER = "right", "better", "no_longer"
    answer = Choice(
        [
            (RIGHT, _("Yes, that is right")),
            (BETTER, _("Nearly: I would say it differently")),
            (NO_LONGER, _("No, or no longer")),
        ],
        label=_("Is this so?"),
    )
    sentence = Words(label=_("How you would say it"), rows=2)

    def __init__(self, *args: Any, learning: Learning, **extra: Any) -> None:
        super().__init__(*args, **extra)
        self.learning = learning
        self.fields["sentence"].initial = learning.sentence
        if learning.polarity == Polarity.AVOID:
            self.fields["strength"] = Choice(
                [(Strength.NEVER.value, _("Never")), (Strength.RATHER_NOT.value, _("Rather not"))],
                look="choices--line", label=_("How firmly?"), initial=learning.strength, required=False,
            )  # fmt: skip
        if learning.polarity == Polarity.ONLY_IF:
            self.fields["condition"] = Words(
                label=_("All right only if what?"), rows=2, initial=learning.condition
            )

    def clean(self) -> dict[str, Any]:
        given = self.cleaned_data
        given["strength"] = given.get("strength") or self.learning.strength
        given["condition"] = given.get("condition") or self.learning.condition
        changed = given.get("sentence", "") not in ("", self.learning.sentence)
        changed = changed or given["strength"] != self.learning.strength
        changed = changed or given["condition"] != self.learning.condition
        if changed and given.get("answer") == self.RIGHT:
            given["answer"] = self.BETTER
        if changed and given.get("answer") == self.NO_LONGER:
            self.add_error("sentence", _("You changed something. Is it nearly right, or no longer so?"))
        return given


class AgreementForm(forms.Form):
    ACCEPT, RATHER_NOT, DONE = "accept", "rather_not", "done"
    answer = Choice([], label=_("What would you like?"))

    def __init__(self, *args: Any, standing: bool, again: bool = False, **extra: Any) -> None:
        super().__init__(*args, **extra)
        accept = [(self.ACCEPT, _("I agree"))] if again or not standing else []
        done = [(self.DONE, _("We no longer need it"))] if standing else []
        choices = [*accept, *done, (self.RATHER_NOT, _("I would rather not"))]
        self.fields["answer"].choices = choices  # type: ignore[attr-defined]


class HomeworkForm(forms.Form):
    answer = Choice(
        [
            (HomeworkState.SUITS.value, _("This suits me")),
            (HomeworkState.CHANGE.value, _("Please change it")),
            (HomeworkState.RATHER_NOT.value, _("I would rather not")),
        ],
        label=_("Does this suit you?"),
    )
    words = Words(label=_("In your own words"))

    @staticmethod
    def said(homework: Homework) -> dict[str, Any]:
        """What the client answered so far."""
        return {"answer": homework.state, "words": homework.answer_words} if homework.answered_at else {}


class HomeworkReportForm(forms.Form):
    """How it went. Not getting to it is an answer like any other."""

    SCALES = ("fit", "effort", "usefulness")

    done = Choice([("yes", _("I tried it")), ("no", _("I did not get to it"))], label=_("How did it go?"))
    fit = LineField(1, 5, _("not me at all"), _("just right for me"), label=_("How well it fitted you"))
    effort = LineField(1, 5, _("hardly any"), _("very much"), label=_("How much effort it took"))
    usefulness = LineField(1, 5, _("none"), _("a great deal"), label=_("How much good it did"))
    words = Words(label=_("In your own words"))

    @staticmethod
    def said(homework: Homework) -> dict[str, Any]:
        """What the client reported so far."""
        if homework.reported_at is None:
            return {}
        scales = {name: getattr(homework, name) for name in HomeworkReportForm.SCALES}
        done = "yes" if homework.state == HomeworkState.DONE else "no"
        return {"done": done, "words": homework.how_it_went, **scales}


class ConsentForm(forms.Form):
    """Two separate things: check-ins, and, only if wished, research."""

    research = forms.BooleanField(
        required=False,
        label=_("If I say yes: my answers may also be used for research, with my name removed."),
    )
