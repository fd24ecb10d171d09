"""One and two Rasa processes behind nginx: `python -m bench.many_rasas` (two minutes, prints Markdown).

The commands of docker-compose.yml run as processes on this machine over PostgreSQL and Redis; coach, reader and workers are
ended before the load. One and two processes take turns in one run. Besides messages a second it shows which part spends how
much processor time on a message: that, and not the two cores of a laptop, says what more machines will give.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import shutil
import statistics
import tempfile
from base64 import b64decode
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from bench.load import Measured, conversations
from bench.rivals import Rival
from heyue.settings import with_password
from heyue.store import Keys, Store
from tests.compose_processes import Stack

PARTS = ("rasa", "actions", "postgres", "redis", "nginx")
CLIENT = "load generator"
CASES = 4_000


@dataclass
class Door(Rival):
    """The product behind nginx, in the form in which the other measurements know a bot."""

    stack: Stack = field(default_factory=lambda: Stack(Path()))

    def store(self) -> Store:
        url = with_password(self.stack.database_url(), self.stack.secret("postgres_password"))
        return Store.open(url, Keys.from_data_key(b64decode(self.stack.secret("data_key"))))

    def cpu_seconds(self) -> float:
        return sum(self.cpu_by_part().values())

    def cpu_by_part(self) -> dict[str, float]:
        """Processor time so far of each part with all its processes, and of this program."""
        used = {part: sum(_cpu(each.running.process.pid) for each in self.stack.of(part) if each.running) for part in PARTS}
        return used | {CLIENT: sum(os.times()[:2])}


def _cpu(pid: int) -> float:
    try:
        process = psutil.Process(pid)
        family = [process, *process.children(recursive=True)]
        return sum(each.cpu_times().user + each.cpu_times().system for each in family)
    except psutil.NoSuchProcess:
        return 0.0


@dataclass
class Figures:
    """What was measured with so many processes."""

    load: Measured = field(default_factory=Measured)
    rates: list[float] = field(default_factory=list)
    cpu: dict[str, float] = field(default_factory=dict)


def main() -> None:
    options = parsed()
    folder = Path(tempfile.mkdtemp(prefix="heyue-many-"))
    extra = {"HEYUE_TRUST_MESSAGE_TIME": "1"}
    with Stack(folder, replicas={"rasa": 2, "coach": 1, "worker": 1}, extra=extra) as stack:
        door = Door("behind nginx", folder, stack.url("nginx", 8081), stack=stack)
        for idle in ("coach", "reader", "worker"):
            stack.end(stack.of(idle)[0])
        door.put_cases(CASES)
        figures = measured(door, options.rounds, options.at_once)
    shutil.rmtree(folder)
    report(figures, options.at_once)


def parsed() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bench.many_rasas", description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--at-once", type=int, default=16, help="borrowers who write at the same time")
    return parser.parse_args()


def measured(door: Door, rounds: int, at_once: int) -> dict[int, Figures]:
    """Two processes, then one, in each round; the first messages of a fresh process are not counted."""
    stack, found = door.stack, {1: Figures(), 2: Figures()}
    second = stack.of("rasa")[1]
    for number in range(rounds):
        if number:
            stack.start(second)
            stack.wait_for(lambda: stack.is_healthy(second))
        for count in (2, 1):
            if count == 1:
                stack.end(second)
            asyncio.run(conversations(door, at_once, 1))  # warm
            note(found[count], door, at_once)
    return found


def note(figures: Figures, door: Door, at_once: int) -> None:
    before = door.cpu_by_part()
    load = asyncio.run(conversations(door, at_once, 3))
    for part, seconds in door.cpu_by_part().items():
        figures.cpu[part] = figures.cpu.get(part, 0.0) + seconds - before[part]
    figures.load.merge(load)
    figures.rates.append(load.per_second)


def report(figures: dict[int, Figures], at_once: int) -> None:
    one, two = figures[1], figures[2]
    ratios = [after / before for after, before in zip(two.rates, one.rates, strict=True)]
    print(f"{at_once} borrowers at once, {len(one.load.seconds)} messages each; {psutil.cpu_count()} cores.\n")
    print("| Rasa processes | messages a second | p50 / p95 ms | unanswered, promises missing |\n|---|---|---|---|")
    for count, each in figures.items():
        load = each.load
        print(f"| {count} | {load.per_second:.0f} | {load.percentile(0.5):.0f} / {load.percentile(0.95):.0f} "
              f"| {load.unanswered}, {load.promises_missing} |")  # fmt: skip
    print(f"\nRatio two to one, by round: {', '.join(f'{each:.2f}' for each in ratios)}; median {statistics.median(ratios):.2f}.\n")
    print("| processor time a message, ms | one process | two |\n|---|---|---|")
    for part in (*PARTS, CLIENT):
        print(f"| {part} | {per_message(one, part):.2f} | {per_message(two, part):.2f} |")
    print(f"| all | {sum(per_message(one, each) for each in one.cpu):.2f} | {sum(per_message(two, each) for each in two.cpu):.2f} |")


def per_message(figures: Figures, part: str) -> float:
    return 1000 * figures.cpu[part] / len(figures.load.seconds)


if __name__ == "__main__":
    main()
