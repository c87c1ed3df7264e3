"""Letters to staff: they reveal nothing, and go out once what they are about is safely kept."""

from __future__ import annotations

from django.conf import settings
from django.core.mail import send_mail
from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext, gettext_noop

from reknit.practice.languages import language_for
from reknit.practice.people.models import User


def tell(
    user: User, body: str, subject: str = gettext_noop("Something in Reknit needs you"), **parts: object
) -> None:
    """Write to a member of staff after the transaction; a mail server that is away stops nothing.

    `body`, with its `parts`, and `subject` are given in English (`gettext_noop`): whoever does the step may
    be a client who speaks another language than the one the letter goes to.
    """
    with translation.override(language_for(user)):
        heading, text = gettext(subject), gettext(body) % parts if parts else gettext(body)
    address = user.email
    transaction.on_commit(
        lambda: send_mail(heading, text, settings.DEFAULT_FROM_EMAIL, [address], fail_silently=True)
    )
