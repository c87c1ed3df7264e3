"""Generated requests against every operation of the description: no 500, and refusals as described."""

from __future__ import annotations

import pytest

schemathesis = pytest.importorskip("schemathesis", reason="schemathesis is not installed")

from hypothesis import HealthCheck, Phase, settings  # noqa: E402

from reknit.practice.doors.api.models import Token  # noqa: E402
from reknit.practice.wsgi import application  # noqa: E402

from .conftest import ALL  # noqa: E402

schema = schemathesis.openapi.from_wsgi("/api/openapi.json", application)
LOADS = settings(
    max_examples=25, deadline=None, suppress_health_check=list(HealthCheck), phases=[Phase.generate]
)


@pytest.mark.django_db
@schema.parametrize()
@LOADS
def test_no_request_breaks_it(case, jo):
    secret = Token.issue(jo.therapist.user, "test", ALL)
    if "pk" in (case.path_parameters or {}) and isinstance(case.path_parameters["pk"], int):
        case.path_parameters["pk"] = jo.relationship.pk if case.path_parameters["pk"] % 2 else 1
    response = case.call(headers={"Authorization": f"Bearer {secret}"})
    assert response.status_code < 500
    kind = response.headers.get("content-type", [""])[0]
    if response.status_code >= 400 and response.status_code != 405:
        assert kind == "application/problem+json"
