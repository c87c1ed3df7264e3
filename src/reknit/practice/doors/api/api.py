"""The API itself: /api/v1/…, described at /api/openapi.json, for people at /api/docs."""

from __future__ import annotations

from ninja import NinjaAPI

import reknit
from reknit.practice.doors.api.access import answer_problems
from reknit.practice.doors.api.endpoints import router

api = NinjaAPI(
    title="Reknit",
    version=reknit.__version__,
    description=(
        "Relationships, sessions, check-ins, estimates of trust and episodes of repair, for programs. "
        "A token opens what the person it acts for may open. Errors are RFC 9457 problem details."
    ),
    openapi_url="/openapi.json",
    docs_url=None,
    urls_namespace="api-v1",
)
answer_problems(api)
api.add_router("/v1", router)
