"""A house of its own for a bench: a throw-away folder, a database, check-ins that are due, a server."""

from __future__ import annotations

import contextlib
import http.client
import os
import random
import secrets
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from types import TracebackType
from urllib.parse import urlencode
from uuid import UUID, uuid4

ROOT = Path(__file__).resolve().parent.parent
POSTGRES = ROOT / "tests" / "postgres.sh"
ITEMS = ("understood", "matters", "way", "say", "trust")
HISTORY = 10  # sessions with their check-ins that lie behind each relationship
DUE = 10  # sessions held whose check-in has not come yet
ANSWERS = len(ITEMS) + 2
SERVE = "from reknit.practice.launch import serve; serve('127.0.0.1', {port})"


@dataclass(frozen=True)
class Due:
    """A check-in that will be sent: its link, its key, and the words that only it has."""

    token: str
    key: UUID
    session: int
    words: str

    @property
    def path(self) -> str:
        return f"/c/{self.token}/"

    @property
    def body(self) -> bytes:
        fields = dict.fromkeys(ITEMS, "7") | {
            "key": str(self.key),
            "started": str(int(time.time()) - 40),
            "understood": "5",
            "bothered": "1",
            "words": self.words,
            "words_audience": "therapist_now",
            "ratings_audience": "therapist_now",
        }
        return urlencode(fields).encode()


class House:
    """The server under test, which may be started and killed as often as the bench likes."""

    def __init__(self, home: Path, database_url: str, program: str = SERVE) -> None:
        self.home, self.database_url, self.program = home, database_url, program
        self.port = _free_port()
        self.process: subprocess.Popen[bytes] | None = None

    def start(self, limit: int = 120, **environment: str) -> None:
        """Start serving, and return once it answers."""
        log = (self.home / "server.log").open("ab")
        command = [sys.executable, "-c", self.program.format(port=self.port)]
        kept = {"PYTHONPYCACHEPREFIX": str(self.home / "compiled")}  # as an installed server has it
        around = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
        self.process = subprocess.Popen(
            command, stdout=log, stderr=log, env=around | kept | environment, cwd=ROOT / "bench",
            start_new_session=True,
        )  # fmt: skip
        until = time.monotonic() + limit
        while time.monotonic() < until:
            if self.process.poll() is not None:
                break
            if self.is_up():
                return
            time.sleep(0.02)
        raise SystemExit("the server did not come up:\n" + (self.home / "server.log").read_text()[-2000:])

    def is_up(self) -> bool:
        try:
            connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
            connection.request("GET", "/healthz")
            return connection.getresponse().status == 200
        except (OSError, http.client.HTTPException):
            return False

    def processes(self) -> dict[int, float]:
        """The server and its workers, each with the seconds of processor it has used so far (Linux)."""
        assert self.process is not None
        found = {}
        for stat in Path("/proc").glob("[0-9]*/stat"):
            with contextlib.suppress(OSError):
                fields = stat.read_text().rpartition(")")[2].split()
                if int(fields[3]) == self.process.pid:  # the session that the server leads
                    ticks = int(fields[11]) + int(fields[12])
                    found[int(stat.parent.name)] = ticks / os.sysconf("SC_CLK_TCK")
        return found

    def processor(self) -> float:
        return sum(self.processes().values())

    def kill(self) -> None:
        """kill -9: the server and its workers, at once."""
        assert self.process is not None
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def __enter__(self) -> House:
        return self

    def __exit__(
        self, _kind: type | None, _error: BaseException | None, _where: TracebackType | None
    ) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(20)
            except subprocess.TimeoutExpired:
                self.kill()


def _free_port() -> int:
    """One below those that connections go out from: a phone that tries again would take the server's own."""
    for port in random.sample(range(20_000, 32_000), 100):
        with contextlib.suppress(OSError), socket.socket() as probe:
            probe.bind(("127.0.0.1", port))
            return port
    raise SystemExit("no port is free")


