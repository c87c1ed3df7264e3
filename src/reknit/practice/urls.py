"""The addresses of the house: one prefix for each door."""

from django.db import connection
from django.http import HttpRequest, JsonResponse
from django.urls import include, path
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

import reknit
from reknit.practice.metrics import metrics


@require_safe
@never_cache
def healthz(request: HttpRequest) -> JsonResponse:
    """Whether the server answers and its database does too."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return JsonResponse({"status": "ok", "version": reknit.__version__})


DOORS = {
    "": "reknit.practice.doors.common.urls",
    "c/": "reknit.practice.doors.client.urls",
    "practice/": "reknit.practice.doors.therapist.urls",
    "clinic/": "reknit.practice.doors.clinic.urls",
    "measures/": "reknit.practice.doors.measures.urls",
    "api/": "reknit.practice.doors.api.urls",
    "history/": "reknit.practice.doors.history.urls",
    "smart/": "reknit.practice.doors.smart.urls",
    "supervision/": "reknit.practice.doors.supervision.urls",
    "accounts/": "reknit.practice.doors.accounts.urls",
}

urlpatterns = [
    path("healthz", healthz, name="healthz"),
    path("metrics", metrics, name="metrics"),
    *(path(prefix, include(urls)) for prefix, urls in DOORS.items()),
]
