"""What a therapist types: every form of these pages, with its errors in words."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.conf import settings
from django.core.validators import MaxLengthValidator
from django.db import models
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from reknit.practice import clock
from reknit.practice.appointments.models import Status
from reknit.practice.doors.common.forms import LineField, TimeZoneField
from reknit.practice.insight.words import Clash
from reknit.practice.people.models import Ending, User
from reknit.practice.repairs.models import Cause, Kind, Polarity, Scope, Strength

LONGEST = 10_000  # characters; checked here only, since a browser would cut a pasted text off silently
LONGEST_LINE = 200
MISSING = _("A few words are needed here.")
LONGEST_AGO = timedelta(days=366 * 20)


class Words(forms.CharField):
    """A line, or a field of some rows that grows."""

    def __init__(self, *, rows: int = 1, missing: Any = MISSING, **extra: Any) -> None:
        attrs = {"dir": "auto", **({"rows": rows} if rows > 1 else {"autocomplete": "off"})}
        super().__init__(
            widget=forms.Textarea(attrs=attrs) if rows > 1 else forms.TextInput(attrs=attrs),
            validators=[MaxLengthValidator(LONGEST if rows > 1 else LONGEST_LINE)],
            error_messages={"required": missing},
            **extra,
        )


class Choice(forms.ChoiceField):
    """A few choices, each as large as a thumb."""

    def __init__(self, choices: Any, *, look: str = "", **extra: Any) -> None:
        widget = forms.RadioSelect(attrs={"class": look})
        super().__init__(
            choices=choices,
            error_messages={"required": _("Choose one of these.")},
            **{"widget": widget} | extra,
        )


class Moment(forms.DateTimeField):
    """A date and a time of day in the zone of whoever types it, by the browser's own picker."""

    def __init__(self, **extra: Any) -> None:
        shape = "%Y-%m-%dT%H:%M"
        widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format=shape)
        super().__init__(widget=widget, **extra)

    def clean(self, value: Any) -> Any:
        moment: datetime | None = super().clean(value)
        if moment and abs(moment - clock.now()) > LONGEST_AGO:
            raise forms.ValidationError(_("That is more than twenty years away. Is the year right?"))
        return moment


class Day(forms.DateField):
    """A date ahead, if one is wanted."""

    def __init__(self, **extra: Any) -> None:
        widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
        super().__init__(required=False, widget=widget, **extra)

    def clean(self, value: Any) -> Any:
        chosen = super().clean(value)
        if chosen and chosen <= clock.today():
            raise forms.ValidationError(_("Choose a day that is still to come."))
        return chosen


class NewClientForm(forms.Form):
    """Somebody new. A first name or initials are enough."""

    called = Words(label=_("What you call them"), help_text=_("A first name or initials are enough."))
    starts_at = Moment(label=_("First session"), help_text=_("Date and time where you are."))
    contact = Words(
        label=_("E-mail or phone for reminders"),
        required=False,
        help_text=_("A reminder says no more than that there is a form to fill in."),
    )
    time_zone = TimeZoneField(label=_("Their time zone"))
    language = forms.ChoiceField(
        label=_("Their language"),
        choices=[("", _("as their phone says")), *settings.LANGUAGES],
        required=False,
    )


class SessionForm(forms.Form):
    """When two people meet."""

    starts_at = Moment(label=_("Date and time"))

    @classmethod
    def after(cls, last: datetime | None) -> SessionForm:
        """A form that suggests the same hour a week later, in the zone of whoever is looking."""
        if last is None:
            return cls()
        proposed = timezone.localtime(last) + timedelta(weeks=1)
        while proposed < clock.now():
            proposed += timedelta(weeks=1)
        return cls(initial={"starts_at": proposed})


class RecordForm(forms.Form):
    """What became of a session."""

    status = forms.ChoiceField(choices=[choice for choice in Status.choices if choice[0] != Status.PLANNED])


class GuessForm(forms.Form):
    """How the session was for the client, as the therapist believes before looking."""

    value = LineField(
        0,
        10,
        _("not good at all"),
        _("it could hardly be better"),
        required=True,
        label=_("How was it for them, do you think?"),
    )


class UnderstandForm(forms.Form):
    """What happened between two people, in their own terms and without blame."""

    felt = Words(
        label=_("What they felt"),
        rows=3,
        help_text=_("As they would say it, or what you would ask."),
    )
    intended = Words(
        label=_("What you intended"),
        rows=3,
        required=False,
        help_text=_("For yourself: it is not an argument to win."),
    )
    kind = Choice(Kind.choices, label=_("How did it show?"))
    cause = forms.ChoiceField(
        label=_("What may lie behind it? Nobody is to blame."),
        choices=[("", _("Choose one")), *Cause.choices],
    )


