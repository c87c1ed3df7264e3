"""Sign-up, sign-in, passkeys and codes: django-allauth's views in Reknit's own pages."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "reknit.practice.doors.accounts"
    label = "accounts_door"

    def ready(self) -> None:
        from reknit.practice.doors.accounts import noted  # noqa: F401  (its receivers)
