"""Which language a page speaks: what somebody chose, or else what their browser asks for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import translation
from django.utils.cache import patch_vary_headers
from django.utils.translation import get_language_info
from django.utils.translation.trans_real import parse_accept_lang_header

from reknit.practice.people.models import User

LANGUAGES = [code for code, _ in settings.LANGUAGES]
STAFF = [code for code, _ in settings.STAFF_LANGUAGES]


@dataclass(frozen=True)
class Language:
    """A language under the name by which those who speak it know it."""

    code: str
    name: str
    is_current: bool


def own_names(codes: list[str] = LANGUAGES) -> list[Language]:
    """Each language in its own words, for a list that anybody finds theirs in."""
    now = translation.get_language()
    return [Language(code, get_language_info(code)["name_local"], code == now) for code in codes]


def asked_for(request: HttpRequest, among: list[str] = LANGUAGES) -> str:
    """The first of the browser's languages that we speak, otherwise that of the house."""
    for wanted, _weight in parse_accept_lang_header(request.META.get("HTTP_ACCEPT_LANGUAGE", "")):
        try:
            code = translation.get_supported_language_variant(wanted)
        except LookupError:
            continue
        if code in among:
            return code
    return settings.LANGUAGE_CODE if settings.LANGUAGE_CODE in among else "en"


def speak(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Every page in the reader's language.

    The front page and the client's pages know all languages; the client door then changes to the one that
    the client chose. Staff pages are in fewer, so that no page mixes two: there the account's choice wins.
    """

    def answer(request: HttpRequest) -> HttpResponse:
        for_all = request.path == "/" or request.path.startswith(settings.CLIENT_PAGES)
        code = asked_for(request) if for_all else _of_staff(request)
        request.LANGUAGE_CODE = code
        with translation.override(code):
            response = get_response(request)
        patch_vary_headers(response, ("Accept-Language",))
        response.headers.setdefault("Content-Language", code)
        return response

    return answer


def language_for(user: User) -> str:
    """The language of a letter to a member of staff: their own, or else that of the house where it is one."""
    return next((code for code in (user.language, settings.LANGUAGE_CODE) if code in STAFF), "en")


def _of_staff(request: HttpRequest) -> str:
    if settings.SESSION_COOKIE_NAME in request.COOKIES and request.user.is_authenticated:
        chosen = request.user.language
        if chosen in STAFF:
            return chosen
    return asked_for(request, STAFF)
