"""Who works here and as what: invitations, roles, the way back in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.mail import send_mail
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from reknit.practice.doors.clinic.people_forms import InviteForm, RoleForm
from reknit.practice.doors.common.signed_in import signed_in
from reknit.practice.loop import NotNow, staff
from reknit.practice.people import access
from reknit.practice.people.access import Visitor
from reknit.practice.people.invitations import Invitation
from reknit.practice.people.models import Clinic, Membership, Role, User


@dataclass(frozen=True)
class Colleague:
    """Somebody who works here."""

    user: User
    roles: list[str]


def house(visitor: Visitor) -> tuple[Clinic, User]:
    """The clinic that this visitor looks after, as lead or administrator, and who they are."""
    clinic = access.staff_of(visitor)
    if clinic is None or visitor.user is None:
        raise PermissionDenied
    return clinic, visitor.user


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def people(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Everybody who works here, who is invited, and a form to invite one more."""
    clinic, user = house(visitor)
    form = InviteForm(request.POST or None, given=access.roles_given_by(user, clinic))
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            invited, token = staff.invite(
                visitor, clinic, email=given["email"], name=given["name"], roles=given["roles"]
            )
        except NotNow as why:
            form.add_error(None, str(why))
        else:
            return _invited(request, clinic, invited, token)
    context = {
        "clinic": clinic,
        "colleagues": _colleagues(clinic),
        "invitations": clinic.invitations.filter(accepted_at=None, revoked_at=None),
        "role_names": {role.value: role.label for role in Role},
        "form": form,
        "missing": _missing(clinic),
        "place": "clinic",
    }
    return render(request, "clinic/people.html", context, status=422 if form.errors else 200)


def _colleagues(clinic: Clinic) -> list[Colleague]:
    seats = (
        Membership.objects.filter(clinic=clinic).select_related("user").order_by("user__name", "user__email")
    )
    by_user: dict[User, list[str]] = {}
    for seat in seats:
        by_user.setdefault(seat.user, []).append(str(Role(seat.role).label))
    return [Colleague(user, roles) for user, roles in by_user.items()]


def _missing(clinic: Clinic) -> list[Any]:
    """The roles that somebody should hold and nobody does."""
    held = set(Membership.objects.filter(clinic=clinic).values_list("role", flat=True))
    return [role.label for role in staff.NEVER_NONE if role not in held]


def _invited(request: HttpRequest, clinic: Clinic, invitation: Invitation, token: str) -> HttpResponse:
    """Send the link; where no mail server is named, show it once, to be handed over."""
    address = request.build_absolute_uri(reverse("account_invitation", kwargs={"token": token}))
    if settings.PUBLIC_URL:
        address = settings.PUBLIC_URL + reverse("account_invitation", kwargs={"token": token})
    if not settings.EMAIL_HOST:
        context = {"invitation": invitation, "address": address, "place": "clinic"}
        return render(request, "clinic/invited.html", context)
    subject = _("%(clinic)s invites you to Reknit") % {"clinic": clinic}
    body = _("Open this link to accept. It works once, and for a week:") + f"\n\n{address}\n"
    send_mail(subject, body, settings.DEFAULT_FROM_EMAIL, [invitation.email])
    messages.success(request, _("The invitation is on its way."))
    return redirect("clinic:people")


def _invitation(visitor: Visitor, pk: int) -> tuple[Clinic, Invitation]:
    clinic, _user = house(visitor)
    return clinic, get_object_or_404(Invitation, pk=pk, clinic=clinic)


@require_POST
@signed_in
def invite_again(request: HttpRequest, visitor: Visitor, pk: int) -> HttpResponse:
    clinic, found = _invitation(visitor, pk)
    try:
        token = staff.invite_again(visitor, found)
    except NotNow as why:
        messages.error(request, str(why))
        return redirect("clinic:people")
    return _invited(request, clinic, found, token)


@require_POST
@signed_in
def revoke(request: HttpRequest, visitor: Visitor, pk: int) -> HttpResponse:
    _clinic, found = _invitation(visitor, pk)
    try:
        staff.revoke_invitation(visitor, found)
        messages.success(request, _("The invitation is taken back. Its link no longer works."))
    except NotNow as why:
        messages.error(request, str(why))
    return redirect("clinic:people")


@require_safe
@signed_in
def person(request: HttpRequest, visitor: Visitor, pk: int) -> HttpResponse:
    """What somebody is here, and what can be done for or about them."""
    clinic, user = house(visitor)
    found = _person(clinic, pk)
    held = set(Membership.objects.filter(clinic=clinic, user=found).values_list("role", flat=True))
    given = access.roles_given_by(user, clinic)
    context = {
        "clinic": clinic,
        "person": found,
        "is_self": found == user,
        "roles": [(role, role in given or found == user) for role in Role if role in held],
        "form": RoleForm(given=given - held) if given - held and found != user else None,
        "may_reset": found != user and held <= given,
        "clients": staff.clients_of(found, clinic),
        "leads": access.clinics_of(user, Role.LEAD).filter(pk=clinic.pk).exists(),
        "place": "clinic",
    }
    return render(request, "clinic/person.html", context)


def _person(clinic: Clinic, pk: int) -> User:
    found = User.objects.filter(memberships__clinic=clinic, pk=pk).distinct().first()
    if found is None:
        raise Http404
    return found


@require_POST
@signed_in
def change(request: HttpRequest, visitor: Visitor, pk: int) -> HttpResponse:
    """One step with one person: a role given or ended, their second step reset, their browsers signed out."""
    clinic, _user = house(visitor)
    found = _person(clinic, pk)
    role = request.POST.get("role", "")
    steps = {
        "give": lambda: staff.give_role(visitor, clinic, found, role),
        "end": lambda: staff.end_role(visitor, clinic, found, role),
        "reset": lambda: staff.reset_second_step(visitor, clinic, found),
        "sign_out": lambda: staff.sign_out_everywhere(visitor, clinic, found),
    }
    step = steps.get(request.POST.get("step", ""))
    if step is None or (role and role not in Role.values):
        raise Http404
    try:
        step()
    except NotNow as why:
        messages.error(request, str(why))
    else:
        messages.success(request, _("Done. It is kept on the trail."))
    still_here = Membership.objects.filter(clinic=clinic, user=found).exists()
    may_stay = access.staff_of(visitor) == clinic
    if not may_stay:
        return redirect("welcome")
    return redirect("clinic:person", pk) if still_here else redirect("clinic:people")
