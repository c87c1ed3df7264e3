"""The client's own page: what they said, what came of it, and what they decide."""

from __future__ import annotations

import json
import re

import pytest
from django.test import Client as Browser

from reknit.practice import loop
from reknit.practice.homework.models import Homework
from reknit.practice.repairs.models import Agreement, Episode, Learning, Reply

from .conftest import Person


def page(phone: Browser, path: str) -> str:
    response = phone.get(path)
    assert response.status_code == 200
    return response.content.decode()


def test_it_shows_everything_said_and_who_may_see_it(phone: Browser, owner: Person) -> None:
    text = page(phone, owner.at("said"))
    for words in ("Robin therapist_now words", "Robin only_me words", "Robin clinic words"):
        assert words in text
    for who in (
        "May be seen by: My therapist, now",
        "May be seen by: Only me",
        "May be seen by: Only the clinic, not my therapist",
    ):
        assert who in text


def test_it_never_shows_a_trust_estimate_or_applause(phone: Browser, owner: Person) -> None:
    text = page(phone, owner.at()).lower()
    for word in ("estimate", "%", "great job", "well done", "thank you", "congratulations", "score"):
        assert word not in text.split("<body")[1]


def test_who_read_it_is_shown_once_somebody_did(phone: Browser, owner: Person) -> None:
    assert "Mo Berg" not in page(phone, owner.at("readers"))
    assert "nobody yet" in page(phone, owner.at("readers"))
    loop.read_answers(owner.pair.therapist, owner.relationship)
    text = page(phone, owner.at("readers"))
    assert text.count("Ana Ruiz:") == 1  # what is only mine, or the clinic's, was not read


def test_an_audience_can_be_widened_and_not_narrowed(phone: Browser, owner: Person) -> None:
    answer = owner.things["only_me"]
    path = owner.at("widen", pk=answer.pk)
    assert "Robin only_me words" in page(phone, path)
    assert phone.post(path, {"audience": "in_the_room"}).status_code == 303
    answer.refresh_from_db()
    assert answer.audience == "in_the_room"
    assert phone.post(path, {"audience": "only_me"}).status_code == 422
    answer.refresh_from_db()
    assert answer.audience == "in_the_room"


def test_the_lines_of_a_check_in_are_widened_together(phone: Browser, owner: Person) -> None:
    check_in = owner.things["only_me"].check_in
    check_in.answers.exclude(question="words").update(audience="only_me")
    rating = check_in.answers.get(question="trust")
    phone.post(owner.at("widen", pk=rating.pk), {"audience": "therapist_now"})
    widened = check_in.answers.filter(audience="therapist_now").values_list("question", flat=True)
    assert set(widened) == {"understood", "matters", "way", "say", "trust"}


@pytest.mark.parametrize("answer", ["yes", "not_quite", "no"])
def test_a_reply_is_answered_once_in_own_words(phone: Browser, owner: Person, answer: str) -> None:
    reply: Reply = owner.things["reply"]
    path = owner.at("reply", pk=reply.pk)
    assert reply.text in page(phone, path)
    wrong = phone.post(path, {"answer": "", "words": "Only these words"})
    assert wrong.status_code == 422
    assert "Only these words" in wrong.content.decode()
    assert phone.post(path, {"answer": answer, "words": "It was the clock"}).status_code == 303
    reply.refresh_from_db()
    assert (reply.answer, reply.answer_words) == (answer, "It was the clock")
    assert "It was the clock" in page(phone, path)
    late = phone.post(path, {"answer": "yes", "words": "Something else"})
    assert "Something else" in late.content.decode() or (late.status_code == 303 and answer == "yes")
    reply.refresh_from_db()
    assert reply.answer_words == "It was the clock"


def test_a_draft_is_never_shown(phone: Browser, owner: Person) -> None:
    draft = loop.draft_reply(owner.pair.therapist, owner.things["episode"], "A draft for nobody")
    assert phone.get(owner.at("reply", pk=draft.pk)).status_code == 404
    assert "A draft for nobody" not in page(phone, owner.at())
    assert "A draft for nobody" not in page(phone, owner.at("download"))


