"""What is kept for how long: proposed, decided, erased with a report; the law's minimum goes first."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.apps import apps
from django.test import Client

from reknit.practice import clock
from reknit.practice.checkins.models import CheckIn
from reknit.practice.insight.models import TrustRecord
from reknit.practice.people.models import Relationship, User
from reknit.practice.questionnaires.models import Response
from reknit.practice.repairs.models import Learning
from reknit.practice.rights import retention
from reknit.practice.rights.models import Erasing, RetentionRule, years_after
from reknit.practice.trail import entries_for_relationship, verify
from reknit.practice.trail.models import Entry
from tests.web.world import World, build

pytestmark = pytest.mark.django_db
RULE = {
    "said_years": "1", "whole_years": "10", "law_years": "7", "law": "Health Records Act",
    "asks_first": "on",
}  # fmt: skip


@pytest.fixture
def world() -> World:
    made = build(moving=False)
    Erasing.objects.all().delete()
    made.a.objects["danger"].resolved_at = clock.now()
    made.a.objects["danger"].save()
    return made


def browser(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def rule(world: World, **changed: Any) -> RetentionRule:
    given = {"said_years": 1, "whole_years": 10, "law_years": 7, "law": "Health Records Act"} | changed
    return RetentionRule.objects.create(clinic=world.clinic, **given)


def end(world: World, years_ago: int) -> Relationship:
    relationship = world.a.pair.relationship
    relationship.ending, relationship.ended_on = "planned", years_after(clock.today(), -years_ago)
    relationship.save()
    return relationship


def everything() -> str:
    return "\n".join(
        repr(row)
        for model in apps.get_models()
        if model._meta.app_label != "trail"
        for row in model._base_manager.values_list()
    )


def test_a_rule_is_set_in_plain_numbers_and_kept_on_the_trail(world: World) -> None:
    assert browser(world.staff["administrator"]).post("/clinic/retention/", RULE).status_code == 302
    kept = RetentionRule.objects.get(clinic=world.clinic)
    assert (kept.said_years, kept.whole_years, kept.law_years, kept.asks_first) == (1, 10, 7, True)
    assert "said=1" in Entry.objects.get(subject=f"retention:clinic:{world.clinic.pk}").detail


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"whole_years": "5"}, "shorter than the law"), ({"law": ""}, "Say which law"),
        ({"law_covers_said": "on"}, "shorter than the law"), ({"said_years": "11"}, "longer than everything"),
        ({"said_years": "-1"}, "greater than or equal"),
    ],
)  # fmt: skip
def test_a_rule_against_the_law_is_refused_with_a_reason(
    world: World, changed: dict[str, str], said: str
) -> None:
    page = browser(world.staff["administrator"]).post("/clinic/retention/", RULE | changed)
    assert page.status_code == 422
    assert said in page.content.decode()
    assert not RetentionRule.objects.exists()


@pytest.mark.parametrize("who", ["supervisor", "safeguarding", "researcher", "stranger"])
def test_nobody_else_sees_or_decides(world: World, who: str) -> None:
    asked = retention.ask_to_be_erased(world.a.pair.client)
    by = browser(world.staff[who])
    assert by.get("/clinic/retention/").status_code == 403
    assert by.post(f"/clinic/retention/{asked.pk}/", {"step": "erase"}).status_code == 403
    assert Relationship.objects.filter(pk=world.a.pair.relationship.pk).exists()


def test_nothing_is_proposed_before_its_day_or_while_they_meet(world: World) -> None:
    rule(world)
    assert retention.tend() == (0, 0)
    relationship = end(world, 1)
    relationship.ended_on += timedelta(days=1)
    relationship.save()
    assert retention.tend() == (0, 0)
    with clock.at(clock.now() + timedelta(days=1)):
        assert retention.tend() == (1, 0)
        assert retention.tend() == (0, 0)  # once


def test_what_was_said_goes_after_a_yes_and_the_record_stays(world: World) -> None:
    rule(world)
    relationship = end(world, 1)
    retention.tend()
    by = browser(world.staff["administrator"])
    page = by.get("/clinic/retention/").content.decode()
    due = Erasing.objects.get()
    assert f"/clinic/retention/{due.pk}/" in page
    assert not [text for text in world.a.texts.values() if text in page]
    report = by.post(f"/clinic/retention/{due.pk}/", {"step": "erase"}, follow=True).content.decode()
    assert "none was found" in report
    assert "checkins.answer" in report
    for model in (CheckIn, Response, TrustRecord):
        assert not model.objects.filter(relationship=relationship).exists()
    assert Learning.objects.filter(relationship=relationship).exists()
    assert CheckIn.objects.filter(relationship=world.b.pair.relationship).count() == 4
    left = everything()
    for kind in ("said-now", "said-to-nobody", "said-to-the-clinic", "said-for-the-room"):
        assert world.a.text(kind) not in left
        assert world.b.text(kind) in left
    assert retention.tend() == (0, 0)
    assert verify() == []


def test_everything_goes_when_the_longer_time_is_up_and_the_trail_still_holds(world: World) -> None:
    rule(world, asks_first=False)
    relationship = end(world, 10)
    assert retention.tend() == (1, 1)
    assert not Relationship.objects.filter(pk=relationship.pk).exists()
    assert not [text for text in world.a.texts.values() if text in everything()]
    done = Erasing.objects.get()
    assert (done.state, done.report["left"], done.decided_by) == ("erased", {}, None)
    assert done.report["deleted"]["people.relationship"] == 1
    assert entries_for_relationship(relationship.pk).filter(verb="erased", detail="retention").count() == 1
    assert verify() == []


def test_kept_another_year_it_comes_back_after_that_year(world: World) -> None:
    rule(world)
    end(world, 1)
    retention.tend()
    by = browser(world.staff["administrator"])
    by.post(f"/clinic/retention/{Erasing.objects.get().pk}/", {"step": "keep"})
    assert retention.tend() == (0, 0)
    with clock.at(clock.now() + timedelta(days=367)):
        assert retention.tend() == (1, 0)


def test_the_law_goes_before_the_clients_wish_and_the_client_is_told(world: World) -> None:
    rule(world)
    relationship = end(world, 2)
    page = Client().get(f"/c/{world.a.token}/erase/").content.decode()
    assert "Health Records Act" in page
    Client().post(f"/c/{world.a.token}/erase/", {"step": "ask"})
    Client().post(f"/c/{world.a.token}/erase/", {"step": "ask"})
    asked = Erasing.objects.get()
    assert asked.due_on == clock.today() + timedelta(days=30)
    by = browser(world.staff["lead"])
    report = by.post(f"/clinic/retention/{asked.pk}/", {"step": "erase"}, follow=True).content.decode()
    until = years_after(relationship.ended_on or date.max, 7)
    assert f"until {until.isoformat()}: Health Records Act" in report
    assert not CheckIn.objects.filter(relationship=relationship).exists()
    assert Relationship.objects.filter(pk=relationship.pk).exists()
    told = Client().get(f"/c/{world.a.token}/erase/").content.decode()
    assert "has to be kept until" in told
    later = Erasing.objects.get(state="proposed")
    assert (later.part, later.due_on) == ("whole", until)
    by.post(f"/clinic/retention/{later.pk}/", {"step": "erase"})  # too early: refused
    assert Relationship.objects.filter(pk=relationship.pk).exists()
    with clock.at(clock.now() + timedelta(days=366 * 6)):
        browser(world.staff["lead"]).post(f"/clinic/retention/{later.pk}/", {"step": "erase"})
    assert not Relationship.objects.filter(pk=relationship.pk).exists()
    assert not [text for text in world.a.texts.values() if text in everything()]


def test_where_the_law_covers_all_of_it_nothing_goes(world: World) -> None:
    rule(world, said_years=8, law_covers_said=True)
    end(world, 2)
    asked = retention.ask_to_be_erased(world.a.pair.client)
    answer = browser(world.staff["lead"]).post(
        f"/clinic/retention/{asked.pk}/", {"step": "erase"}, follow=True
    )
    assert "The law keeps all of it until" in answer.content.decode()
    assert CheckIn.objects.filter(relationship=world.a.pair.relationship).count() == 4


def test_without_a_law_a_request_erases_all_and_the_page_closes(world: World) -> None:
    asked = retention.ask_to_be_erased(world.a.pair.client)
    by = browser(world.staff["lead"])
    assert by.post(f"/clinic/retention/{asked.pk}/", {"step": "keep"}, follow=True).status_code == 200
    assert Erasing.objects.get().state == "proposed"  # a request is not put off
    by.post(f"/clinic/retention/{asked.pk}/", {"step": "erase"})
    assert not [text for text in world.a.texts.values() if text in everything()]
    assert Client().get(f"/c/{world.a.token}/").status_code == 404
    assert verify() == []


def test_nothing_is_erased_while_an_alert_of_danger_is_open(world: World) -> None:
    world.a.objects["danger"].resolved_at = None
    world.a.objects["danger"].save()
    asked = retention.ask_to_be_erased(world.a.pair.client)
    answer = browser(world.staff["lead"]).post(
        f"/clinic/retention/{asked.pk}/", {"step": "erase"}, follow=True
    )
    assert "alert of danger is still open" in answer.content.decode()
    assert Relationship.objects.filter(pk=world.a.pair.relationship.pk).exists()


def test_a_client_thinks_better_of_it(world: World) -> None:
    Client().post(f"/c/{world.a.token}/erase/", {"step": "ask"})
    Client().post(f"/c/{world.a.token}/erase/", {"step": "take_back"})
    assert not Erasing.objects.exists()
    verbs = list(entries_for_relationship(world.a.pair.relationship.pk).values_list("verb", flat=True)[:2])
    assert verbs == ["took_back", "asked"]


def test_a_leap_day_ends_on_the_first_of_march() -> None:
    assert years_after(date(2024, 2, 29), 1) == date(2025, 3, 1)
    assert years_after(date(2024, 2, 29), 4) == date(2028, 2, 29)


def _ask_and_answer(world: World, years: float) -> None:
    """Nothing is heard for so long; the rule is looked at, and the therapist asked."""
    relationship, therapist = world.a.pair.relationship, world.a.pair.therapist.user
    with clock.at(clock.now() + timedelta(days=365.25 * years)):
        retention.tend()
        due = Erasing.objects.filter(relationship_number=relationship.pk, state="proposed")
        assert [each.part for each in due] == ["said"]
        page = browser(world.staff["administrator"]).get(f"/clinic/retention/{due[0].pk}/").content.decode()
        assert "not noted; last heard of on" in page
        by = browser(therapist)
        assert "Nothing was heard here since" in by.get(f"/practice/with/{relationship.pk}/").content.decode()
        stranger = browser(world.b.pair.therapist.user)
        assert stranger.post(f"/practice/with/{relationship.pk}/still-goes-on/").status_code == 404
        by.post(f"/practice/with/{relationship.pk}/still-goes-on/")
        kept = Erasing.objects.get(relationship_number=relationship.pk)
        assert (kept.state, kept.decided_by) == ("kept", therapist)
        assert "Nothing was heard" not in by.get(f"/practice/with/{relationship.pk}/").content.decode()
        retention.tend()
        assert not Erasing.objects.filter(relationship_number=relationship.pk, state="proposed").exists()


def test_what_nobody_noted_as_ended_is_proposed_too_and_the_therapist_may_say_that_it_goes_on(
    world: World,
) -> None:
    rule(world)
    assert retention.tend() == (0, 0)
    _ask_and_answer(world, 1.5)
    _ask_and_answer_again(world)


def _ask_and_answer_again(world: World) -> None:
    with clock.at(clock.now() + timedelta(days=365 * 3)):
        retention.tend()
        asked = Erasing.objects.filter(relationship_number=world.a.pair.relationship.pk, state="proposed")
        assert asked.count() == 1  # a year later, it is asked once more


def test_what_nobody_noted_as_ended_is_never_erased_unasked(world: World) -> None:
    rule(world, asks_first=False, law_years=0)
    with clock.at(clock.now() + timedelta(days=365 * 12)):
        proposed, erased = retention.tend()
        assert proposed >= 2
        assert erased == 0
        due = Erasing.objects.get(relationship_number=world.a.pair.relationship.pk)
        browser(world.staff["lead"]).post(f"/clinic/retention/{due.pk}/", {"step": "erase"})
        assert not Relationship.objects.filter(pk=world.a.pair.relationship.pk).exists()
    assert verify() == []


def test_a_sign_of_life_takes_the_proposal_back(world: World) -> None:
    rule(world)
    relationship = world.a.pair.relationship
    later = clock.now() + timedelta(days=500)
    with clock.at(later):
        retention.tend()
        due = Erasing.objects.get(relationship_number=relationship.pk)
        relationship.sessions.create(number=99, starts_at=later + timedelta(days=1))
        answer = browser(world.staff["lead"]).post(
            f"/clinic/retention/{due.pk}/", {"step": "erase"}, follow=True
        )
        assert "Something was heard of them lately" in answer.content.decode()
        assert CheckIn.objects.filter(relationship=relationship).exists()
        retention.tend()
        assert not Erasing.objects.filter(relationship_number=relationship.pk).exists()
