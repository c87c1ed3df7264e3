"""Every setting of the practice, from the environment.

Nothing needs to be set: without a word Reknit keeps one folder (``REKNIT_HOME``) with its database, its keys
and its mail, and listens to this machine alone. A clinic sets ``REKNIT_URL`` (its public https address) and
``DATABASE_URL``; `docs/deployment.md` lists the rest.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import dj_database_url
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

from reknit.practice.home import home
from reknit.practice.vault.rings import create_missing_rings, read_or_create_secret


def _flag(name: str, default: bool = False) -> bool:
    word = os.environ.get(name, "").strip().lower()
    if word not in ("", "0", "1", "no", "yes", "false", "true", "off", "on"):
        raise ImproperlyConfigured(f"{name} must be 1 or 0, not {word!r}")
    return word in ("1", "yes", "true", "on") if word else default


def _whole(name: str, default: int) -> int:
    word = os.environ.get(name, "").strip()
    if word and not word.isdecimal():
        raise ImproperlyConfigured(f"{name} must be a whole number, not {word!r}")
    return int(word) if word else default


def _list(name: str) -> list[str]:
    return [item.strip() for item in os.environ.get(name, "").split(",") if item.strip()]


# --- Where things are -----------------------------------------------------------------------------

PRACTICE = Path(__file__).resolve().parent
HOME = home()
HOME.mkdir(mode=0o700, parents=True, exist_ok=True)
VAULT_KEYS = HOME / "keys"
VAULT_JSON = {"mfa.Authenticator.data": "records"}  # JSON columns with closed values inside, and their ring
create_missing_rings(VAULT_KEYS)
SECRET_KEY = os.environ.get("REKNIT_SECRET_KEY") or read_or_create_secret(VAULT_KEYS / "secret.key")

DEBUG = _flag("REKNIT_DEBUG")
DEMONSTRATION = _flag("REKNIT_DEMONSTRATION")
OPEN_SIGNUP = _flag("REKNIT_OPEN_SIGNUP", default=DEMONSTRATION)

# --- The public address, and what follows from it -------------------------------------------------

PUBLIC_URL = os.environ.get("REKNIT_URL", "").strip().rstrip("/")
_address = urlsplit(PUBLIC_URL or "http://127.0.0.1:8000")
if _address.scheme not in ("http", "https") or not _address.hostname:
    raise ImproperlyConfigured(f"REKNIT_URL must look like https://reknit.example.org, not {PUBLIC_URL!r}")
TLS = _address.scheme == "https"
TRUSTED_PROXIES = _whole("REKNIT_TRUSTED_PROXIES", 1 if TLS else 0)

ALLOWED_HOSTS = [_address.hostname, "localhost", "127.0.0.1", "[::1]", *_list("REKNIT_HOSTS")]
CSRF_TRUSTED_ORIGINS = [f"{_address.scheme}://{_address.netloc}"]
if TRUSTED_PROXIES:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

# --- The parts of the house -----------------------------------------------------------------------

INSTALLED_APPS = [
    "reknit.practice.doors.common",
    "reknit.practice.doors.accounts",
    "reknit.practice.doors.client",
    "reknit.practice.doors.therapist",
    "reknit.practice.doors.clinic",
    "reknit.practice.doors.measures",
    "reknit.practice.doors.api",
    "reknit.practice.doors.history",
    "reknit.practice.doors.smart",
    "reknit.practice.doors.supervision",
    "reknit.practice.rights",
    "reknit.practice.insight",
    "reknit.practice.supervision",
    "reknit.practice.concerns",
    "reknit.practice.owed",
    "reknit.practice.repairs",
    "reknit.practice.questionnaires",
    "reknit.practice.checkins",
    "reknit.practice.homework",
    "reknit.practice.appointments",
    "reknit.practice.people",
    "reknit.practice.trail",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django.forms",
    "django_htmx",
    "csp",
    "allauth",
    "allauth.account",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "allauth.mfa",
    "allauth.usersessions",
]

MIDDLEWARE = [
    "reknit.practice.metrics.counted",
    "django.middleware.security.SecurityMiddleware",
    "reknit.practice.headers.quiet_headers",
    "reknit.practice.headers.not_too_large",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "reknit.practice.languages.speak",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "reknit.practice.doors.accounts.staying.stays",
    "django_htmx.middleware.HtmxMiddleware",
]

ROOT_URLCONF = "reknit.practice.urls"
WSGI_APPLICATION = "reknit.practice.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    }
]
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"

# --- The database: one file, or a clinic's PostgreSQL ---------------------------------------------

DATABASE_URL = os.environ.get("DATABASE_URL", "").strip()
if DATABASE_URL:
    DATABASES: dict[str, Any] = {
        "default": dj_database_url.parse(DATABASE_URL, conn_max_age=None, conn_health_checks=True)
    }
else:
    DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": HOME / "reknit.sqlite3"}}

if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    # A write is on the disk before anybody is told so; a writer waits for its turn instead of failing.
    DATABASES["default"] |= {
        "ENGINE": "reknit.practice.sqlite",
        "CONN_MAX_AGE": None,
        "OPTIONS": {
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
            "init_command": (
                "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA temp_store=MEMORY; "
                "PRAGMA wal_autocheckpoint=16384;"  # pages; the backend sees to it long before
            ),
        },
    }
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# In the database, so that a rate limit outlives a restart.
CACHES = {"default": {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "cache"}}

# --- Who may come in ------------------------------------------------------------------------------

AUTH_USER_MODEL = "people.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.ScryptPasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
_validation = "django.contrib.auth.password_validation"
AUTH_PASSWORD_VALIDATORS: list[dict[str, Any]] = [
    {
        "NAME": f"{_validation}.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ["email", "name"]},
    },
    {"NAME": f"{_validation}.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": f"{_validation}.CommonPasswordValidator"},
]

LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "welcome"
ACCOUNT_LOGOUT_REDIRECT_URL = "welcome"
ACCOUNT_ADAPTER = "reknit.practice.doors.accounts.adapters.AccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
_forms = "reknit.practice.doors.accounts.forms"
ACCOUNT_FORMS = {
    "signup": f"{_forms}.SignUpForm",
    "change_password": f"{_forms}.ChangePasswordForm",
    "set_password": f"{_forms}.SetPasswordForm",
    "reset_password_from_key": f"{_forms}.ResetPasswordKeyForm",
}
ACCOUNT_EMAIL_VERIFICATION = "optional"
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_CHANGE_EMAIL = True
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_USERNAME_BLACKLIST: list[str] = []
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = True
ALLAUTH_TRUSTED_PROXY_COUNT = TRUSTED_PROXIES

SOCIALACCOUNT_ADAPTER = "reknit.practice.doors.accounts.adapters.SocialAccountAdapter"
SOCIALACCOUNT_PROVIDERS: dict[str, Any] = {}
OIDC_SERVER = os.environ.get("REKNIT_OIDC_SERVER", "").strip()
if OIDC_SERVER:
    SOCIALACCOUNT_PROVIDERS["openid_connect"] = {
        "OAUTH_PKCE_ENABLED": True,
        "APPS": [
            {
                "provider_id": "clinic",
                "name": os.environ.get("REKNIT_OIDC_NAME", "your clinic"),
                "client_id": os.environ.get("REKNIT_OIDC_CLIENT", ""),
                "secret": os.environ.get("REKNIT_OIDC_SECRET", ""),
                "settings": {"server_url": OIDC_SERVER},
            }
        ],
    }

SECOND_STEP = _flag("REKNIT_SECOND_STEP", default=TLS)  # passkey or code, beside the password
IDLE_SECONDS = _whole("REKNIT_IDLE_MINUTES", 60) * 60
MFA_ADAPTER = "reknit.practice.doors.accounts.adapters.MFAAdapter"
MFA_FORMS = {"add_webauthn": f"{_forms}.AddPasskeyForm"}
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not TLS
MFA_ALLOW_UNVERIFIED_EMAIL = True
MFA_TOTP_ISSUER = "Reknit"
MFA_TOTP_TOLERANCE = 1

# --- Cookies, headers, transport ------------------------------------------------------------------

_prefix = "__Host-" if TLS else ""
SESSION_COOKIE_NAME = f"{_prefix}reknit_session"
SESSION_COOKIE_SECURE = TLS
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = _whole("REKNIT_SESSION_HOURS", 10) * 3600
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
CSRF_COOKIE_NAME = f"{_prefix}reknit_csrf"
CSRF_COOKIE_SECURE = TLS
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = "Lax"

SECURE_SSL_REDIRECT = TLS
SECURE_REDIRECT_EXEMPT = [r"^healthz$"]
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if TLS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = TLS
SECURE_HSTS_PRELOAD = TLS
SECURE_CONTENT_TYPE_NOSNIFF = True
# Not `no-referrer`: browsers then send `Origin: null` with every form, which the forgery check rightly
# refuses. `same-origin` tells other sites exactly as little: nothing.
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"

_sign_in_elsewhere = [f"https://{urlsplit(OIDC_SERVER).netloc}"] if OIDC_SERVER else []
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        "worker-src": [SELF],
        "form-action": [SELF, *_sign_in_elsewhere],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
        "object-src": [NONE],
    }
}

DATA_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 300
MOST_BYTES_SENT = 52 * 1024 * 1024  # a whole request, with the files in it

# --- Languages, times, static files ---------------------------------------------------------------

USE_I18N = True
USE_TZ = True
TIME_ZONE = os.environ.get("REKNIT_TIME_ZONE", "UTC")
LANGUAGES = [
    ("en", _("English")),
    ("es", _("Spanish")),
    ("de", _("German")),
    ("fr", _("French")),
    ("zh-hans", _("Simplified Chinese")),
    ("ar", _("Arabic")),
]
STAFF_LANGUAGES = LANGUAGES[:2]  # the pages of staff; a client's pages speak all of them
CLIENT_PAGES = "/c/"
LANGUAGE_CODE = os.environ.get("REKNIT_LANGUAGE", "en").strip().lower()  # where nothing else is known
if LANGUAGE_CODE not in dict(LANGUAGES):
    raise ImproperlyConfigured(f"REKNIT_LANGUAGE must be one of {', '.join(dict(LANGUAGES))}")
LOCALE_PATHS = [PRACTICE / "locale"]

STATIC_URL = "static/"
STATIC_ROOT = HOME / "static"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": (
            "django.contrib.staticfiles.storage.StaticFilesStorage"
            if DEBUG
            else "whitenoise.storage.CompressedManifestStaticFilesStorage"
        )
    },
}
MEDIA_ROOT = HOME / "files"

# --- Mail and logs --------------------------------------------------------------------------------

DEFAULT_FROM_EMAIL = os.environ.get("REKNIT_MAIL_FROM", f"reknit@{_address.hostname}")
EMAIL_HOST = os.environ.get("REKNIT_SMTP_HOST", "")
EMAIL_PORT = _whole("REKNIT_SMTP_PORT", 587)
EMAIL_HOST_USER = os.environ.get("REKNIT_SMTP_USER", "")
EMAIL_HOST_PASSWORD = os.environ.get("REKNIT_SMTP_PASSWORD", "")
EMAIL_USE_TLS = _flag("REKNIT_SMTP_TLS", default=True)
EMAIL_TIMEOUT = 20
EMAIL_FILE_PATH = HOME / "mail"  # until a mail server is named, letters are laid here
REKNIT_QUICK_EXIT_URL = os.environ.get("REKNIT_QUICK_EXIT_URL", "")  # where a client's quick exit leads
MESSAGES = os.environ.get("REKNIT_MESSAGES", "")  # "file" lays reminders in a folder instead of sending them
METRICS_TOKEN = os.environ.get("REKNIT_METRICS_TOKEN", "")
HOOK_HOSTS = _list("REKNIT_HOOK_HOSTS")  # where events may be sent; nowhere unless named
SMS_URL = os.environ.get("REKNIT_SMS_URL", "")
SMS_TOKEN = os.environ.get("REKNIT_SMS_TOKEN", "")
EMAIL_BACKEND = f"django.core.mail.backends.{'smtp' if EMAIL_HOST else 'filebased'}.EmailBackend"

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"lines": {"()": "reknit.practice.logs.QuietLines"}},
    "handlers": {"out": {"class": "logging.StreamHandler", "stream": sys.stderr, "formatter": "lines"}},
    "root": {"handlers": ["out"], "level": os.environ.get("REKNIT_LOG_LEVEL", "INFO").upper()},
    "loggers": {"django": {"handlers": [], "level": "INFO", "propagate": True}},
}
