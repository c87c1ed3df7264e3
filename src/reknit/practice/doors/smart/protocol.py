"""SMART App Launch 2 with a record system: where it lets people in, the way there, and what comes back.

Nothing that it gives is kept: its token serves to read the patient's name once, and is forgotten.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

import requests
from django.conf import settings
from django.utils.translation import gettext as _
from oauthlib.oauth2 import OAuth2Error, WebApplicationClient

from reknit.practice.doors.smart.models import RecordSystem
from reknit.practice.loop import NotNow

SCOPES = ["launch", "patient/Patient.r"]
SECONDS = 10
LOOPBACK = {"localhost", "127.0.0.1", "::1"}


@dataclass(frozen=True)
class Patient:
    """Who was opened there. `name` may be empty."""

    number: str
    name: str

    @property
    def hashed(self) -> str:
        return hashlib.sha256(self.number.encode()).hexdigest()


def is_safe(url: str) -> bool:
    """By https. On a machine that nobody else reaches, also in clear text to that machine.

    A house with a public address never asks its own machine or its neighbours on the wire: whoever runs a
    clinic, or the record system they name, could otherwise reach through it what listens only there.
    """
    address = urlsplit(url)
    host = address.hostname or ""
    if settings.PUBLIC_URL:
        return address.scheme == "https" and bool(host) and not _is_inside(host)
    return bool(host) and (address.scheme == "https" or (address.scheme == "http" and host in LOOPBACK))


def _is_inside(host: str) -> bool:
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        number = ip_address(host)
    except ValueError:
        return False
    mapped = getattr(number, "ipv4_mapped", None) or number
    return mapped.is_loopback or mapped.is_link_local or mapped.is_unspecified


def way_there(system: RecordSystem, launch: str, back: str) -> tuple[str, dict[str, str]]:
    """The address at which the record system is asked to let Reknit in, and what to remember until then.

    Raises:
        NotNow: the record system does not say where, or says something unsafe.
    """
    found = _read(f"{system.issuer}/.well-known/smart-configuration")
    doors = {name: str(found.get(name, "")) for name in ("authorization_endpoint", "token_endpoint")}
    if not all(map(is_safe, doors.values())):
        raise NotNow(_("The record system does not say where it lets programs in."))
    client = WebApplicationClient(system.client_id)
    verifier, state = client.create_code_verifier(64), client.state_generator()
    address = client.prepare_request_uri(
        doors["authorization_endpoint"], redirect_uri=back, scope=SCOPES, state=state, launch=launch,
        aud=system.issuer, code_challenge=client.create_code_challenge(verifier, "S256"),
        code_challenge_method="S256",
    )  # fmt: skip
    return address, {"state": state, "verifier": verifier, "token_endpoint": doors["token_endpoint"]}


def come_back(system: RecordSystem, remembered: dict[str, str], code: str, back: str) -> Patient:
    """Exchange the code for the patient that is open there.

    Raises:
        NotNow: the record system refused, or named no patient.
    """
    client = WebApplicationClient(system.client_id)
    body = client.prepare_request_body(
        code=code,
        redirect_uri=back,
        code_verifier=remembered["verifier"],
        include_client_id=not system.secret,
    )
    try:
        answer = requests.post(
            remembered["token_endpoint"], data=body, timeout=SECONDS, allow_redirects=False,
            headers={"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"},
            auth=(system.client_id, system.secret) if system.secret else None,
        )  # fmt: skip
        token = client.parse_request_body_response(answer.text)
    except (requests.RequestException, OAuth2Error, ValueError) as error:
        raise NotNow(_("The record system did not let Reknit in. Open it there once more.")) from error
    number = str(token.get("patient") or "")
    if not number.replace("-", "").replace(".", "").isalnum():
        raise NotNow(_("The record system named no patient. Open a patient there first."))
    return Patient(number, _name(system, number, token["access_token"]))


def _name(system: RecordSystem, number: str, access_token: str) -> str:
    try:
        resource = _read(f"{system.issuer}/Patient/{number}", {"Authorization": f"Bearer {access_token}"})
    except NotNow:
        return ""
    names = [name for name in resource.get("name", []) if isinstance(name, dict)]
    best = next((name for name in names if name.get("use") == "usual"), names[0] if names else {})
    parts = [*map(str, best.get("given", [])), str(best.get("family", ""))]
    return str(best.get("text") or " ".join(parts)).strip()[:120]


def _read(url: str, headers: dict[str, str] | None = None) -> dict[str, Any]:
    try:
        answer = requests.get(
            url, headers={"Accept": "application/fhir+json, application/json"} | (headers or {}),
            timeout=SECONDS, allow_redirects=False,
        )  # fmt: skip
        answer.raise_for_status()
        found = answer.json()
    except (requests.RequestException, ValueError) as error:
        raise NotNow(_("The record system could not be asked.")) from error
    if not isinstance(found, dict):
        raise NotNow(_("The record system answered something else."))
    return found
