"""What a clinic's monitoring may know: how many, how fast, how late. Never who, and never what was said.

Prometheus text at ``/metrics``, for whoever sends the token of ``REKNIT_METRICS_TOKEN``; without that setting
the address does not exist.
"""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.crypto import constant_time_compare
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

DOORS = frozenset(
    {
        "c",
        "practice",
        "clinic",
        "measures",
        "api",
        "history",
        "smart",
        "supervision",
        "accounts",
        "healthz",
        "static",
    }
)
METHODS = frozenset({"GET", "HEAD", "POST"})
SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)

_live = CollectorRegistry()
ANSWERED = Counter(
    "reknit_requests", "Requests answered, by door.", ["door", "method", "status"], registry=_live
)
TOOK = Histogram(
    "reknit_request_seconds", "Seconds until the answer, by door.", ["door"], registry=_live, buckets=SECONDS
)


def share_between_workers(folder: Path) -> None:
    """Let the server's processes count into ``folder`` together; before any of them has counted."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(mode=0o700, parents=True)
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(folder)


def counted(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Count each request by the door it knocked at; the rest of its address is not looked at."""

    def answer(request: HttpRequest) -> HttpResponse:
        began = time.perf_counter()
        response = get_response(request)
        first = request.path_info.strip("/").partition("/")[0]  # "*" is a path too
        door = first if first in DOORS else "other"
        method = request.method if request.method in METHODS else "other"
        ANSWERED.labels(door, method, str(response.status_code)).inc()
        TOOK.labels(door).observe(time.perf_counter() - began)
        return response

    return answer


@require_safe
@never_cache
def metrics(request: HttpRequest) -> HttpResponse:
    """The figures, for the bearer of the token.

    Raises:
        Http404: the token is not set, or is another.
    """
    token = settings.METRICS_TOKEN
    if not token or not constant_time_compare(request.headers.get("Authorization", ""), f"Bearer {token}"):
        raise Http404
    text = generate_latest(_registry())
    return HttpResponse(text, content_type=CONTENT_TYPE_LATEST)


def _registry() -> CollectorRegistry:
    registry = CollectorRegistry()
    registry.register(Waiting())
    if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
        MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    else:
        for metric in (ANSWERED, TOOK):
            registry.register(metric)
    return registry


class Waiting(Collector):
    """What waits for somebody, counted in the database when asked."""

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Messages by state, and what is overdue by kind."""
        from django.db.models import Count, Min

        from reknit.practice import clock
        from reknit.practice.checkins.models import Message, MessageState
        from reknit.practice.concerns.models import Concern, ConcernState
        from reknit.practice.questionnaires.models import RiskAlert

        now = clock.now()
        messages = GaugeMetricFamily("reknit_messages", "Messages in the outbox, by state.", labels=["state"])
        counts = dict(Message.objects.values_list("state").annotate(Count("id")).order_by())
        for state in MessageState.values:
            messages.add_metric([state], counts.get(state, 0))
        yield messages
        due = Message.objects.filter(state=MessageState.WAITING, due_at__lte=now).aggregate(
            first=Min("due_at")
        )
        late = (now - due["first"]).total_seconds() if due["first"] else 0.0
        yield GaugeMetricFamily(
            "reknit_messages_late_seconds", "How long the oldest due message waits.", late
        )
        overdue = GaugeMetricFamily("reknit_overdue", "Past their time, by kind.", labels=["kind"])
        alerts = RiskAlert.objects.filter(resolved_at=None, due_at__lt=now)
        concerns = Concern.objects.filter(due_on__lt=clock.today()).exclude(state=ConcernState.CLOSED)
        overdue.add_metric(["danger_alert"], alerts.count())
        overdue.add_metric(["concern"], concerns.count())
        yield overdue
