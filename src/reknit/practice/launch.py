"""Starting the practice: one call serves it, another a demonstration with invented people."""

from __future__ import annotations

import hashlib
import os
import socket
import sys
from pathlib import Path

from reknit.practice.home import default_home

SQLITE_WORKERS = 2
SQLITE_THREADS = 4
POSTGRES_THREADS = 8


class CannotStart(RuntimeError):
    """Why the practice was not started, in words for the person at the terminal."""


def serve(host: str = "127.0.0.1", port: int = 8000) -> None:
    """Bring the database and the static files up to date, then serve until interrupted.

    Args:
        host: the address to listen on; a server behind a proxy keeps the default.
        port: the TCP port.

    Raises:
        CannotStart: the port is taken, or the keys do not belong to the database.
    """
    setup()
    _check_port(host, port)
    prepare()
    from reknit.practice import chores

    _say_how_to_begin(f"http://{host}:{port}")
    stop = chores.start()
    try:
        run(host, port)
    finally:
        stop.set()


def demo(host: str = "127.0.0.1", port: int = 8000) -> None:
    """Serve a caseload of invented people from a folder of its own, building it at the first start.

    Raises:
        CannotStart: the port is taken, or the database named by ``DATABASE_URL`` holds real people.
    """
    os.environ["REKNIT_DEMONSTRATION"] = "1"
    if not os.environ.get("REKNIT_HOME"):
        os.environ["REKNIT_HOME"] = str(default_home() / "demonstration")
    setup()
    _check_port(host, port)
    prepare()
    _build_demonstration()
    _welcome(f"http://{host}:{port}")
    run(host, port)


def prepare() -> None:
    """Bring the database up to this version, check its keys, and collect the static files if any changed."""
    from django.core.management import call_command
    from django.db import connection

    from reknit.practice.rights.databases import migrations_done, unknown_here
    from reknit.practice.trail import triggers
    from reknit.practice.vault.rings import KeyMissing
    from reknit.practice.vault.rotation import check_keys
    from reknit.trust import warm

    if unknown_here(migrations_done(connection)):
        raise CannotStart(
            "This database was used by a newer version of Reknit. Install that one again, or restore the "
            "backup that was made before."
        )
    warm()  # compiled once here, so that the workers only load what was compiled
    call_command("migrate", interactive=False, verbosity=0)
    call_command("createcachetable", verbosity=0)
    triggers.install(connection)  # a table that a migration rebuilt has lost them
    try:
        check_keys()
    except KeyMissing as error:
        raise CannotStart(str(error)) from error
    _collect_static()


def setup() -> None:
    """Make Django ready, with the settings of the practice unless others are named."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "reknit.practice.settings")
    import django

    django.setup()


def _check_port(host: str, port: int) -> None:
    """Say that the port is taken before a minute of work, not after."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        if sys.platform != "win32":
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise CannotStart(
                f"{host}:{port} cannot be used ({error.strerror}); choose another port."
            ) from error


def _collect_static() -> None:
    """Collect and compress the static files when a name, size or time differs from the last collection."""
    from django.conf import settings
    from django.contrib.staticfiles.finders import get_finders
    from django.core.management import call_command

    digest = hashlib.sha256()
    for finder in get_finders():
        for name, storage in finder.list([]):
            stat = Path(storage.path(name)).stat()
            digest.update(f"{name} {stat.st_size} {stat.st_mtime_ns}\n".encode())
    stamp = Path(settings.STATIC_ROOT) / ".collected"
    if not stamp.exists() or stamp.read_text() != digest.hexdigest():
        call_command("collectstatic", interactive=False, clear=True, verbosity=0)
        stamp.write_text(digest.hexdigest())


def _say_how_to_begin(address: str) -> None:
    """While there is no account, print the link that opens the first; nobody else can open it."""
    from django.conf import settings
    from django.urls import reverse

    from reknit.practice.loop.staff import key_to_an_empty_house

    token = key_to_an_empty_house()
    if token:
        path = reverse("account_invitation", kwargs={"token": token})
        print(f"\nNobody has an account here yet. Open the first one, within a week, at\n"
              f"  {settings.PUBLIC_URL or address}{path}\n", flush=True)  # fmt: skip


def _build_demonstration() -> None:
    from django.db import transaction

    from reknit.practice.people.models import User
    from reknit.practice.trail import record
    from reknit.practice.trail.models import Entry

    if Entry.objects.filter(chain="house", verb="built_demonstration").exists():
        return
    if User.objects.exists():
        raise CannotStart("This database holds real people; the demonstration is not built over it.")
    from reknit.practice import demo as demonstration

    print("Building the demonstration: invented people, drawn by simulation ...", flush=True)
    with transaction.atomic():  # all of it, or none if interrupted
        demonstration.build()
        record("system", "built_demonstration", "house")


def _welcome(address: str) -> None:
    from reknit.practice import demo as demonstration

    print(f"\nReknit's demonstration is at {address} (everybody in it is invented)\n")
    for line in demonstration.accounts(address):
        print(f"  {line}")
    print("\nStop it with Ctrl+C.", flush=True)


def run(host: str, port: int, application: str = "reknit.practice.wsgi:application") -> None:
    """Hand over to Granian, one worker a core; paths are never logged.

    On SQLite one writes at a time, in two processes at most: while one writes, the other reads forms.
    """
    from django.conf import settings
    from django.db import connection, connections
    from granian import Granian
    from granian.constants import Interfaces

    from reknit.practice.metrics import share_between_workers

    share_between_workers(settings.HOME / "metrics")
    sqlite, cores = connection.vendor == "sqlite", os.cpu_count() or 1
    connections.close_all()  # the workers open their own
    Granian(
        application,
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        workers=min(cores, SQLITE_WORKERS) if sqlite else cores,
        blocking_threads_idle_timeout=600,  # a thread takes its database connection with it
        blocking_threads=SQLITE_THREADS if sqlite else POSTGRES_THREADS,
        websockets=False,
        log_access=False,
    ).serve()
