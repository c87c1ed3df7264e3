"""Where allauth asks Reknit: who may sign up, what a new person becomes, how secrets are kept."""

from __future__ import annotations

from ipaddress import ip_address
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from django.conf import settings
from django.db import transaction
from django.http import HttpRequest
from django.utils.translation import gettext as _

from reknit.practice import loop
from reknit.practice.doors.accounts.invited import invitation_of
from reknit.practice.loop import staff
from reknit.practice.people.models import User
from reknit.practice.vault.fields import close, open_


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """Accounts by e-mail address, opened by the first person or where the installation allows it."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """By invitation, where sign-up is open, and, on a machine nobody else reaches, the first person.

        A house with a public address is opened with the link that `reknit serve` prints.
        """
        if settings.OPEN_SIGNUP or invitation_of(request):
            return True
        return not settings.PUBLIC_URL and _is_here(request) and not User.objects.exists()

    def save_user(self, request: HttpRequest, user: User, form: Any, commit: bool = True) -> User:
        """Store the account and, for somebody who belongs nowhere yet, a practice of their own."""
        user.name = form.cleaned_data.get("name", "")
        with transaction.atomic():
            super().save_user(request, user, form, commit=commit)
            if commit:
                find_place(request, user)
        return user


def _is_here(request: HttpRequest) -> bool:
    """Whether the request came from this machine, whatever host it names."""
    try:
        return ip_address(request.META.get("REMOTE_ADDR", "")).is_loopback
    except ValueError:
        return False


def find_place(request: HttpRequest, user: User) -> None:
    """A new account's place: the clinic that invited it, or a practice of its own."""
    invitation = invitation_of(request)
    if invitation is not None:
        if invitation.clinic is None:
            open_practice(user)
        staff.take_up(user, invitation)
        request.session.pop("invitation", None)
        return
    open_practice(user)


def open_practice(user: User) -> None:
    """Make ``user``, if they belong to no clinic, therapist and lead of a new clinic of one."""
    if user.memberships.exists():
        return
    loop.open_clinic(user, _("Practice of %(name)s") % {"name": user})


class SocialAccountAdapter(DefaultSocialAccountAdapter):  # type: ignore[misc]
    """The clinic's own identity provider: known accounts always, new ones where sign-up is open."""

    def is_open_for_signup(self, request: HttpRequest, sociallogin: Any) -> bool:
        invitation = invitation_of(request)
        if invitation is not None and invitation.clinic is not None:
            return bool((sociallogin.user.email or "").lower() == invitation.email)
        return AccountAdapter(request).is_open_for_signup(request)

    def populate_user(self, request: HttpRequest, sociallogin: Any, data: dict[str, Any]) -> User:
        user: User = super().populate_user(request, sociallogin, data)
        parts = (data.get("first_name"), data.get("last_name"))
        user.name = data.get("name") or " ".join(part for part in parts if part)
        return user

    def save_user(self, request: HttpRequest, sociallogin: Any, form: Any = None) -> User:
        with transaction.atomic():
            user: User = super().save_user(request, sociallogin, form)
            find_place(request, user)
        return user


class MFAAdapter(DefaultMFAAdapter):  # type: ignore[misc]
    """The seeds of one-time codes are secrets: the vault keeps them closed."""

    def encrypt(self, text: str) -> str:
        return close(text.encode("utf-8"), "records").decode("ascii")

    def generate_authenticator_name(self, user: User, type: Authenticator.Type) -> str:
        """The name that is suggested for a new passkey."""
        number = Authenticator.objects.filter(user=user, type=type).count() + 1
        return _("My device") if number == 1 else _("My device, number %(number)d") % {"number": number}

    def decrypt(self, encrypted_text: str) -> str:
        return open_(encrypted_text.encode("ascii"), "records").decode("utf-8")