@contextmanager
def house(database: str, durable: bool = True) -> Iterator[House]:
    """An empty house on SQLite or on a PostgreSQL of its own, in a folder that is gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="reknit-bench-") as home:
        for name in [name for name in os.environ if name.startswith("REKNIT_")]:
            del os.environ[name]
        os.environ |= {"REKNIT_HOME": home, "DJANGO_SETTINGS_MODULE": "reknit.practice.settings"}
        os.environ["REKNIT_LOG_LEVEL"] = "ERROR"
        os.environ.pop("DATABASE_URL", None)
        if database == "sqlite":
            with House(Path(home), "") as served:
                yield served
            return
        fsync = os.environ | {"FSYNC": "on" if durable else "off"}
        url = subprocess.check_output([POSTGRES, "start"], env=fsync, text=True).strip()
        os.environ["DATABASE_URL"] = url
        try:
            with House(Path(home), url) as served:
                yield served
        finally:
            close_connections()
            subprocess.run([POSTGRES, "stop"], check=False)


def close_connections() -> None:
    from django.apps import apps
    from django.db import connections

    if apps.ready:
        connections.close_all()


def prepare() -> None:
    """The tables, and nobody in them."""
    from reknit.practice import launch

    launch.setup()
    launch.prepare()


def people(check_ins: int) -> list[Due]:
    """Relationships with ten sessions behind them and ten whose check-in is due, in the order of their days.

    Written in bulk, with what the steps of the loop would have left behind.
    """
    from django.db import transaction

    with transaction.atomic():
        relationships = _relationships(-(-check_ins // DUE))
    by_turn: list[list[Due]] = [[] for _ in range(DUE)]
    for start in range(0, len(relationships), 200):
        with transaction.atomic():
            for turn, due in enumerate(_sessions(relationships[start : start + 200])):
                by_turn[turn].extend(due)
        if start % 2000 == 0:
            print(f"{start} of {len(relationships)} relationships prepared", file=sys.stderr, flush=True)
    return [due for turn in by_turn for due in turn][:check_ins]


def _relationships(wanted: int) -> list:  # type: ignore[type-arg]
    """A clinic of one therapist, and so many clients who agreed to check-ins."""
    from reknit.practice import clock, loop
    from reknit.practice.people.models import Client, Consent, Relationship, User
    from reknit.practice.trail import record

    therapist = User.objects.create_user(email="bench@x.example", name="Bench")
    clinic = loop.open_clinic(therapist, "Bench")
    clients = Client.objects.bulk_create(
        (Client(clinic=clinic, called=f"C{n}") for n in range(wanted)), batch_size=500
    )
    first = clock.now() - timedelta(weeks=HISTORY + DUE)
    relationships = Relationship.objects.bulk_create(
        [
            Relationship(therapist=therapist, client=client, clinic=clinic, started_on=first.date())
            for client in clients
        ],
        batch_size=500,
    )
    Consent.objects.bulk_create(
        [Consent(relationship=each, purpose="check_ins") for each in relationships], batch_size=500
    )
    for each in relationships:
        record("system", "created", f"relationship:{each.pk}", relationship_id=each.pk)
    return relationships


def _sessions(relationships: list) -> list[list[Due]]:  # type: ignore[type-arg]
    """Sessions, past answers, first estimates and open links of some relationships."""
    from reknit.practice import clock
    from reknit.practice.appointments.models import Session, Status
    from reknit.practice.checkins.models import Answer, CheckIn, Link, LinkKind
    from reknit.practice.insight import estimates
    from reknit.practice.insight.series import rows_of

    first = clock.now() - timedelta(weeks=HISTORY + DUE)
    sessions = Session.objects.bulk_create(
        Session(
            relationship=each,
            number=n + 1,
            starts_at=first + timedelta(weeks=n),
            status=Status.ATTENDED,
        )
        for each in relationships
        for n in range(HISTORY + DUE)
    )
    past = [session for session in sessions if session.number <= HISTORY]
    kept = CheckIn.objects.bulk_create(
        CheckIn(relationship=each.relationship, session=each, key=uuid4(), seconds_taken=40) for each in past
    )
    Answer.objects.bulk_create(
        (
            Answer(check_in=check_in, question=item, value=(check_in.session.number * 3 + place) % 4 + 6)
            for check_in in kept
            for place, item in enumerate(ITEMS)
        ),
        batch_size=5000,
    )
    estimates.keep_first([(each, rows_of(each)) for each in relationships])
    turns: list[list[Due]] = [[] for _ in range(DUE)]
    links = []
    for session in sessions:
        if session.number > HISTORY:
            token = secrets.token_urlsafe(24)
            links.append(
                Link(
                    relationship=session.relationship,
                    session=session,
                    kind=LinkKind.CHECK_IN,
                    token_hash=Link.hash_of(token),
                    expires_at=clock.now() + timedelta(days=14),
                )
            )
            words = f"a little rushed {secrets.token_hex(6)}"
            turns[session.number - HISTORY - 1].append(Due(token, uuid4(), session.pk, words))
    Link.objects.bulk_create(links)
    return turns


def check(accepted: list[Due], sent: list[Due]) -> list[str]:
    """What is wrong: an accepted check-in that is not there once and whole, one there twice, a broken trail.

    One that was sent but not accepted may be there or not; but whole, and once.
    """
    from collections import Counter

    from reknit.practice.checkins.models import Answer, CheckIn
    from reknit.practice.trail import verify

    wrong = [f"{each.chain} {each.number}: {each.why}" for each in verify()]
    there = dict(CheckIn.objects.filter(session__number__gt=HISTORY).values_list("session_id", "id"))
    words: dict[int, list[str]] = {}
    count = Counter[int]()
    for check_in, text in Answer.objects.filter(check_in__session__number__gt=HISTORY).values_list(
        "check_in_id", "words"
    ):
        count[check_in] += 1
        if text:
            words.setdefault(check_in, []).append(text)
    wrong.extend(
        f"session {due.session} was said to be received and is not there"
        for due in accepted
        if due.session not in there
    )
    for due in sent:
        if (check_in := there.get(due.session)) is None:
            continue
        if words.get(check_in) != [due.words] or count[check_in] != ANSWERS:
            wrong.append(
                f"session {due.session} is there with {count[check_in]} answers, {words.get(check_in)}"
            )
    return wrong
