"""Each audience against each visitor: the client decides who reads what, and when."""

import pytest

from reknit.practice.checkins.models import Answer
from reknit.practice.demo.stage import hold, say
from reknit.practice.insight.estimates import curve
from reknit.practice.people import access
from reknit.practice.people.access import Visitor
from reknit.practice.people.audience import Audience

from .conftest import FIRST, WEEK

MAY_READ = {
    # audience: who reads the words before the next session, and who after it was attended
    Audience.THERAPIST_NOW: ({"client", "therapist"}, {"client", "therapist"}),
    Audience.IN_THE_ROOM: ({"client"}, {"client", "therapist"}),
    Audience.CLINIC: ({"client", "lead"}, {"client", "lead"}),
    Audience.ONLY_ME: ({"client"}, {"client"}),
}


@pytest.mark.parametrize("audience", Audience)
def test_who_reads(audience, jo, other, lead, administrator, stranger):
    visitors = {
        "client": jo.client,
        "therapist": jo.therapist,
        "lead": lead,
        "administrator": administrator,
        "other client": other.client,
        "other therapist": other.therapist,
        "stranger": stranger,
        "nobody": Visitor(),
    }

    def readers() -> set[str]:
        words = Answer.objects.filter(question="words")
        return {name for name, who in visitors.items() if access.readable_answers(who, words).exists()}

    say(jo, hold(jo, FIRST), [6] * 5, bothered=2, words="that hurt", audience=audience)
    before, after = MAY_READ[audience]
    assert readers() == before
    hold(jo, FIRST + WEEK)
    assert readers() == after


@pytest.mark.parametrize(("audience", "told"), [(Audience.THERAPIST_NOW, True), (Audience.ONLY_ME, False)])
def test_the_estimate_tells_nothing_that_its_reader_may_not_know(audience, told, jo):
    for week in range(3):
        say(jo, hold(jo, FIRST + week * WEEK), [7] * 5)
    quiet = curve(jo.relationship)[-1].p_rupture
    say(jo, hold(jo, FIRST + 3 * WEEK), [7] * 5, bothered=None)
    unsaid = curve(jo.relationship)[-1]
    jo.relationship.check_ins.get(session__number=4).delete()
    session = jo.relationship.sessions.get(number=4)
    say(jo, session, [7] * 5, bothered=2, words="that hurt", audience=audience)
    said = curve(jo.relationship)[-1]
    assert (said.p_rupture > max(quiet, unsaid.p_rupture)) is told
    assert (said == unsaid) is not told


def test_a_therapist_who_left_the_clinic_opens_nothing(jo):
    assert access.relationships(jo.therapist).exists()
    jo.therapist.user.memberships.all().delete()
    assert not access.relationships(jo.therapist).exists()


def test_only_the_clinic_is_not_offered_where_nobody_but_the_therapist_would_hear(jo, clinic):
    clinic.memberships.filter(role="lead").update(user=jo.therapist.user)
    assert not access.clinic_can_listen(jo.relationship)
