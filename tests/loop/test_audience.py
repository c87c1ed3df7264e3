"""Each audience against each visitor: the client decides who reads what, and when."""

from uuid import uuid4

import pytest
from django.core.exceptions import PermissionDenied

from reknit.practice import loop
from reknit.practice.checkins.models import Answer, LinkKind
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


def test_no_link_that_passed_through_the_therapists_hands_opens_what_was_kept_from_them(jo):
    say(jo, hold(jo, FIRST), [6] * 5, words="only for me", audience=Audience.ONLY_ME)
    words = Answer.objects.filter(question="words")

    def opens(token: str) -> bool:
        link = loop.open_link(token)
        return access.readable_answers(link.visitor, words).exists()

    own = loop.issue_link(jo.client, jo.relationship, LinkKind.HOME)
    assert opens(own)
    with pytest.raises(PermissionDenied):
        loop.issue_link(jo.therapist, jo.relationship, LinkKind.HOME)
    handed = loop.issue_link(jo.therapist, jo.relationship, LinkKind.WELCOME)
    assert not opens(handed)
    regained = loop.issue_link(loop.open_link(handed).visitor, jo.relationship, LinkKind.HOME)
    assert not opens(regained)
    assert loop.open_link(own) is None
    again = loop.issue_link(loop.open_link(regained).visitor, jo.relationship, LinkKind.HOME)
    assert not opens(again)
    data = loop.CheckInData(key=uuid4(), words="only for me, later", words_audience=Audience.ONLY_ME)
    loop.receive_check_in(jo.client, hold(jo, FIRST + WEEK), data)
    seen = access.readable_answers(loop.open_link(again).visitor, words)
    assert [answer.words for answer in seen] == ["only for me, later"]