def test_a_learning_is_confirmed_corrected_or_retired(phone: Browser, owner: Person) -> None:
    learning: Learning = owner.things["learning"]
    path = owner.at("learning", pk=learning.pk)
    assert phone.post(path, {"answer": "right"}).status_code == 303
    learning.refresh_from_db()
    assert learning.state == "confirmed"
    assert phone.post(path, {"answer": "better", "sentence": " "}).status_code == 422
    assert phone.post(path, {"answer": "better", "sentence": "Only in the morning"}).status_code == 303
    learning.refresh_from_db()
    assert (learning.state, learning.sentence) == ("corrected", "Only in the morning")
    assert "Only in the morning" in page(phone, owner.at())
    phone.post(path, {"answer": "no_longer", "sentence": ""})
    learning.refresh_from_db()
    assert learning.state == "retired"
    assert "Only in the morning" not in page(phone, owner.at())


def test_an_agreement_stands_when_the_client_agrees(phone: Browser, owner: Person) -> None:
    agreement: Agreement = owner.things["agreement"]
    path = owner.at("agreement", pk=agreement.pk)
    phone.post(path, {"answer": "accept"})
    agreement.refresh_from_db()
    assert agreement.state == "standing"
    assert phone.post(path, {"answer": "accept"}).status_code == 422
    phone.post(path, {"answer": "done"})
    agreement.refresh_from_db()
    assert agreement.state == "retired"


def test_homework_is_answered_and_later_reported(phone: Browser, owner: Person) -> None:
    homework: Homework = owner.things["homework"]
    path = owner.at("homework", pk=homework.pk)
    phone.post(path, {"answer": "suits", "words": ""})
    homework.refresh_from_db()
    assert homework.state == "suits"
    assert "How did it go?" in page(phone, path)
    phone.post(path, {"done": "yes", "fit": "4", "effort": "", "usefulness": "5", "words": "Quiet there"})
    homework.refresh_from_db()
    assert (homework.state, homework.fit, homework.effort, homework.usefulness) == ("done", 4, None, 5)
    assert homework.how_it_went == "Quiet there"


def test_what_was_said_about_homework_stands_there_and_can_be_added_to(phone: Browser, owner: Person) -> None:
    homework: Homework = owner.things["homework"]
    path = owner.at("homework", pk=homework.pk)
    assert "What you said" not in page(phone, path)
    phone.post(path, {"answer": "change", "words": "Without the river, please"})
    text = page(phone, path)
    assert text.count("Without the river, please") == 2  # said, and in the form to be changed
    assert "You asked for a change" in text
    phone.post(path, {"answer": "suits", "words": ""})
    assert "It does not suit me after all" in page(phone, path)
    phone.post(path, {"done": "yes", "fit": "4", "effort": "", "usefulness": "5", "words": "Quiet there"})
    text = page(phone, path)
    assert "You tried it" in text
    assert re.findall(r"<dd>(\d of 5)</dd>", text) == ["4 of 5", "5 of 5"]
    assert text.count("Quiet there") == 2
    assert len(re.findall(r"<input[^>]* checked", text)) == 3  # tried it, and the two lines
    assert "It does not suit me after all" not in text  # it has been tried
    assert "How did it go?" in page(phone, path + "?again")
    assert "4 of 5" in page(phone, owner.at("everything"))
    phone.post(path, {"done": "yes", "fit": "4", "usefulness": "5", "words": "Quiet there. And cold."})
    homework.refresh_from_db()
    assert homework.how_it_went == "Quiet there. And cold."
    wrong = phone.post(path, {"words": "Only this"})
    assert wrong.status_code == 422
    assert "<summary>Change it" not in wrong.content.decode()  # the form stands open
    assert "Only this" in wrong.content.decode()


def test_an_override_is_shown_with_its_reason_and_the_own_sentence(phone: Browser, owner: Person) -> None:
    homework: Homework = owner.things["homework"]
    homework.override_reason, homework.overridden_sentence = "You asked to try again", "I hate journaling"
    homework.save()
    text = page(phone, owner.at("homework", pk=homework.pk))
    assert "You asked to try again" in text
    assert "I hate journaling" in text
    assert "touches something you said" in page(phone, owner.at())


