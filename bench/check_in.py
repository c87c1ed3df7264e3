"""The check-in as a phone meets it: weight of the page, and how long reading and sending take.

Serves a house of its own on loopback (SQLite, durable writes, one worker), makes a client for each
round, and times GET and POST one after the other over one connection. Prints Markdown rows.

    python bench/check_in.py [--rounds 200]
"""

from __future__ import annotations

import argparse
import http.client
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
from urllib.parse import urlencode

PORT = 8137
PARTS = re.compile(r'(?:href|src)="(/static/[^"]+)"')


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=200)
    rounds = parser.parse_args().rounds
    with tempfile.TemporaryDirectory() as home:
        os.environ |= {"REKNIT_HOME": home, "DJANGO_SETTINGS_MODULE": "reknit.practice.settings"}
        tokens = _people(rounds)
        server = subprocess.Popen(
            [sys.executable, "-c", f"from reknit.practice.launch import serve; serve('127.0.0.1', {PORT})"],
            stdout=subprocess.DEVNULL,
        )
        try:
            _wait()
            _report(tokens)
        finally:
            server.terminate()
            server.wait()


def _people(rounds: int) -> list[str]:
    """One relationship a round, with ten sessions behind it, so that the estimate has work to do."""
    from datetime import timedelta

    from reknit.practice import launch

    launch.setup()
    launch.prepare()
    from reknit.practice import clock, loop
    from reknit.practice.checkins.models import LinkKind
    from reknit.practice.demo.stage import hold, meet, say
    from reknit.practice.people.models import User

    therapist = User.objects.create_user(email="bench@x.example", name="Bench")
    loop.open_clinic(therapist, "Bench")
    tokens = []
    for number in range(rounds):
        first = clock.now() - timedelta(weeks=11, minutes=number)
        pair = meet(therapist, f"C{number}", first)
        for week in range(10):
            say(pair, hold(pair, first + timedelta(weeks=week)), [7, 8, 7, 6, 8])
        session = hold(pair, first + timedelta(weeks=10))
        tokens.append(loop.issue_link(pair.therapist, pair.relationship, LinkKind.CHECK_IN, session))
    return tokens


def _wait() -> None:
    for _try in range(900):
        try:
            connection = http.client.HTTPConnection("127.0.0.1", PORT, timeout=5)
            connection.request("GET", "/healthz")
            if connection.getresponse().status == 200:
                return
        except OSError:
            time.sleep(0.2)
    raise SystemExit("the server did not come up")


def _report(tokens: list[str]) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", PORT, timeout=30)
    reading, sending = [], []
    weight = _weight(connection, f"/c/{tokens[0]}/")
    for token in tokens:
        started = time.perf_counter()
        status, page = _get(connection, f"/c/{token}/")
        reading.append(time.perf_counter() - started)
        assert status == 200, status
        fields = dict(re.findall(r'name="(key|started)" value="([^"]+)"', page.decode()))
        fields |= dict.fromkeys(re.findall(r'<input type="radio" name="(\w+)" value="7"', page.decode()), "7")
        fields |= {"bothered": "1", "words": "a little rushed", "words_audience": "therapist_now"}
        body = urlencode(fields | {"ratings_audience": "therapist_now"})
        started = time.perf_counter()
        connection.request(
            "POST", f"/c/{token}/", body, {"Content-Type": "application/x-www-form-urlencoded"}
        )
        answer = connection.getresponse()
        answer.read()
        sending.append(time.perf_counter() - started)
        assert answer.status == 303, answer.status
    print("| what | median | 95 of 100 under |\n|---|---|---|")
    for name, times in (("GET the check-in", reading), ("POST it, estimate included", sending)):
        print(f"| {name} | {statistics.median(times) * 1e3:.1f} ms | {_p95(times) * 1e3:.1f} ms |")
    print(f"| page with all it loads, compressed | {weight / 1000:.1f} kB | |")


def _p95(times: list[float]) -> float:
    return statistics.quantiles(times, n=20)[-1]


def _get(connection: http.client.HTTPConnection, path: str, encoding: str = "identity") -> tuple[int, bytes]:
    connection.request("GET", path, headers={"Accept-Encoding": encoding})
    answer = connection.getresponse()
    return answer.status, answer.read()


def _weight(connection: http.client.HTTPConnection, path: str) -> int:
    """Bytes on the wire with gzip, for the page and every file that it names."""
    import gzip

    _status, page = _get(connection, path)
    parts = sorted(set(PARTS.findall(page.decode())))
    return len(gzip.compress(page)) + sum(len(_get(connection, part, "gzip, br")[1]) for part in parts)


if __name__ == "__main__":
    main()
