"""Monitoring sees counts and times; it sees no person, and nobody else sees it."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from django.test import Client
from prometheus_client.parser import text_string_to_metric_families

from reknit.practice import clock
from reknit.practice.checkins.models import Message
from reknit.practice.questionnaires.models import RiskAlert
from tests.web.world import build

pytestmark = pytest.mark.django_db
TOKEN = "a-token-for-monitoring"


@pytest.fixture
def figures(settings, client: Client):
    settings.METRICS_TOKEN = TOKEN

    def read() -> dict[tuple[str, ...], float]:
        answer = client.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"})
        assert answer.status_code == 200
        families = text_string_to_metric_families(answer.content.decode())
        return {
            (sample.name, *sample.labels.values()): sample.value
            for family in families
            for sample in family.samples
        }

    return read


@pytest.mark.parametrize("sent", ["", "Bearer", "Bearer another", TOKEN])
def test_without_the_token_the_address_does_not_exist(sent: str, settings, client: Client) -> None:
    settings.METRICS_TOKEN = TOKEN
    assert client.get("/metrics", headers={"Authorization": sent}).status_code == 404


def test_without_the_setting_the_address_does_not_exist(client: Client) -> None:
    assert client.get("/metrics", headers={"Authorization": "Bearer "}).status_code == 404


def test_requests_are_counted_by_door_and_by_nothing_else(figures, client: Client) -> None:
    before = figures().get(("reknit_requests_total", "c", "GET", "404"), 0)
    client.get("/c/a-secret-link-of-a-client/")
    after = figures()
    assert after["reknit_requests_total", "c", "GET", "404"] == before + 1
    assert not any("secret" in word for key in after for word in key)


def test_what_waits_is_counted(figures) -> None:
    side = build().a
    session = side.objects["session"]
    Message.objects.all().delete()
    late = clock.now() - timedelta(minutes=5)
    Message.objects.create(
        relationship=side.pair.relationship,
        session=session,
        kind="check_in",
        due_at=late,
        expires_at=late + timedelta(days=1),
    )
    found = figures()
    assert found["reknit_messages", "waiting"] == 1
    assert 299 < found["reknit_messages_late_seconds",] < 330
    assert (
        found["reknit_overdue", "danger_alert"] == sum(alert.is_late for alert in RiskAlert.objects.all()) > 0
    )


def test_several_processes_count_together(tmp_path: Path) -> None:
    code = "from reknit.practice.metrics import ANSWERED; ANSWERED.labels('c', 'POST', '200').inc()"
    environment = os.environ | {"PROMETHEUS_MULTIPROC_DIR": str(tmp_path)}
    for _ in range(2):
        subprocess.run([sys.executable, "-c", code], env=environment, check=True)
    total = (
        "from prometheus_client import CollectorRegistry, generate_latest\n"
        "from prometheus_client.multiprocess import MultiProcessCollector\n"
        "r = CollectorRegistry(); MultiProcessCollector(r); print(generate_latest(r).decode())"
    )
    text = subprocess.run(
        [sys.executable, "-c", total], env=environment, check=True, capture_output=True, text=True
    ).stdout
    assert 'reknit_requests_total{door="c",method="POST",status="200"} 2.0' in text
