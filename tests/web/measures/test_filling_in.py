"""The client fills in a questionnaire: nothing lost, nothing doubled, branches open, locked words stay."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from reknit.measures import load
from reknit.practice.demo.stage import hold
from reknit.practice.doors.client import questionnaire_forms
from reknit.practice.loop import questionnaires as steps
from reknit.practice.people.models import Membership, Role
from reknit.practice.questionnaires.models import Response, RiskAlert
from reknit.practice.trail.models import Entry

NEVER, SOME, HALF, DAILY = "LA6568-5", "LA6569-3", "LA6570-1", "LA6571-9"
KEYS = [f"phq-{n}" for n in range(1, 10)]


def phq(answer: str = NEVER, **given: str) -> dict[str, str]:
    return dict.fromkeys(KEYS, answer) | {"shown": " ".join(["stem", *KEYS, "difficulty"])} | given


def form(home: str, schedule) -> str:
    return f"{home}form/{schedule.pk}/"


def ticked(page: str, name: str = "") -> list[str]:
    """The radio buttons that are already chosen."""
    return re.findall(rf'<input[^>]*name="{name}[^>]*\schecked', page)


def test_all_nine_questions_as_published_with_their_anchors(client, home, scheduled):
    page = client.get(form(home, scheduled)).content.decode()
    for item in load("phq_9").leading.items:
        assert item.text.replace("'", "&#x27;") in page
    for anchor in ("Not at all", "Several days", "More than half the days", "Nearly every day"):
        assert page.count(anchor) == 9
    assert "Developed by Drs. Robert L. Spitzer" in page
    assert "If you checked off any problems" not in page
    assert "Robin reads your answers" in page
    assert "Guard at the clinic is told straight away and looks at it within 4 hours" in page


def test_what_is_sent_is_there_once(client, home, scheduled):
    for _twice in range(2):
        answer = client.post(form(home, scheduled), phq(NEVER), follow=True)
    response = Response.objects.get()
    assert response.sent_at
    assert response.values == dict.fromkeys(KEYS, 0.0)
    assert answer.status_code == 404  # nothing waits any more


def test_an_answer_that_opens_a_question_brings_the_form_back_and_keeps_everything(client, home, scheduled):
    given = {**phq(NEVER), "phq-2": HALF, "shown": " ".join(["stem", *KEYS])}
    page = client.post(form(home, scheduled), given)
    assert "If you checked off any problems" in page.content.decode()
    assert Response.objects.get().sent_at is None
    client.post(form(home, scheduled), {**phq(NEVER), "phq-2": HALF, "difficulty": "LA6573-5"})
    response = Response.objects.get()
    assert response.sent_at
    assert response.values["difficulty"] == 1.0


def test_a_branch_that_closes_again_takes_its_answer_with_it(client, home, scheduled):
    client.post(
        form(home, scheduled), {**phq(SOME, **{"phq-9": NEVER}), "difficulty": "LA6573-5", "keep": "yes"}
    )
    client.post(form(home, scheduled), {**phq(NEVER), "difficulty": "LA6573-5"})
    assert Response.objects.get().values == dict.fromkeys(KEYS, 0.0)


def test_partial_answers_are_kept_and_come_back(client, home, scheduled):
    page = client.post(form(home, scheduled), {"phq-1": DAILY, "shown": "phq-1", "keep": "yes"}, follow=True)
    assert "It is kept" in page.content.decode()
    page = client.get(form(home, scheduled)).content.decode()
    assert len(ticked(page)) == 1
    client.post(form(home, scheduled), {**phq(NEVER, **{"phq-1": ""}), "anyway": "yes"})
    assert "phq-1" not in Response.objects.get().values  # taken back on the page that showed it


def test_a_check_ins_link_keeps_but_never_shows_what_was_filled_in(client, check_in_link, scheduled):
    address = form(check_in_link, scheduled)
    client.post(address, {"phq-1": DAILY, "shown": "phq-1", "keep": "yes"})
    page = client.get(address).content.decode()
    assert not ticked(page)
    assert "You have begun this already" in page


def test_open_questions_are_asked_about_once_and_may_stay_open(client, home, scheduled):
    some = {"phq-1": NEVER, "shown": phq()["shown"]}
    page = client.post(form(home, scheduled), some)
    assert "8 questions have no answer" in page.content.decode()
    assert Response.objects.get().sent_at is None
    client.post(form(home, scheduled), {**some, "anyway": "yes"})
    response = Response.objects.get()
    assert response.sent_at
    assert load("phq_9").score(response.values) is None


@pytest.mark.parametrize("value", ["3", "LA6572-7", "x" * 5000, "<script>"])
def test_an_answer_that_is_not_on_the_form_is_refused_and_nothing_is_kept(client, home, scheduled, value):
    assert client.post(form(home, scheduled), phq(NEVER, **{"phq-1": value})).status_code == 422
    assert not Response.objects.exists()


def test_only_what_waits_can_be_opened(client, home, scheduled, other, phq, now):
    theirs = steps.schedule_measure(other.therapist, other.relationship, "phq-9", every=1)
    hold(other, now - timedelta(days=1))
    assert client.get(form(home, theirs)).status_code == 404
    assert client.get(form("/c/nobody/", scheduled)).status_code == 404


def test_nothing_waits_without_consent_or_after_two_weeks(jo, scheduled, now):
    from reknit.practice import clock, loop

    assert [due.schedule for due in steps.what_waits(jo.client)] == [scheduled]
    with clock.at(now + timedelta(days=13)):
        assert not steps.what_waits(jo.client)
    loop.withdraw_consent(jo.client)
    jo.relationship.refresh_from_db()
    assert not steps.what_waits(jo.client)


@pytest.mark.parametrize(
    ("every", "first", "expected"),
    [(1, 1, {1, 2, 3, 4, 5, 6}), (2, 1, {1, 3, 5}), (3, 2, {2, 5}), (None, 4, {4})],
)
def test_it_is_asked_every_so_many_sessions_held(jo, phq, now, every, first, expected):
    steps.schedule_measure(jo.therapist, jo.relationship, "phq-9", every=every, first=first)
    asked = set()
    for place in range(1, 7):
        session = hold(jo, now - timedelta(days=13 - place))
        asked |= {place for due in steps.what_waits(jo.client) if due.session == session}
    assert asked == expected


def test_locked_words_stay_as_published_and_ours_are_translated(
    client, home, jo, clinic, lead, scheduled, monkeypatch
):
    monkeypatch.setattr(questionnaire_forms, "gettext", lambda text: f"TRANSLATED {text}")
    page = client.get(form(home, scheduled)).content.decode()
    assert "TRANSLATED" not in page
    assert "Feeling tired or having little energy" in page
    steps.choose_measure(lead, clinic, "reknit-self-trust", is_on=True)
    ours = steps.schedule_measure(jo.therapist, jo.relationship, "reknit-self-trust", every=1)
    assert "TRANSLATED I can make up my mind" in client.get(form(home, ours)).content.decode()


def test_goals_carry_over_on_the_clients_own_page(client, home, jo, clinic, lead, now):
    steps.choose_measure(lead, clinic, "reknit-goals", is_on=True)
    goals = steps.schedule_measure(jo.therapist, jo.relationship, "reknit-goals", every=1)
    hold(jo, now - timedelta(days=9))
    given = {"goal-1": "sleep through", "near-1": "3", "shown": "stem goal-1 near-1 goal-2", "anyway": "yes"}
    client.post(form(home, goals), given)
    hold(jo, now - timedelta(days=2))
    page = client.get(form(home, goals)).content.decode()
    assert "sleep through" in page
    assert not ticked(page, "near")  # the words stay, the rating is asked anew
    kept = Response.objects.get()
    assert kept.words == {"goal-1": "sleep through"}
    raw = kept.answers.model.objects.raw("select id, words as raw from questionnaires_responseanswer")
    assert all("sleep" not in (row.raw or "") for row in raw)  # encrypted at rest


def test_each_audience_is_kept_to(client, home, jo, other, clinic, lead, now):
    steps.choose_measure(lead, clinic, "reknit-clinic-trust", is_on=True)
    trust = steps.schedule_measure(jo.therapist, jo.relationship, "reknit-clinic-trust", every=1)
    hold(jo, now - timedelta(days=2))
    keys = [item.key for item in load("clinic_trust").questions]
    client.post(
        form(home, trust), {**dict.fromkeys(keys, "7"), "shown": " ".join(keys), "audience": "clinic"}
    )
    assert Response.objects.get().sent_at
    seen = {
        name: steps.read_responses(who, jo.relationship).exists()
        for name, who in {
            "client": jo.client,
            "therapist": jo.therapist,
            "lead": lead,
            "other": other.therapist,
        }.items()
    }
    assert seen == {"client": True, "therapist": False, "lead": True, "other": False}
    Membership.objects.create(user=jo.therapist.user, clinic=clinic, role=Role.LEAD)
    assert not steps.read_responses(jo.therapist, jo.relationship).exists(), "a lead's own clients' words"


def test_danger_shows_help_at_once_and_alerts_once(client, home, scheduled, guard, mailoutbox,
                                                   django_capture_on_commit_callbacks):  # fmt: skip
    address = form(home, scheduled)
    with django_capture_on_commit_callbacks(execute=True):
        page = client.post(
            address, {"phq-9": SOME, "shown": "phq-9", "keep": "yes"}, follow=True
        ).content.decode()
    assert page.index("Night line") < page.index("It is kept")
    assert "Guard" in page
    alert = RiskAlert.objects.get()
    assert (alert.owner, alert.value) == (guard, 1.0)
    assert [letter.to for letter in mailoutbox] == [[guard.email]]
    assert "Jo" not in mailoutbox[0].body + mailoutbox[0].subject
    client.post(address, {**phq(SOME), "anyway": "yes"})
    assert RiskAlert.objects.count() == 1
    assert Entry.objects.filter(verb="alerted").count() == 1


def test_no_danger_no_alert(client, home, scheduled):
    page = client.post(
        form(home, scheduled), {**phq(DAILY, **{"phq-9": NEVER}), "anyway": "yes"}, follow=True
    )
    assert "You do not have to be alone" not in page.content.decode()
    assert not RiskAlert.objects.exists()


def test_it_is_in_all_that_the_client_may_read_and_take_away(client, home, scheduled):
    client.post(form(home, scheduled), phq(NEVER))
    item = load("phq_9").leading.items[0].text.replace("'", "&#x27;")
    for address in (f"{home}everything/", f"{home}everything/?keep"):
        page = client.get(address).content.decode()
        assert item in page
        assert page.count("Not at all") == 9
    taken = client.get(f"{home}download/").json()["questionnaires"]
    assert [{a["question"]: a["value"] for a in each["answers"]} for each in taken] == [
        dict.fromkeys(KEYS, 0.0)
    ]
