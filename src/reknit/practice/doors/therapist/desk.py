"""What every page of the therapist's door has in common."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import Any, Concatenate, ParamSpec, TypeVar

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import Model, QuerySet
from django.forms import BaseForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache

from reknit.practice import loop
from reknit.practice.people import access
from reknit.practice.people.access import Visitor
from reknit.practice.people.models import Relationship

P = ParamSpec("P")
M = TypeVar("M", bound=Model)
Page = Callable[Concatenate[HttpRequest, Visitor, P], HttpResponse]


def at_the_desk(page: Page[P]) -> Callable[..., HttpResponse]:
    """A page for somebody who signed in, in their own time zone, never kept by a browser or a proxy."""

    @login_required
    @never_cache
    @wraps(page)
    def guarded(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        visitor = Visitor.of(request)
        assert visitor.user is not None  # login_required has seen to it
        with timezone.override(visitor.user.zone):
            return page(request, visitor, *args, **kwargs)

    return guarded


def relationship_or_404(visitor: Visitor, pk: int) -> Relationship:
    mine = access.relationships(visitor).select_related("client", "therapist", "clinic")
    return get_object_or_404(mine, pk=pk)


def own_or_404(visitor: Visitor, records: QuerySet[M], pk: int) -> M:
    """A record of one of the visitor's relationships; to anybody else it does not exist."""
    return get_object_or_404(access.of_visitor(visitor, records), pk=pk)


@contextmanager
def said_kindly(request: HttpRequest) -> Iterator[None]:
    """A step that the state of things does not allow becomes a sentence on the next page."""
    try:
        yield
    except loop.NotNow as not_now:
        messages.warning(request, str(not_now))


def took(form: BaseForm, step: Callable[[dict[str, Any]], object]) -> bool:
    """Whether the form was filled in well and the step was taken; if not, the form says why and keeps all."""
    if not form.is_valid():
        return False
    try:
        step(form.cleaned_data)
    except loop.NotNow as not_now:
        form.add_error(None, str(not_now))
        return False
    return True


def to_place(name: str, pk: int, place: str) -> HttpResponse:
    """On to a place on a page; without one a browser would keep the place of the form, and open it again."""
    return redirect(f"{reverse(f'therapist:{name}', args=[pk])}#{place}")


def back(request: HttpRequest, relationship_id: int) -> HttpResponse:
    """To where the button stood: the day, or the page of the relationship."""
    if request.POST.get("from") == "today":
        return redirect("therapist:today")
    return redirect("therapist:relationship", relationship_id)
