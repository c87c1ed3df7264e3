"""A question about a session is answered; what goes well is said."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.test import Client

from reknit.practice import clock, loop
from reknit.practice.insight.estimates import curve
from reknit.practice.insight.sentences import reason_sentences

from .conftest import NOW, WEEK


def test_an_alert_is_a_question_with_reasons_doubt_and_honesty(desk: Client, jo: Any, home: str) -> None:
    page = desk.get(home).content.decode()
    assert "Might something have hurt in session 3?" in page
    reasons = reason_sentences(jo.relationship.alerts.get().reasons)
    assert reasons
    assert all(reason in page for reason in reasons)
    assert "this is only a question" in page
    assert "three clients in ten" in page


def test_it_says_when_that_was_and_does_not_ask_about_what_is_unlikely_to_be_much(
    desk: Client, jo: Any, home: str
) -> None:
    alert = jo.relationship.alerts.get()
    alert.probability = 0.31
    alert.save()
    page = desk.get(home).content.decode()
    assert 'session 3? <span class="soft">Tuesday 17 March</span>' in page
    assert "It may well be nothing." in page
    assert "not likely" not in page
    alert.probability = 0.7
    alert.save()
    assert "It is likely that something happened." in desk.get(home).content.decode()


def test_no_question_comes_up_about_a_session_long_past(jo: Any) -> None:
    jo.relationship.alerts.all().delete()
    points = curve(jo.relationship)
    with clock.at(NOW + 9 * WEEK):
        assert loop.noticing.notice(jo.relationship, points) == []
    assert len(loop.noticing.notice(jo.relationship, points)) == 1


def test_it_can_be_put_off_and_asks_again(desk: Client, jo: Any, home: str) -> None:
    alert = jo.relationship.alerts.get()
    desk.post(f"/practice/questions/{alert.pk}/", {"answer": "later"})
    alert.refresh_from_db()
    assert alert.snoozed_until == date(2026, 3, 31)
    assert "Might something have hurt" not in desk.get(home).content.decode()
    with clock.at(NOW + WEEK):
        assert "Might something have hurt" in desk.get(home).content.decode()


def test_the_therapist_may_know_better(desk: Client, jo: Any, home: str) -> None:
    alert = jo.relationship.alerts.get()
    asked = desk.post(f"/practice/questions/{alert.pk}/", {"answer": "no", "from": "today"}, follow=True)
    assert "You know them best." in asked.content.decode()
    alert.refresh_from_db()
    assert alert.state == "not_a_rupture"


def test_looking_into_it_opens_an_episode_about_that_session(desk: Client, jo: Any, last: Any) -> None:
    alert = jo.relationship.alerts.get()
    asked = desk.post(f"/practice/questions/{alert.pk}/", {"answer": "episode"})
    episode = jo.relationship.episodes.get()
    assert asked["Location"] == f"/practice/episodes/{episode.pk}/"
    assert (episode.origin, episode.session, episode.check_in) == ("alert", last, last.check_in)


def test_an_unknown_answer_changes_nothing(desk: Client, jo: Any) -> None:
    alert = jo.relationship.alerts.get()
    desk.post(f"/practice/questions/{alert.pk}/", {"answer": "perhaps"})
    alert.refresh_from_db()
    assert alert.state == "open"


def test_something_good_is_said_and_answered(desk: Client, jo: Any, home: str) -> None:
    assert desk.post(f"{home}good/", {"text": "  "}).status_code == 422
    desk.post(f"{home}good/", {"text": "You said the hard thing."})
    said = jo.relationship.acknowledgements.get()
    loop.answer_acknowledgement(jo.client, said, "It was worth it.")
    page = desk.get(home).content.decode()
    assert "You said the hard thing." in page
    assert "It was worth it." in page


def test_a_relationship_ends_and_begins_again(desk: Client, jo: Any, home: str) -> None:
    assert desk.post(f"{home}ending/", {}).status_code == 422
    page = desk.post(f"{home}ending/", {"ending": "ended_well"}, follow=True).content.decode()
    assert "ended well, or referred on, today." in page
    assert "What you would like to propose" not in page
    jo.relationship.refresh_from_db()
    assert jo.relationship.ended_on == date(2026, 3, 24)
    desk.post(f"{home}ending/", {"ending": "running"})
    jo.relationship.refresh_from_db()
    assert jo.relationship.ended_on is None
