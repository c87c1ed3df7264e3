"""The language of one's own pages."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from reknit.practice import loop
from reknit.practice.doors.common.signed_in import signed_in
from reknit.practice.languages import STAFF, own_names
from reknit.practice.people.access import Visitor


class LanguageForm(forms.Form):
    language = forms.ChoiceField(
        label=gettext_lazy("Your language"), required=False, widget=forms.RadioSelect, choices=[]
    )

    def __init__(self, *args: object, **extra: object) -> None:
        super().__init__(*args, **extra)  # type: ignore[arg-type]
        named = [(each.code, each.name) for each in own_names(STAFF)]
        self.fields["language"].choices = [("", _("As my browser asks for")), *named]  # type: ignore[attr-defined]


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def language(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Choose it, or leave it to the browser."""
    assert visitor.user is not None
    form = LanguageForm(request.POST or None, initial={"language": visitor.user.language})
    if request.method == "POST" and form.is_valid():
        loop.choose_language(visitor, form.cleaned_data["language"])
        messages.success(request, _("Saved."))
        return redirect("account_language")
    return render(request, "accounts/language.html", {"form": form}, status=422 if form.errors else 200)
