"""The whole product under faults at random: `python -m bench.chaos --kills 500` (half an hour, as root for a disk that fills up).

The commands of docker-compose.yml run as processes over PostgreSQL, Redis and nginx, with stand-ins for the providers of SMS and
WeChat. Borrowers talk all the time while parts are killed, PostgreSQL and Redis restarted, the disk filled, the clock set, the
network slowed. In the end every promise, message and refusal is held against the store and against what the borrowers got; exit
status 1 when anything was lost, doubled, forgotten or sent to who wanted no more. Between 9:00 and 21:00 in China: at night the
bot asks for nothing; reminders go out until 20:00. At another hour `--hours-ahead` with `--libfaketime` shows a clock of the day
to the harness and to all parts that look at one.
"""

from __future__ import annotations

import argparse
import itertools
import json
import os
import random
import shutil
import sys
import time
from collections import defaultdict
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import mkdtemp

from rich.progress import Progress

from bench.chaos.borrowers import Crowd
from bench.chaos.faults import Fault, Faults
from bench.chaos.judge import Verdict, judged, settled
from bench.chaos.probe import Prober
from bench.chaos.product import Product, running_product
from bench.chaos.report import Recovery, Report, markdown
from bench.chaos.take_over import Races, raced
from heyue.desk.outreach import SEND, Wanted
from heyue.errors import HeyueError
from heyue.settings import ZONE

RECOVERY_SECONDS, SETTLE_SECONDS = 180.0, 1_200.0  # what a provider did not take is tried again after ten minutes at the latest
PAUSE_SECONDS = 2.0  # at most, between two faults
KILLS_AN_OTHER = 10  # one other fault for so many kills
BORROWERS, REMINDED, A_KILL, AN_OTHER = 2_000, 300, 10, 80  # cases: who may talk, who is reminded, probes for a fault on average
DAY = range(9, 21)
AHEAD = "FAKETIME"  # libfaketime's variable


@dataclass
class Run:
    """One run under way."""

    product: Product
    options: argparse.Namespace
    progress: Progress
    recovery: dict[str, Recovery] = field(default_factory=lambda: defaultdict(Recovery))
    suffered: list[tuple[float, str, float | None]] = field(default_factory=list)
    kills: int = 0

    def inject(self, planned: list[Fault], prober: Prober, draw: random.Random) -> None:
        """One fault after the other, each at a random moment after somebody was answered again."""
        bar = self.progress.add_task("faults", total=len(planned))
        until = time.monotonic() + 60 * self.options.minutes
        for each in planned:
            if time.monotonic() > until:
                break
            time.sleep(draw.uniform(0, PAUSE_SECONDS))
            self.progress.update(bar, description=each.name)
            self.suffer(each, prober)
            self.kills += each.is_kill
            self.progress.advance(bar)

    def suffer(self, fault: Fault, prober: Prober) -> None:
        """One fault from its beginning to when somebody is answered again."""
        begun, found = time.monotonic(), self.recovery[fault.name]
        fault.begin()
        try:
            if fault.lasts:
                found.meanwhile.append(prober.seconds_until_answered(fault.lasts))
                time.sleep(max(0.0, begun + fault.lasts - time.monotonic()))
        finally:
            fault.end()
        found.seconds.append(prober.seconds_until_answered(RECOVERY_SECONDS))
        self.suffered.append((begun, fault.name, found.seconds[-1]))
        self.progress.console.print(f"{datetime.now(ZONE):%H:%M:%S} {fault.name}: {found.seconds[-1]} {found.meanwhile[-1:]}")


def main() -> int:
    options = parsed()
    if options.hours_ahead and AHEAD not in os.environ:
        see_another_clock(options)
    if datetime.now(ZONE).hour not in DAY:
        print(f"bench.chaos: it is {datetime.now(ZONE):%H:%M} in China: the bot asks for nothing at night, so nobody could promise", file=sys.stderr)
        return 2
    folder, others = Path(mkdtemp(prefix="heyue-chaos-", dir="/var/tmp")), options.kills // KILLS_AN_OTHER if options.others is None else options.others
    cases = BORROWERS + options.races + A_KILL * options.kills + (AN_OTHER + int(options.provider_seconds)) * others
    draw = random.Random(options.seed)
    with Progress() as progress, running_product(folder, cases, options.seed, options.libfaketime, 3600 * options.hours_ahead) as product:
        races = Races()
        if options.races:
            bar = progress.add_task(f"{options.races} races of take-over", total=1)
            races = raced(product, range(BORROWERS, BORROWERS + options.races), options.seed)
            progress.advance(bar)
        report = suffered(product, options, progress, draw, others, cases, races)
    if report.is_whole:
        shutil.rmtree(folder)
    else:
        print(f"the logs stay in {folder}", file=sys.stderr)
    found = report.as_dict()
    options.json.write_text(json.dumps(found, ensure_ascii=False, indent=1), encoding="utf-8")
    print(markdown(found))
    for name, breaches in report.verdict.breaches.items():
        for each in breaches:
            print(f"BREACH {name}: {each}")
    return 0 if report.is_whole else 1


