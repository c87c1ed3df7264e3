"""Letters to staff: they reveal nothing, and go out once what they are about is safely kept."""

from __future__ import annotations

from django.conf import settings
from django.core.mail import send_mail
from django.db import transaction
from django.utils.translation import gettext as _

from reknit.practice.people.models import User


def tell(user: User, body: str, subject: str = "") -> None:
    """Write to a member of staff after the transaction; a mail server that is away stops nothing."""
    address, heading = user.email, subject or _("Something in Reknit needs you")
    transaction.on_commit(
        lambda: send_mail(heading, body, settings.DEFAULT_FROM_EMAIL, [address], fail_silently=True)
    )
