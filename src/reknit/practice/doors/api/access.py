"""Who a program acts for, what its token allows, and how a refusal is said (RFC 9457 problem details)."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, ValidationError
from ninja.security import HttpBearer

from reknit.practice import loop
from reknit.practice.doors.api.models import Scope, Token
from reknit.practice.exchange import ExchangeError
from reknit.practice.people import access
from reknit.practice.people.access import Visitor
from reknit.practice.people.models import Relationship


class Bearer(HttpBearer):
    """`Authorization: Bearer reknit_…`, with the scope that an address needs."""

    def __init__(self, scope: Scope) -> None:
        super().__init__()
        self.scope = scope

    def authenticate(self, request: HttpRequest, token: str) -> Token | None:
        found = Token.find(token)
        if found is not None and not found.may(self.scope):
            raise HttpError(403, f"This token lacks the scope {self.scope.value}.")
        return found


def visitor_of(request: HttpRequest) -> Visitor:
    """The member of staff whose token it is."""
    token: Token = request.auth  # type: ignore[attr-defined]
    return Visitor(user=token.user)


def token_may(request: HttpRequest, scope: Scope) -> bool:
    token: Token = request.auth  # type: ignore[attr-defined]
    return token.may(scope)


def own_relationship(request: HttpRequest, pk: int) -> Relationship:
    """A relationship of the token's owner; to anybody else it does not exist."""
    mine = access.relationships(visitor_of(request)).select_related("client", "therapist", "clinic")
    return get_object_or_404(mine, pk=pk)


def problem(status: int, detail: str, **more: Any) -> HttpResponse:
    """A refusal that programs can read."""
    body = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
    } | more
    response = JsonResponse(body, status=status)
    response.headers["Content-Type"] = "application/problem+json"
    if status == HTTPStatus.UNAUTHORIZED:
        response.headers["WWW-Authenticate"] = "Bearer"
    return response


def answer_problems(api: NinjaAPI) -> None:
    """Say every refusal as problem details."""

    @api.exception_handler(ValidationError)
    def _invalid(request: HttpRequest, error: ValidationError) -> HttpResponse:
        wrong = [{"at": [str(part) for part in e["loc"]], "message": str(e["msg"])} for e in error.errors]
        return problem(422, "Something in the request is not as described.", errors=wrong)

    @api.exception_handler(HttpError)
    def _refused(request: HttpRequest, error: HttpError) -> HttpResponse:
        return problem(error.status_code, str(error))

    @api.exception_handler(AuthenticationError)
    def _unknown(request: HttpRequest, error: AuthenticationError) -> HttpResponse:
        return problem(401, "A valid token is needed.")

    @api.exception_handler(Http404)
    def _missing(request: HttpRequest, error: Http404) -> HttpResponse:
        return problem(404, "There is nothing here for this token.")

    @api.exception_handler(PermissionDenied)
    def _forbidden(request: HttpRequest, error: PermissionDenied) -> HttpResponse:
        return problem(403, str(error) or "This is not allowed.")

    @api.exception_handler(loop.NotNow)
    def _not_now(request: HttpRequest, error: loop.NotNow) -> HttpResponse:
        return problem(409, str(error))

    @api.exception_handler(ExchangeError)
    def _unreadable(request: HttpRequest, error: ExchangeError) -> HttpResponse:
        return problem(422, str(error))
