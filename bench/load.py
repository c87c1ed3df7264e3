"""Check-ins a second, sustained: every one with its own link and key, estimate, audit and encryption on.

Serves a house of its own as `reknit serve` does, sends check-ins at a steady rate over a few connections from
the same machine, then looks whether each accepted one is there exactly once, whole, and whether the trail
verifies. The same sender then drives a bare Django view that writes one row, for comparison (`--bare`).

    python bench/load.py [--database sqlite|postgres] [--rate 300] [--seconds 60] [--bare]
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import time
from collections import Counter
from dataclasses import dataclass, field
from uuid import uuid4

import house as bench


@dataclass
class Tally:
    """What came back: status, and seconds from when it was due to be sent."""

    statuses: Counter[int] = field(default_factory=Counter)
    took: list[float] = field(default_factory=list)
    accepted: list[bench.Due] = field(default_factory=list)
    seconds: float = 0.0


class Wire(asyncio.Protocol):
    """One keep-alive connection that carries one request at a time."""

    def __init__(self) -> None:
        self.answer: asyncio.Future[int] | None = None
        self.buffer = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport: asyncio.Transport = transport  # type: ignore[assignment]

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        head, found, rest = self.buffer.partition(b"\r\n\r\n")
        if not found:
            return
        low = head.lower()
        at = low.find(b"content-length:")
        length = int(low[at + 15 :].split(b"\r\n", 1)[0]) if at >= 0 else 0
        if len(rest) >= length and self.answer is not None:
            self.buffer = b""
            answer, self.answer = self.answer, None
            answer.set_result(int(head[9:12]))

    def connection_lost(self, _error: Exception | None) -> None:
        if self.answer is not None:
            answer, self.answer = self.answer, None
            answer.set_result(0)


def request(path: str, body: bytes) -> bytes:
    return (
        f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/x-www-form-urlencoded\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    ).encode() + body


async def drive(port: int, requests: list[tuple[bytes, bench.Due | None]], rate: float, wires: int) -> Tally:
    """Send at a steady rate (requests a second; 0: as fast as it goes), each as soon as a wire is free.

    The time that a request waits for a free wire counts as its own, so a server that falls behind shows.
    """
    loop, tally = asyncio.get_running_loop(), Tally()
    queue = iter(enumerate(requests))
    began = time.perf_counter()

    async def carry() -> None:
        _transport, wire = await loop.create_connection(Wire, "127.0.0.1", port)
        for number, (message, due) in queue:
            planned = began + number / rate if rate else time.perf_counter()
            wait = planned - time.perf_counter()
            if wait > 0:
                await asyncio.sleep(wait)
            wire.answer = answer = loop.create_future()
            wire.transport.write(message)
            status = await answer
            tally.took.append(time.perf_counter() - planned)
            tally.statuses[status] += 1
            if due is not None and status == 303:
                tally.accepted.append(due)
            if wire.transport.is_closing():
                _transport, wire = await loop.create_connection(Wire, "127.0.0.1", port)

    await asyncio.gather(*(carry() for _ in range(wires)))
    tally.seconds = time.perf_counter() - began
    return tally


def report(name: str, tally: Tally) -> float:
    """Print one row; the rate."""
    rate = len(tally.took) / tally.seconds
    errors = sum(count for status, count in tally.statuses.items() if status not in (200, 303))
    cuts = statistics.quantiles(tally.took, n=1000)
    marks = " | ".join(f"{cuts[at] * 1e3:.0f} ms" for at in (499, 949, 989, 998))
    print(f"| {name} | {rate:.0f}/s | {tally.seconds:.0f} s | {errors} | {marks} |", flush=True)
    if errors:
        print(f"statuses: {dict(tally.statuses)}")
    return rate


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--database", choices=("sqlite", "postgres"), default="sqlite")
    parser.add_argument("--rate", type=float, default=300.0, help="a second; 0 as fast as it goes")
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--count", type=int, default=0, help="how many to send (default rate x seconds)")
    parser.add_argument("--wires", type=int, default=16, help="connections")
    parser.add_argument("--bare", action="store_true", help="also drive a bare view that writes one row")
    given = parser.parse_args()
    count = given.count or int(given.seconds * (given.rate or 1000))
    with bench.house(given.database) as house:
        bench.prepare()
        due = bench.people(count)
        requests = [(request(each.path, each.body), each) for each in due]
        bench.close_connections()
        house.start()
        print(
            "| what | rate | for | errors | median | p95 | p99 | p99.9 |\n|---|---|---|---|---|---|---|---|"
        )
        before, own = house.processor(), time.process_time()
        tally = asyncio.run(drive(house.port, requests, given.rate, given.wires))
        served, sender = house.processor() - before, time.process_time() - own
        rate = report(f"check-ins, {given.database}", tally)
        house.__exit__(None, None, None)
        wrong = bench.check(tally.accepted, due)
        print(f"accepted {len(tally.accepted)}; wrong: {len(wrong)} {wrong[:3]}")
        each = 1e3 / len(due)
        print(f"processor: server {served * each:.2f} ms a check-in, sender {sender * each:.2f} ms")
        if given.bare:
            _bare(given, house, count, rate)
        if wrong or sum(tally.statuses.values()) != tally.statuses[303]:
            raise SystemExit(1)


def _bare(given: argparse.Namespace, house: bench.House, count: int, rate: float) -> None:
    """The same sender against the least that Django can do durably; as fast as it goes."""
    house.program = "import bare; bare.serve({port})"
    house.start()
    requests = [(request("/", f"key={uuid4()}".encode()), None) for _ in range(min(count, 20_000))]
    tally = asyncio.run(drive(house.port, requests, 0.0, given.wires))
    most = report("a bare view, one row", tally)
    print(f"the check-in's rate is {rate / most:.0%} of the bare view's")


if __name__ == "__main__":
    main()
