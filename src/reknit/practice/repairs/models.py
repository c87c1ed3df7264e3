"""The repair episode and what it leaves behind: replies, learnings and agreements."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from reknit.practice import clock
from reknit.practice.appointments.models import Session
from reknit.practice.checkins.models import CheckIn
from reknit.practice.people.models import Relationship, User
from reknit.practice.vault.fields import EncryptedTextField


class State(models.TextChoices):
    """Where an episode stands. The order is the experts': validate and explore first, change later."""

    NOTICED = "noticed", _("noticed")
    UNDERSTOOD = "understood", _("understood")
    REPLIED = "replied", _("reply shared")
    ANSWERED = "answered", _("answered by the client")
    AGREED = "agreed", _("agreed")
    FOLLOWED_UP = "followed_up", _("followed up")
    RESTORED = "restored", _("trust came back")
    EXCEEDED = "exceeded", _("trust grew past where it stood")
    NOT_YET = "not_yet", _("not yet")
    ENDED_WELL = "ended_well", _("ended well")
    NOT_A_RUPTURE = "not_a_rupture", _("not a rupture")


CLOSED = (State.RESTORED, State.EXCEEDED, State.ENDED_WELL, State.NOT_A_RUPTURE)


class Origin(models.TextChoices):
    ALERT = "alert", _("something in the check-ins")
    CLIENT_WORDS = "client_words", _("the client said so")
    OWN_SENSE = "own_sense", _("the therapist's own sense")


class Kind(models.TextChoices):
    WITHDRAWAL = "withdrawal", _("withdrawal: moving away, going quiet, going along")
    CONFRONTATION = "confrontation", _("confrontation: saying it, moving against")
    UNSURE = "unsure", _("not sure yet")


class Cause(models.TextChoices):
    """Causes without blame."""

    IMPACT = "impact", _("impact differed from intention")
    CULTURE = "culture", _("a cultural difference")
    PROJECTION = "projection", _("projection, on either side")
    MISUNDERSTANDING = "misunderstanding", _("a misunderstanding")
    NAIVETY = "naivety", _("not knowing")
    BROKEN_AGREEMENT = "broken_agreement", _("a broken agreement")
    TECHNIQUE = "technique", _("a technique that did not fit")
    OTHER = "other", _("something else")


class Episode(models.Model):
    """A difficulty between two people, from the moment it is noticed to what became of it."""

    relationship = models.ForeignKey(Relationship, on_delete=models.CASCADE, related_name="episodes")
    session = models.ForeignKey(
        Session, null=True, blank=True, on_delete=models.SET_NULL, related_name="episodes",
        help_text=_("The session in which it happened"),
    )  # fmt: skip
    check_in = models.ForeignKey(
        CheckIn, null=True, blank=True, on_delete=models.SET_NULL, related_name="episodes"
    )
    origin = models.CharField(max_length=16, choices=Origin.choices)
    state = models.CharField(max_length=16, choices=State.choices, default=State.NOTICED)
    kind = models.CharField(max_length=16, choices=Kind.choices, blank=True)
    cause = models.CharField(max_length=20, choices=Cause.choices, blank=True)
    felt = EncryptedTextField(_("what the client felt"), blank=True, default="")
    intended = EncryptedTextField(_("what you intended"), blank=True, default="")
    noticed_at = models.DateTimeField(default=clock.now)
    due_on = models.DateField(default=clock.today)
    closed_at = models.DateTimeField(null=True, blank=True)
    p_restored = models.FloatField(null=True, blank=True)
    p_exceeded = models.FloatField(null=True, blank=True)

    class Meta:
        ordering = ["-noticed_at"]

    @property
    def is_open(self) -> bool:
        return self.state not in CLOSED


class Step(models.Model):
    """A change of state worth remembering: which, when, by whom."""

    episode = models.ForeignKey(Episode, on_delete=models.CASCADE, related_name="steps")
    state = models.CharField(max_length=16, choices=State.choices)
    at = models.DateTimeField(default=clock.now)
    by_client = models.BooleanField(default=False)

    class Meta:
        ordering = ["at", "id"]


class ReplyAnswer(models.TextChoices):
    YES = "yes", _("yes, that is it")
    NOT_QUITE = "not_quite", _("not quite")
    NO = "no", _("no")


class Reply(models.Model):
    """What the therapist says back. A draft is theirs alone until it is shared; then it no longer changes."""

    episode = models.ForeignKey(Episode, on_delete=models.CASCADE, related_name="replies")
    text = EncryptedTextField()
    drafted_at = models.DateTimeField(default=clock.now)
    shared_at = models.DateTimeField(null=True, blank=True)
    answer = models.CharField(max_length=10, choices=ReplyAnswer.choices, blank=True)
    answer_words = EncryptedTextField(blank=True, default="")
    answered_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["drafted_at", "id"]


class Polarity(models.TextChoices):
    """Asked, never inferred."""

    AVOID = "avoid", _("avoid")
    LIKES = "likes", _("likes or prefers")
    ONLY_IF = "only-if", _("only if")


