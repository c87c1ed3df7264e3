"""Kill the server while check-ins come in, again and again; then count what arrived.

Several phones send, each trying again with the same key until it is told that its check-in was received. The
server is killed (kill -9, with its workers) at a random moment after it began to answer, and started anew.
With ``--what postgres`` it is PostgreSQL that is cut off and started again, under a server that stays.

    python bench/crash.py [--database sqlite|postgres] [--kills 200] [--what server|postgres]
"""

from __future__ import annotations

import argparse
import http.client
import random
import subprocess
import threading
import time
from dataclasses import dataclass, field

import house as bench

PHONES = 4
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


@dataclass
class Phones:
    """People who send their check-ins one after the other, and do not give up."""

    port: int
    queue: list[bench.Due]
    accepted: list[bench.Due] = field(default_factory=list)
    begun: list[bench.Due] = field(default_factory=list)
    refused: dict[object, int] = field(default_factory=dict)
    last_try: dict[int, float] = field(default_factory=dict)  # by session, when it was sent last
    tries: int = 0
    stop: threading.Event = field(default_factory=threading.Event)

    def start(self) -> list[threading.Thread]:
        threads = [threading.Thread(target=self._go_on) for _ in range(PHONES)]
        for thread in threads:
            thread.start()
        return threads

    def _go_on(self) -> None:
        while not self.stop.is_set() and self.queue:
            due = self.queue.pop()
            self.begun.append(due)
            while not self._send(due):
                if self.stop.is_set():  # also where the server could not be started again
                    return
                time.sleep(0.05)
            self.accepted.append(due)

    def _send(self, due: bench.Due) -> bool:
        self.tries += 1
        self.last_try[due.session] = time.time()
        try:
            connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
            connection.request("POST", due.path, due.body, FORM)
            answer = connection.getresponse()
            status: object = answer.status
            page = answer.read()
            connection.close()
        except (OSError, http.client.HTTPException) as error:
            status, page = type(error).__name__, b""
        if status == 303:
            return True
        self.refused[status] = self.refused.get(status, 0) + 1
        if status == 503 and due.words.encode() not in page:
            raise SystemExit("a page that says it could not be kept has lost the words")
        return False


def crash(house: bench.House, phones: Phones, kills: int, chance: random.Random) -> None:
    """Kill and start again, each time once it has answered some more."""
    for number in range(kills):
        had = len(phones.accepted)
        while len(phones.accepted) <= had and phones.queue:
            time.sleep(0.005)
        time.sleep(chance.random() * 0.3)
        house.kill()
        house.start()
        if (number + 1) % 20 == 0:
            print(f"{number + 1} kills, {len(phones.accepted)} received", flush=True)


def cut_off(phones: Phones, times: int, chance: random.Random) -> None:
    """Restart PostgreSQL as after a crash, each time once more was answered."""
    for _ in range(times):
        had = len(phones.accepted)
        while len(phones.accepted) <= had and phones.queue:
            time.sleep(0.005)
        time.sleep(chance.random() * 0.3)
        subprocess.run([bench.POSTGRES, "restart"], check=True)


def sent_again(phones: Phones) -> int:
    """How many had been kept already when the phone, not told so, sent them again."""
    from reknit.practice.checkins.models import CheckIn

    there = dict(CheckIn.objects.filter(session__in=phones.last_try).values_list("session", "received_at"))
    return sum(
        due.session in there and there[due.session].timestamp() < phones.last_try[due.session]
        for due in phones.accepted
    )


def run(database: str, kills: int, what: str = "server", seed: int = 1) -> list[str]:
    """The whole test; what is wrong (nothing is right), after printing one row."""
    with bench.house(database) as house:
        bench.prepare()
        due = bench.people(max(200, kills * 120))
        bench.close_connections()
        house.start()
        phones, chance = Phones(house.port, due[::-1]), random.Random(seed)
        threads = phones.start()
        try:
            if what == "server":
                crash(house, phones, kills, chance)
            else:
                cut_off(phones, kills, chance)
        finally:
            phones.stop.set()
            for thread in threads:
                thread.join()
        house.__exit__(None, None, None)
        wrong = bench.check(phones.accepted, phones.begun)
        print(
            f"| {database}, {what} killed | {kills} | "
            f"{len(phones.accepted)} received in {phones.tries} tries, "
            f"{sent_again(phones)} of them kept before the phone was told and sent again | "
            f"wrong: {len(wrong)} | refused: {phones.refused} |",
            flush=True,
        )
        return wrong


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--database", choices=("sqlite", "postgres"), default="sqlite")
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--what", choices=("server", "postgres"), default="server")
    parser.add_argument("--seed", type=int, default=1, help="of the moments at which it is killed")
    given = parser.parse_args()
    if given.what == "postgres" and given.database != "postgres":
        parser.error("--what postgres needs --database postgres")
    if wrong := run(given.database, given.kills, given.what, given.seed):
        raise SystemExit("\n".join(wrong[:20]))


if __name__ == "__main__":
    main()