def test_only_the_client_says_that_it_is_mended(phone: Browser, owner: Person) -> None:
    phone.post(owner.at("reply", pk=owner.things["reply"].pk), {"answer": "yes", "words": ""})
    assert "For me, this is mended" in page(phone, owner.at())
    assert phone.post(owner.at("mended", pk=owner.things["episode"].pk)).status_code == 303
    assert Episode.objects.get(pk=owner.things["episode"].pk).state == "restored"
    again = phone.post(owner.at("mended", pk=owner.things["episode"].pk))
    assert again.status_code == 409
    assert "not possible just now" in again.content.decode()


def test_something_good_can_be_answered(phone: Browser, owner: Person) -> None:
    said = owner.things["acknowledgement"]
    assert said.text in page(phone, owner.at())
    phone.post(owner.at("acknowledgement", pk=said.pk), {"words": "It was hard"})
    said.refresh_from_db()
    assert said.answer_words == "It was hard"


def test_a_concern_goes_past_the_therapist(phone: Browser, owner: Person) -> None:
    path = owner.at("concern", token=owner.check_in)
    assert "Mo Berg" in page(phone, path)
    sent = {"words": "He shouted at me", "reach_me": "Not at home"}
    response = phone.post(path, sent)
    assert "He shouted" not in page(phone, response["Location"])
    assert "He shouted" in page(phone, owner.at("concern"))
    phone.post(path, sent)
    assert owner.relationship.concerns.count() == 1


def test_a_concern_has_nowhere_to_go_in_a_clinic_of_one(phone: Browser, owner: Person) -> None:
    from reknit.practice.people.models import Clinic, Membership

    Membership.objects.exclude(user=owner.relationship.therapist).delete()
    Clinic.objects.update(complaints_contact="The ombudsman: 999")
    text = page(phone, owner.at("concern"))
    assert "The ombudsman" in text
    assert "<textarea" not in text
    response = phone.post(owner.at("concern"), {"words": "He shouted"})
    assert response.status_code == 422
    assert "He shouted" in response.content.decode()


def test_words_sent_to_a_link_that_closed_meanwhile_are_handed_back(phone: Browser, owner: Person) -> None:
    loop.unrecord_session(owner.pair.therapist, owner.session)
    response = phone.post(owner.at(token=owner.check_in), {"words": "I typed <this> for long"})
    assert response.status_code == 404
    assert "I typed &lt;this&gt; for long" in response.content.decode()


def test_everything_can_be_taken_away(phone: Browser, owner: Person) -> None:
    loop.raise_concern(owner.pair.client, "A concern of mine")
    response = phone.get(owner.at("download"))
    assert "attachment" in response["Content-Disposition"]
    data = json.loads(response.content)
    words = {a["words"] for c in data["check_ins"] for a in c["answers"] if a["words"]}
    assert words == {"Robin therapist_now words", "Robin only_me words", "Robin clinic words"}
    assert data["concerns"][0]["words"] == "A concern of mine"
    assert data["replies"][0]["text"] == owner.things["reply"].text
    assert data["learnings"][0]["sentence"] == "Robin hates journaling"
    assert "Kim" not in response.content.decode()


def test_everything_can_be_read_and_kept_as_a_page_that_needs_nothing_else(
    phone: Browser, owner: Person
) -> None:
    loop.raise_concern(owner.pair.client, "A concern of mine")
    shown = page(phone, owner.at("everything"))
    response = phone.get(owner.at("everything") + "?keep")
    assert "attachment" in response["Content-Disposition"]
    kept = response.content.decode()
    for text in (shown, kept):
        for mine in (
            "Robin only_me words",
            "A concern of mine",
            owner.things["reply"].text,
            "Robin hates journaling",
        ):
            assert mine in text
        assert "Kim" not in text
    assert owner.home not in kept  # whoever finds the file must not be able to open the page
    assert not {"href=", "src="} & set(re.findall(r"href=|src=", kept))