class Strength(models.TextChoices):
    NEVER = "never", _("never")
    RATHER_NOT = "rather_not", _("rather not")
    LIKES = "likes", _("likes")
    NEEDS = "needs", _("needs")


class Scope(models.TextChoices):
    EVERYWHERE = "everywhere", _("everywhere")
    HOMEWORK = "homework", _("between sessions")
    IN_THE_ROOM = "in_the_room", _("in the room")


class LearningState(models.TextChoices):
    PROPOSED = "proposed", _("waiting for the client to confirm")
    CONFIRMED = "confirmed", _("confirmed by the client")
    CORRECTED = "corrected", _("corrected by the client")
    RETIRED = "retired", _("no longer so")


class Learning(models.Model):
    """ "I just learned something about you": the client's own sentence, and what follows from it."""

    relationship = models.ForeignKey(Relationship, on_delete=models.CASCADE, related_name="learnings")
    episode = models.ForeignKey(
        Episode, null=True, blank=True, on_delete=models.SET_NULL, related_name="learnings"
    )
    session = models.ForeignKey(
        Session, null=True, blank=True, on_delete=models.SET_NULL, related_name="learnings"
    )
    sentence = EncryptedTextField(_("in the client's own words"))
    topic = EncryptedTextField(_("in a word or two, what it is about"))
    polarity = models.CharField(_("what follows"), max_length=8, choices=Polarity.choices)
    condition = EncryptedTextField(_("only if …"), blank=True, default="")
    strength = models.CharField(_("how strong"), max_length=12, choices=Strength.choices)
    scope = models.CharField(
        _("where it holds"), max_length=12, choices=Scope.choices, default=Scope.EVERYWHERE
    )
    state = models.CharField(max_length=10, choices=LearningState.choices, default=LearningState.PROPOSED)
    learned_at = models.DateTimeField(default=clock.now)
    review_on = models.DateField(_("look at it again on"), null=True, blank=True)

    class Meta:
        ordering = ["-learned_at"]

    @property
    def guards(self) -> bool:
        """A learning guards homework from the moment it is written down until it is retired."""
        return self.state != LearningState.RETIRED

    @property
    def is_to_review(self) -> bool:
        """Whether the day has come on which the two wanted to look at it again."""
        return self.guards and self.review_on is not None and self.review_on <= clock.today()

    @property
    def said_before(self) -> list[LearningChange]:
        """The sentences that the client corrected, the latest first."""
        changes = list(self.changes.all())
        after = [*(change.sentence for change in changes[1:]), self.sentence]
        return [one for one, then in zip(changes, after, strict=False) if one.sentence != then][::-1]


class LearningChange(models.Model):
    """What a learning said before: history is kept, not overwritten."""

    learning = models.ForeignKey(Learning, on_delete=models.CASCADE, related_name="changes")
    sentence = EncryptedTextField()
    state = models.CharField(max_length=10, choices=LearningState.choices)
    by_client = models.BooleanField(default=False)
    at = models.DateTimeField(default=clock.now)

    class Meta:
        ordering = ["at", "id"]


class AgreementState(models.TextChoices):
    PROPOSED = "proposed", _("waiting for the client")
    STANDING = "standing", _("agreed")
    DECLINED = "declined", _("the client would rather not")
    RETIRED = "retired", _("no longer needed")


class Agreement(models.Model):
    """A promise between the two, which the software helps keep."""

    relationship = models.ForeignKey(Relationship, on_delete=models.CASCADE, related_name="agreements")
    episode = models.ForeignKey(
        Episode, null=True, blank=True, on_delete=models.SET_NULL, related_name="agreements"
    )
    text = EncryptedTextField(_("what we agree"))
    state = models.CharField(max_length=10, choices=AgreementState.choices, default=AgreementState.PROPOSED)
    made_at = models.DateTimeField(default=clock.now)
    review_on = models.DateField(_("look at it again on"), null=True, blank=True)

    class Meta:
        ordering = ["-made_at"]

    @property
    def is_to_review(self) -> bool:
        """Whether the day has come on which the two wanted to look at it again."""
        return (
            self.state == AgreementState.STANDING
            and self.review_on is not None
            and self.review_on <= clock.today()
        )


class Reflection(models.Model):
    """The therapist's private thoughts about an episode.

    Own key, own table, never exported, seen by nobody else.
    """

    episode = models.ForeignKey(Episode, on_delete=models.CASCADE, related_name="reflections")
    author = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    text = EncryptedTextField(ring="reflections")
    written_at = models.DateTimeField(default=clock.now)

    class Meta:
        ordering = ["-written_at"]


class Acknowledgement(models.Model):
    """Something good, said to the client: trust that grew, a thing they dared. The client can answer."""

    relationship = models.ForeignKey(Relationship, on_delete=models.CASCADE, related_name="acknowledgements")
    text = EncryptedTextField(_("what you would like to say"))
    said_at = models.DateTimeField(default=clock.now)
    answer_words = EncryptedTextField(blank=True, default="")
    answered_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-said_at"]
