"""Inviting, giving and ending roles; nobody raises themself; the last one stays; the way back in."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.core import mail
from django.core.exceptions import PermissionDenied
from django.test import Client

from reknit.practice import clock, loop
from reknit.practice.loop import NotNow, staff
from reknit.practice.people.access import Visitor
from reknit.practice.people.models import Clinic, Invitation, Membership, Role, User
from reknit.practice.trail import verify
from reknit.practice.trail.models import Entry

pytestmark = pytest.mark.django_db
PASSWORD = "quiet-river-under-stones"


@pytest.fixture
def lead() -> User:
    return User.objects.create_user("lead@example.org", PASSWORD, name="A Lead")


@pytest.fixture
def clinic(lead: User) -> Clinic:
    return loop.open_clinic(lead, "The clinic", crisis_contacts="Helpline: 112")


def member(clinic: Clinic, *roles: Role, email: str = "") -> User:
    user = User.objects.create_user(email or f"a.{'-'.join(roles)}@example.org", PASSWORD, name=str(roles[0]))
    for role in roles:
        Membership.objects.create(user=user, clinic=clinic, role=role)
    return user


def browser(user: User) -> Client:
    client = Client()
    client.post("/accounts/login/", {"login": user.email, "password": PASSWORD})
    assert "_auth_user_id" in client.session
    return client


def invite(by: Client, email: str = "new@example.org", roles: tuple[str, ...] = ("therapist",)) -> Any:
    return by.post("/clinic/people/", {"email": email, "name": "Somebody New", "roles": roles})


def link_in(response: Any) -> str:
    found = re.search(r"/accounts/invitation/[\w-]+/", response.content.decode())
    assert found
    return found[0]


def roles_of(user: User, clinic: Clinic) -> set[str]:
    return set(Membership.objects.filter(user=user, clinic=clinic).values_list("role", flat=True))


def test_an_invitation_that_lacks_something_says_what_to_do(lead: User, clinic: Clinic) -> None:
    page = invite(browser(lead), email="", roles=()).content.decode()
    assert "Tick at least one: what they will be here." in page
    assert "Write their e-mail address." in page
    assert "This field is required" not in page
    assert "Somebody New" in page


def test_a_lead_invites_and_the_person_comes_in_once(lead: User, clinic: Clinic) -> None:
    link = link_in(invite(browser(lead), roles=("therapist", "supervisor")))
    token = link.split("/")[-2]
    assert token not in str(list(Invitation.objects.values()))
    guest = Client()
    page = guest.get(link).content.decode()
    assert "The clinic invites you" in page
    assert "supervisor" in page
    assert guest.post(link, follow=True).redirect_chain[-1][0] == "/accounts/signup/"
    guest.post(
        "/accounts/signup/", {"name": "Somebody New", "email": "other@example.org", "password1": PASSWORD}
    )
    person = User.objects.get(email="new@example.org")  # what was typed over the address is ignored
    assert roles_of(person, clinic) == {"therapist", "supervisor"}
    assert Clinic.objects.count() == 1
    assert Client().get(link).status_code == 404
    verbs = set(Entry.objects.filter(chain="house").values_list("verb", flat=True))
    assert {"invited", "accepted"} <= verbs
    assert verify() == []


def test_with_a_mail_server_the_link_goes_by_letter_and_is_shown_nowhere(
    lead: User, clinic: Clinic, settings: Any
) -> None:
    settings.EMAIL_HOST, settings.PUBLIC_URL = "mail.example.org", "https://reknit.example.org"
    answer = invite(browser(lead))
    assert answer.status_code == 302
    assert "/accounts/invitation/" not in browser(lead).get("/clinic/people/").content.decode()
    link = re.search(r"https://reknit\.example\.org(/accounts/invitation/\S+)", str(mail.outbox[-1].body))
    assert link
    assert mail.outbox[-1].to == ["new@example.org"]
    guest = Client()
    guest.post(link[1])
    guest.post("/accounts/signup/", {"name": "N", "email": "new@example.org", "password1": PASSWORD})
    address = User.objects.get(email="new@example.org").emailaddress_set.get()  # type: ignore[attr-defined]
    assert address.verified


def test_sent_again_the_old_link_is_dead_and_revoked_the_new_one_too(lead: User, clinic: Clinic) -> None:
    by = browser(lead)
    first = link_in(invite(by))
    invitation = Invitation.objects.get()
    second = link_in(by.post(f"/clinic/invitations/{invitation.pk}/again/"))
    assert Client().get(first).status_code == 404
    assert Client().get(second).status_code == 200
    by.post(f"/clinic/invitations/{invitation.pk}/revoke/")
    assert Client().get(second).status_code == 404


def test_an_invitation_grows_old(lead: User, clinic: Clinic) -> None:
    link = link_in(invite(browser(lead)))
    with clock.at(clock.now() + timedelta(days=7, minutes=1)):
        assert Client().get(link).status_code == 404
        assert "too old" in browser(lead).get("/clinic/people/").content.decode()


def test_somebody_elses_account_cannot_take_it_up(lead: User, clinic: Clinic) -> None:
    link = link_in(invite(browser(lead)))
    other = User.objects.create_user("other@example.org", PASSWORD)
    answer = browser(other).post(link)
    assert answer.status_code == 409
    assert "another address" in answer.content.decode()
    assert not other.memberships.exists()


def test_somebody_with_an_account_signs_in_and_accepts(lead: User, clinic: Clinic) -> None:
    known = User.objects.create_user("new@example.org", PASSWORD)
    link = link_in(invite(browser(lead)))
    guest = Client()
    assert "/accounts/login/?next=" in guest.post(link)["Location"]
    inside = browser(known)
    assert inside.post(link).status_code == 302
    assert roles_of(known, clinic) == {"therapist"}


def test_an_invitation_by_somebody_who_was_since_let_go_is_dead(lead: User, clinic: Clinic) -> None:
    other = member(clinic, Role.LEAD)
    link = link_in(invite(browser(other), roles=("lead",)))
    staff.end_role(Visitor(user=lead), clinic, other, Role.LEAD)
    known = User.objects.create_user("new@example.org", PASSWORD)
    assert browser(known).post(link).status_code == 409
    assert not known.memberships.exists()


@pytest.mark.parametrize("role", Role)
def test_nobody_gives_themself_a_role(lead: User, clinic: Clinic, role: Role) -> None:
    with pytest.raises(PermissionDenied):
        staff.give_role(Visitor(user=lead), clinic, lead, role)
    answer = browser(lead).post(f"/clinic/people/{lead.pk}/change/", {"step": "give", "role": role})
    assert answer.status_code == 403


@pytest.mark.parametrize("role", [Role.LEAD, Role.SAFEGUARDING, Role.RESEARCHER])
def test_an_administrator_gives_nothing_that_opens_what_clients_said(clinic: Clinic, role: Role) -> None:
    administrator, other = member(clinic, Role.ADMINISTRATOR), member(clinic, Role.THERAPIST)
    by = browser(administrator)
    assert invite(by, roles=(role.value,)).status_code == 422
    answer = by.post(f"/clinic/people/{other.pk}/change/", {"step": "give", "role": role})
    assert answer.status_code == 403
    assert not Membership.objects.filter(clinic=clinic, role=role).exclude(user__email="lead@example.org")
    with pytest.raises(PermissionDenied):
        staff.invite(Visitor(user=administrator), clinic, email="me2@example.org", roles=[role])


def test_an_administrator_cannot_reset_the_second_step_of_a_lead(lead: User, clinic: Clinic) -> None:
    administrator = member(clinic, Role.ADMINISTRATOR)
    Authenticator.objects.create(user=lead, type="totp", data={})
    answer = browser(administrator).post(f"/clinic/people/{lead.pk}/change/", {"step": "reset"})
    assert answer.status_code == 403
    assert Authenticator.objects.filter(user=lead).exists()


@pytest.mark.parametrize("role", [Role.SUPERVISOR, Role.SAFEGUARDING, Role.RESEARCHER, Role.THERAPIST])
def test_only_leads_and_administrators_look_after_people(clinic: Clinic, role: Role) -> None:
    by = browser(member(clinic, role))
    assert by.get("/clinic/people/").status_code == 403
    assert invite(by).status_code == 403


def test_a_lead_of_one_clinic_decides_nothing_in_another(lead: User, clinic: Clinic) -> None:
    stranger = User.objects.create_user("stranger@example.org", PASSWORD)
    elsewhere = loop.open_clinic(stranger, "Elsewhere")
    there = member(elsewhere, Role.THERAPIST)
    by = browser(lead)
    assert by.get(f"/clinic/people/{there.pk}/").status_code == 404
    assert by.post(f"/clinic/people/{there.pk}/change/", {"step": "sign_out"}).status_code == 404
    invitation, _token = staff.invite(
        Visitor(user=stranger), elsewhere, email="x@example.org", roles=["therapist"]
    )
    assert by.post(f"/clinic/invitations/{invitation.pk}/revoke/").status_code == 404


@pytest.mark.parametrize("role", staff.NEVER_NONE)
def test_the_last_one_stays_until_there_is_another(lead: User, clinic: Clinic, role: Role) -> None:
    Membership.objects.get_or_create(user=lead, clinic=clinic, role=role)
    with pytest.raises(NotNow):
        staff.end_role(Visitor(user=lead), clinic, lead, role)
    away = member(clinic, role)
    away.is_active = False  # somebody who cannot sign in does not count
    away.save()
    with pytest.raises(NotNow):
        staff.end_role(Visitor(user=lead), clinic, lead, role)
    away.is_active = True
    away.save()
    staff.end_role(Visitor(user=lead), clinic, lead, role)
    assert role not in roles_of(lead, clinic)


def test_a_role_that_ended_opens_nothing_any_more(
    lead: User, clinic: Clinic, django_capture_on_commit_callbacks: Any
) -> None:
    guardian = member(clinic, Role.SAFEGUARDING)
    member(clinic, Role.SAFEGUARDING, email="second@example.org")
    theirs = browser(guardian)
    assert theirs.get("/clinic/concerns/").status_code == 200
    with django_capture_on_commit_callbacks(execute=True):
        browser(lead).post(
            f"/clinic/people/{guardian.pk}/change/", {"step": "end", "role": Role.SAFEGUARDING}
        )
    assert theirs.get("/clinic/concerns/").status_code == 302  # nothing left here: signed out as well
    assert "no longer safeguarding" in str(mail.outbox[-1].body)
    ended = Entry.objects.get(verb="ended_role")
    assert (ended.actor, ended.detail) == (f"user:{lead.pk}", "safeguarding")


def test_a_lost_second_step_is_taken_away_with_a_letter_and_a_line_on_the_trail(
    lead: User, clinic: Clinic, django_capture_on_commit_callbacks: Any
) -> None:
    therapist = member(clinic, Role.THERAPIST)
    theirs = browser(therapist)
    Authenticator.objects.create(user=therapist, type="totp", data={})
    with django_capture_on_commit_callbacks(execute=True):
        browser(lead).post(f"/clinic/people/{therapist.pk}/change/", {"step": "reset"})
    assert not Authenticator.objects.filter(user=therapist).exists()
    assert theirs.get("/practice/").status_code == 302
    assert mail.outbox[-1].to == [therapist.email]
    assert Entry.objects.filter(verb="reset_second_step", actor=f"user:{lead.pk}").count() == 1
    browser(therapist)  # and in again with the password


def test_one_sees_where_one_is_signed_in_and_ends_the_rest(lead: User, clinic: Clinic) -> None:
    here, there = browser(lead), browser(lead)
    page = here.get("/accounts/sessions/").content.decode()
    assert "Here you stay signed in until" in page
    assert page.count("Another browser") == 1
    here.post("/accounts/sessions/")
    assert there.get("/practice/").status_code == 302
    assert here.get("/practice/").status_code == 200
    assert UserSession.objects.filter(user=lead).count() == 1


def test_a_stolen_laptop_is_signed_out_by_the_lead(lead: User, clinic: Clinic) -> None:
    therapist = member(clinic, Role.THERAPIST)
    theirs = browser(therapist)
    browser(lead).post(f"/clinic/people/{therapist.pk}/change/", {"step": "sign_out"})
    assert theirs.get("/practice/").status_code == 302


def test_a_house_with_a_public_address_is_opened_with_its_key_alone(settings: Any) -> None:
    settings.PUBLIC_URL = "https://reknit.example.org"
    first = {"name": "First", "email": "first@example.org", "password1": PASSWORD}
    Client().post("/accounts/signup/", first)
    assert not User.objects.exists()
    token = staff.key_to_an_empty_house()
    assert token
    again = staff.key_to_an_empty_house()  # started anew: the earlier key is dead
    assert Client().get(f"/accounts/invitation/{token}/").status_code == 404
    guest = Client()
    guest.post(f"/accounts/invitation/{again}/")
    guest.post("/accounts/signup/", first)
    user = User.objects.get()
    assert roles_of(user, Clinic.objects.get()) == {"therapist", "lead", "administrator"}
    assert staff.key_to_an_empty_house() is None
    assert Client().get(f"/accounts/invitation/{again}/").status_code == 404


def test_serving_an_empty_house_prints_the_key_and_a_full_one_nothing(
    capsys: pytest.CaptureFixture[str], settings: Any
) -> None:
    from reknit.practice.launch import _say_how_to_begin

    settings.PUBLIC_URL = "https://reknit.example.org"
    _say_how_to_begin("http://127.0.0.1:8000")
    link = re.search(r"https://reknit\.example\.org(/accounts/invitation/\S+)", capsys.readouterr().out)
    assert link
    assert "Open the first account" in Client().get(link[1]).content.decode()
    User.objects.create_user("first@example.org", PASSWORD)
    _say_how_to_begin("http://127.0.0.1:8000")
    assert capsys.readouterr().out == ""