def see_another_clock(options: argparse.Namespace) -> None:
    """Begin again under the library that shows a clock of another hour."""
    if options.libfaketime is None:
        sys.exit("bench.chaos: --hours-ahead needs --libfaketime")
    ahead = {AHEAD: f"{3600 * options.hours_ahead:+.0f}", "LD_PRELOAD": str(options.libfaketime), "FAKETIME_DONT_FAKE_MONOTONIC": "1", "FAKETIME_DISABLE_SHM": "1"}
    os.execve(sys.executable, [sys.executable, "-m", "bench.chaos", *sys.argv[1:]], os.environ | ahead)


def suffered(product: Product, options: argparse.Namespace, progress: Progress, draw: random.Random, others: int, cases: int, races: Races) -> Report:
    """The faults while borrowers talk, and what came of it."""
    faults, run, begun = Faults(product, draw, options.provider_seconds), Run(product, options, progress), time.monotonic()
    crowd = Crowd(product, iter(range(BORROWERS)), options.seed, options.at_once)
    remind(product, draw, options.minutes)
    with Prober(product, itertools.cycle(range(BORROWERS + options.races, cases)), options.probe_seconds) as prober:
        with crowd.talking():
            run.inject(faults.plan(options.kills, others, options.only or ""), prober, draw)
            seconds = time.monotonic() - begun
        ended = time.monotonic()
        verdict = verdict_on(product, crowd, prober)
        settling = time.monotonic() - ended
    waits = [(round(at - begun, 1), round(took, 2), f"{person.case.case_id} {words}") for person in crowd.borrowers for at, took, words in person.waits]
    suffered = [(round(at - begun, 1), name, took and round(took, 2)) for at, name, took in run.suffered]
    impossible = {each.name: each.impossible for each in faults.others() if each.impossible}
    machine = {"cores": os.cpu_count(), "load": round(os.getloadavg()[2], 1)}
    said = {name: value for name, value in vars(options).items() if name in ("kills", "others", "minutes", "seed", "at_once", "races", "probe_seconds", "provider_seconds", "hours_ahead")}
    return Report(said, machine, seconds, settling, run.kills, product.restarter.restarts, run.recovery, waits, suffered, impossible, races, verdict)


def remind(product: Product, draw: random.Random, minutes: float) -> None:
    """Plan reminders to some of the borrowers for random moments of the run, whatever they say until then."""
    now = datetime.now(ZONE)
    for step in list(product.desk.plan_outreach(now, Wanted(frozenset({"reminder"}), most=REMINDED))):
        if step.action == SEND and step.message:
            at = now + timedelta(minutes=draw.uniform(0.2, max(minutes, 0.3)))
            product.desk.enqueue(replace(step.message, not_before=at), now)


def verdict_on(product: Product, crowd: Crowd, prober: Prober) -> Verdict:
    """Once nothing waits any more, or would have to have ended long ago."""
    until = time.monotonic() + SETTLE_SECONDS
    while time.monotonic() < until:
        try:
            if settled(product):
                break
        except HeyueError:
            pass
        time.sleep(2)
    return judged(product, crowd, prober.asked)


def parsed() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bench.chaos", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=500, help="kill -9 of a part at random")
    parser.add_argument("--others", type=int, help=f"other faults between them; default: one for {KILLS_AN_OTHER} kills")
    parser.add_argument("--minutes", type=float, default=60, help="after so long no more faults are begun")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--races", type=int, default=1_000, help="of take-over against an incoming message")
    parser.add_argument("--at-once", type=int, default=4, help="borrowers who talk at the same time")
    parser.add_argument("--only", help="of the other faults only those whose name begins so")
    parser.add_argument("--probe-seconds", type=float, default=1, help="how often somebody writes while it is asked whether anybody is answered again")
    parser.add_argument("--provider-seconds", type=float, default=60, help="how long a fault of the providers lasts")
    parser.add_argument("--hours-ahead", type=float, default=0, help="with --libfaketime: the clock that is shown is so many hours ahead")
    parser.add_argument("--libfaketime", type=Path, help="libfaketime.so.1 (Debian: faketime): the clock of our parts jumps too; best in a run of its own")
    parser.add_argument("--json", type=Path, default=Path("chaos.json"), help="where the report goes")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