def test_a_correction_says_how_firmly_it_is_meant(phone: Browser, owner: Person) -> None:
    learning: Learning = owner.things["learning"]
    path = owner.at("learning", pk=learning.pk)
    softer = {"answer": "right", "sentence": learning.sentence, "strength": "rather_not"}
    assert phone.post(path, softer).status_code == 303
    learning.refresh_from_db()
    assert (learning.state, learning.strength) == ("corrected", "rather_not")


def test_what_is_missing_is_asked_for_in_words_that_say_what_to_do(phone: Browser, owner: Person) -> None:
    for name in ("owed", "concern"):
        page = phone.post(owner.at(name), {"words": ""}).content.decode()
        assert "Please fill this in." in page
        assert "This field is required" not in page
    page = phone.post(owner.at("learning", pk=owner.things["learning"].pk), {}).content.decode()
    assert "Choose one of these." in page


def test_a_correction_says_what_it_hangs_on(phone: Browser, owner: Person) -> None:
    learning: Learning = owner.things["learning"]
    path = owner.at("learning", pk=learning.pk)
    assert "All right only if what?" not in phone.get(path).content.decode()
    Learning.objects.filter(pk=learning.pk).update(polarity="only-if", condition="you ask first")
    page = phone.get(path).content.decode()
    assert "you ask first</textarea>" in page
    assert "How firmly?" not in page
    given = {"answer": "right", "sentence": learning.sentence, "condition": "you ask first, and I have slept"}
    assert phone.post(path, given).status_code == 303
    learning.refresh_from_db()
    assert (learning.state, learning.condition) == ("corrected", "you ask first, and I have slept")


def test_stopping_and_beginning_again(phone: Browser, owner: Person) -> None:
    assert phone.post(owner.at("stop")).status_code == 303
    assert not owner.relationship.consents.filter(withdrawn_at=None).exists()
    text = page(phone, owner.at())
    assert "You have stopped" in text
    assert "Robin only_me words" in text
    assert phone.post(owner.at("check_in", pk=owner.session.pk), {"trust": "5"}).status_code == 422
    phone.post(owner.at("begin"), {"answer": "yes"})
    assert owner.relationship.consents.filter(purpose="check_ins", withdrawn_at=None).exists()


def test_a_new_address_closes_the_old_one(phone: Browser, owner: Person) -> None:
    response = phone.post(owner.at("new_link"))
    assert response.status_code == 303
    assert phone.get(owner.at()).status_code == 404
    text = page(phone, response["Location"])
    assert "Robin only_me words" in text  # the client made it, so nothing closes


def test_times_are_the_clients_own(phone: Browser, owner: Person) -> None:
    from datetime import UTC, datetime, timedelta

    from reknit.practice import clock

    client = owner.relationship.client
    client.time_zone = "Pacific/Auckland"
    client.save()
    at = (clock.now() + timedelta(days=3)).astimezone(UTC).replace(hour=22, minute=30)
    loop.plan_session(owner.pair.therapist, owner.relationship, at)
    assert f"{at.astimezone(client.zone):%H:%M}" in page(phone, owner.at())
    assert isinstance(at, datetime)


def test_the_page_speaks_the_clients_language_and_direction(phone: Browser, owner: Person) -> None:
    client = owner.relationship.client
    client.language = "ar"
    client.save()
    response = phone.get(owner.at(), headers={"accept-language": "en"})
    assert '<html lang="ar" dir="rtl">' in response.content.decode()
    assert response["Content-Language"] == "ar"


def test_a_changed_sentence_is_never_dropped(phone: Browser, owner: Person) -> None:
    learning: Learning = owner.things["learning"]
    path = owner.at("learning", pk=learning.pk)
    unclear = phone.post(path, {"answer": "no_longer", "sentence": "Only aloud"})
    assert unclear.status_code == 422
    assert "Only aloud" in unclear.content.decode()
    phone.post(path, {"answer": "right", "sentence": "Only aloud"})
    learning.refresh_from_db()
    assert (learning.state, learning.sentence) == ("corrected", "Only aloud")
