"""Questionnaires and old ratings in a real browser: a phone, a keyboard, and what no page may fail at."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from reknit.practice import clock, loop
from reknit.practice.checkins.models import LinkKind
from reknit.practice.demo.stage import hold, meet
from reknit.practice.loop import questionnaires as steps
from reknit.practice.people.access import Visitor
from reknit.practice.people.models import Membership, Role, User
from reknit.practice.questionnaires.models import Response

from .conftest import inspect

OLD = "client,date,score,came\n" + "\n".join(
    f"case {n},2024-0{1 + n % 9}-08,{1 + n % 7},yes" for n in range(60)
)


@pytest.fixture
def house(transactional_db: None) -> dict[str, Any]:
    """A clinic that uses PHQ-9, a therapist, Jo, and Jo's own page."""
    founder = User.objects.create_user(email="founder@x.example", name="Ines Hart")
    clinic = loop.open_clinic(founder, "A clinic", crisis_contacts="Night line: 0800 000")
    guard = User.objects.create_user(email="guard@x.example", name="Sam Guard")
    Membership.objects.create(user=guard, clinic=clinic, role=Role.SAFEGUARDING)
    steps.choose_measure(
        Visitor(user=founder), clinic, "phq-9", is_on=True, alerted=guard, stands_in=founder, hours=4
    )
    jo = meet(founder, "Jo", clock.now() - timedelta(days=30))
    schedule = steps.schedule_measure(jo.therapist, jo.relationship, "phq-9", every=1)
    for days in (16, 9, 2):
        hold(jo, clock.now() - timedelta(days=days))
        if days > 2:
            with clock.at(clock.now() - timedelta(days=days)):
                values = {f"phq-{n}": 2.0 if days == 16 else 1.0 for n in range(1, 9)} | {"phq-9": 0.0}
                steps.send_filled(jo.client, steps.what_waits(jo.client)[0], steps.Filled(values=values))
    token = loop.issue_link(jo.client, jo.relationship, LinkKind.HOME)
    return {"founder": founder, "guard": guard, "jo": jo, "form": f"/c/{token}/form/{schedule.pk}/"}


def sign_in(page: Any, user: User) -> None:
    browser = Client()
    browser.force_login(user)
    for name, morsel in browser.cookies.items():
        page.context.add_cookies([{"name": name, "value": morsel.value, "domain": "localhost", "path": "/"}])


def test_a_questionnaire_on_a_phone_and_help_at_once(phone: Any, house: dict[str, Any]) -> None:
    phone.goto(house["form"])
    inspect(phone)
    for n in range(1, 10):
        phone.locator(f"input[name='phq-{n}']").nth(1 if n == 9 else 0).check(force=True)
    phone.get_by_role("button", name="Send").click()
    phone.get_by_text("If you checked off any problems").first.wait_for()
    inspect(phone)
    phone.get_by_role("button", name="Send").click()
    phone.get_by_role("alert").wait_for()
    assert "Night line" in phone.get_by_role("alert").inner_text()
    inspect(phone)
    assert Response.objects.filter(sent_at__isnull=False).count() == 3


def test_the_therapists_and_the_clinics_pages(desk: Any, house: dict[str, Any]) -> None:
    sign_in(desk, house["founder"])
    for address in (
        f"/measures/with/{house['jo'].relationship.pk}/", "/measures/", "/measures/use/phq-9/",
        "/measures/use/core-10/wording/", "/measures/alerts/", "/api/docs", "/api/tokens/", "/history/",
    ):  # fmt: skip
        assert desk.goto(address).ok
        inspect(desk)


def test_old_ratings_come_in_with_a_bar_and_go_again(desk: Any, house: dict[str, Any]) -> None:
    sign_in(desk, house["founder"])
    desk.goto("/history/")
    desk.set_input_files(
        "input[type=file]", {"name": "old.csv", "mimeType": "text/csv", "buffer": OLD.encode()}
    )
    desk.locator("input[name=may_keep]").check(force=True)
    desk.get_by_role("button", name="Read the file").click()
    desk.get_by_role("button", name="Go through the file").click()
    desk.get_by_text("What was found").wait_for()
    inspect(desk)
    desk.get_by_role("button", name="Import all 60 rows").click()
    desk.get_by_text("60 sessions are imported").wait_for()
    inspect(desk)
    desk.get_by_role("button", name="Take it all back").click()
    desk.get_by_text("Everything was taken back").wait_for(timeout=20_000)