class ReplyForm(forms.Form):
    """The therapist's answer to what hurt. Theirs alone until it is shared."""

    text = Words(
        label=_("Your reply"),
        rows=8,
        missing=_("There is nothing to share yet: write a few words first."),
    )


class RehearseForm(forms.Form):
    """What one would say, in a rehearsal."""

    text = Words(label=_("What would you say?"), rows=4, missing=_("Say a few words first."))


class Follows(models.TextChoices):
    """What follows from a learning, in one question: which way it points, and how strongly."""

    NEVER = "never", _("never again")
    RATHER_NOT = "rather_not", _("rather not")
    LIKES = "likes", _("they like it")
    NEEDS = "needs", _("they need it")
    ONLY_IF = "only_if", _("only if …")


POINTS = {
    Follows.NEVER: (Polarity.AVOID, Strength.NEVER),
    Follows.RATHER_NOT: (Polarity.AVOID, Strength.RATHER_NOT),
    Follows.LIKES: (Polarity.LIKES, Strength.LIKES),
    Follows.NEEDS: (Polarity.LIKES, Strength.NEEDS),
    Follows.ONLY_IF: (Polarity.ONLY_IF, Strength.RATHER_NOT),
}


class LearningForm(forms.Form):
    """“I just learned something about you”. What follows from it is asked, never inferred."""

    sentence = Words(label=_("What you learned, in their own words"), rows=2)
    topic = Words(
        label=_("In a word or two, what it is about"),
        help_text=_("Such as: journaling, eye contact, my mother."),
    )
    follows = Choice(Follows.choices, look="choices--line", label=_("What follows from it?"))
    condition = Words(label=_("Only if what?"), required=False)
    scope = Choice(Scope.choices, label=_("Where it counts"), widget=forms.Select, required=False)
    review_on = Day(label=_("Look at it again on"))

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if data.get("follows") == Follows.ONLY_IF and not data.get("condition"):
            self.add_error("condition", _("Say under which condition it is all right."))
        return data

    @property
    def learning(self) -> dict[str, Any]:
        """What was filled in, by the names that the loop knows."""
        given = dict(self.cleaned_data)
        given["scope"] = given["scope"] or Scope.EVERYWHERE
        given["polarity"], given["strength"] = POINTS[Follows(given.pop("follows"))]
        return given


class AgreementForm(forms.Form):
    """A promise between the two, which is kept in view."""

    text = Words(
        label=_("What the two of you agree"), rows=2, help_text=_("It stands once they say yes to it.")
    )
    review_on = Day(label=_("Look at it again on"))


class HomeworkForm(forms.Form):
    """Something to try between sessions; checked against what was learned before it is sent."""

    text = Words(label=_("What you would like to propose"), rows=3)
    override_reason = Words(label=_("Why you propose it all the same"), rows=2, required=False)
    asked_about = forms.CharField(required=False, widget=forms.HiddenInput)

    clashes: list[Clash] = []

    @classmethod
    def taken(cls, text: str) -> HomeworkForm:
        """With an alternative in place of what was typed, ready to be changed: nothing is proposed yet."""
        form = cls(initial={"text": text})
        form.fields["text"].widget.attrs["autofocus"] = True
        return form

    def was_asked_about(self, clashes: list[Clash]) -> bool:
        """Whether the therapist has seen what these words may touch. A conflict is the loop's to judge."""
        certain = any(clash.is_conflict for clash in clashes)
        return certain or bool(self.cleaned_data["asked_about"] == self.cleaned_data["text"])

    def asks_about(self, clashes: list[Clash]) -> None:
        """Show what it touches, and remember which words were asked about."""
        self.clashes = clashes
        self.data = {**self.data.dict(), "asked_about": self.cleaned_data.get("text", "")}  # type: ignore[attr-defined]

    @property
    def has_conflict(self) -> bool:
        return any(clash.is_conflict for clash in self.clashes)


class GoodForm(forms.Form):
    """Something good, said to the client."""

    text = Words(label=_("What you would like to say to them"), rows=2)


class ReflectionForm(forms.Form):
    """A thought for nobody else."""

    text = Words(label=_("A thought for you alone"), rows=3)


class AskForm(forms.Form):
    """One episode, shown to one supervisor, with a question."""

    supervisor = forms.ModelChoiceField(
        User.objects.none(), label=_("Whom would you like to ask?"), empty_label=None
    )
    question = Words(label=_("What would you like help with?"), rows=3)

    def __init__(self, *args: Any, supervisors: QuerySet[User], **extra: Any) -> None:
        super().__init__(*args, **extra)
        self.fields["supervisor"].queryset = supervisors  # type: ignore[attr-defined]


class EndingForm(forms.Form):
    """How a relationship came to its end. Ending well is an outcome, not a failure."""

    ending = Choice(
        [(value, label) for value, label in Ending.choices if value != Ending.RUNNING],
        label=_("How did it end?"),
    )
