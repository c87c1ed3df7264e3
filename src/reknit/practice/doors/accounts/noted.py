"""Signing in and out, and every change of how, is noted: on the trail by number; a failure in the log."""

from __future__ import annotations

import logging
from ipaddress import ip_address, ip_network
from typing import Any

from allauth.account.adapter import get_adapter
from allauth.mfa import signals as second_steps
from django.contrib.auth import signals
from django.dispatch import receiver
from django.http import HttpRequest

from reknit.practice.people.models import User
from reknit.practice.trail import record

logger = logging.getLogger("reknit.sign_in")


@receiver(signals.user_logged_in)
def signed_in(user: User, **_more: Any) -> None:
    record(f"user:{user.pk}", "signed_in", "account")


@receiver(signals.user_logged_out)
def signed_out(user: User | None, **_more: Any) -> None:
    if user is not None:
        record(f"user:{user.pk}", "signed_out", "account")


@receiver(signals.user_login_failed)
def failed(request: HttpRequest | None = None, **_more: Any) -> None:
    logger.warning("a sign-in failed from %s", network_of(request))


@receiver(second_steps.authenticator_added)
@receiver(second_steps.authenticator_removed)
@receiver(second_steps.authenticator_reset)
def changed(user: User, authenticator: Any, signal: Any, **_more: Any) -> None:
    names = {
        second_steps.authenticator_added: "added",
        second_steps.authenticator_removed: "removed",
        second_steps.authenticator_reset: "renewed",
    }
    record(f"user:{user.pk}", "changed", f"second_step:{authenticator.type}:{names[signal]}")


def network_of(request: HttpRequest | None) -> str:
    """Where a request came from, as a network: enough to see an attack, too little to follow a person."""
    try:
        address = ip_address(get_adapter().get_client_ip(request) if request else "")
    except ValueError:
        return "unknown"
    bits = 24 if address.version == 4 else 48
    return str(ip_network(f"{address}/{bits}", strict=False))
