"""`python -m bench.coach_pages`: how long the coach's pages and the use cases behind them take over a full store.

The store is a fresh SQLite file with invented contacts (bench.many_talks), or one that an earlier run left in --folder.
Pages are run by Streamlit's own test runner: everything but the browser. "first" is the first visit of the process to
the page, "again" the next one, when figures that may be a minute old are at hand. Seconds of the clock, and of the
processor, which other programs on the machine disturb less.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

from bench.many_talks import fill

ROOT = Path(__file__).parents[1]
PASSWORD = "bench-Passwort-1"
Timed = tuple[float, float]


def main(words: list[str] | None = None) -> int:
    options = parsed(words)
    with tempfile.TemporaryDirectory() as temporary:
        folder = options.folder or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        os.environ["HEYUE_DATA_FOLDER"] = str(folder)  # before the coach reads its settings
        os.environ.pop("HEYUE_DATABASE_URL", None)
        prepare(options.talks)
        print("| what | seconds | processor |\n|---|---|---|")
        for line in (*use_cases(), *pages(options.pages)):
            print(line, flush=True)
    return 0


def parsed(words: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bench.coach_pages", description=__doc__)
    parser.add_argument("--talks", type=int, default=100_000)
    parser.add_argument(
        "--folder", type=Path, help="keep the store here, and take it as it is when it is there"
    )
    parser.add_argument("--pages", nargs="*", help="names of navigation.yml; all when none is given")
    return parser.parse_args(words)


def prepare(talks: int) -> None:
    """A full store with a user of each role."""
    from heyue.access.people import operator
    from heyue.access.roles import roles
    from heyue.desk import desk_of_process
    from heyue.settings import ZONE

    desk, now = desk_of_process(), datetime.now(ZONE)
    if desk.users(operator("bench")):
        return
    for role in roles():
        desk.add_user(role, role, role, PASSWORD, operator("bench"), now)
    print(f"filling the store with {talks} contacts …", file=sys.stderr)
    fill(desk.store, talks, now)


def timed(call: Callable[[], object]) -> Timed:
    """Seconds of the clock and of the processor that a call takes."""
    clock, processor = time.perf_counter(), time.process_time()
    call()
    return time.perf_counter() - clock, time.process_time() - processor


def line(what: str, took: Timed) -> str:
    return f"| {what} | {took[0]:.2f} | {took[1]:.2f} |"


def use_cases() -> list[str]:
    """What the pages ask the desk for."""
    from heyue.access.people import User
    from heyue.access.roles import role_of
    from heyue.desk import desk_of_process
    from heyue.insight.figures import Week
    from heyue.settings import ZONE

    desk, now, lead = desk_of_process(), datetime.now(ZONE), User("lead", "lead", role_of("lead"))
    week = Week.of(now.date()).before.bounds
    calls: dict[str, Callable[[], object]] = {
        "facts of 4 weeks": lambda: desk.contact_facts(lead, now - timedelta(days=28), now, now),
        "facts of all": lambda: desk.contact_facts(lead, now - timedelta(days=365), now, now),
        "rules broken in 4 weeks": lambda: desk.rule_breaks(lead, now - timedelta(days=28), now),
        "rules broken in all": lambda: desk.rule_breaks(lead, now - timedelta(days=365), now),
        "talks to look at in a week": lambda: desk.talks_to_look_at(lead, *week, now),
        "running conversations": lambda: desk.running_talks(lead, now),
    }
    return [line(name, timed(call)) for name, call in calls.items()]


def pages(wanted: list[str] | None) -> list[str]:
    """Every page, as somebody who may open it."""
    from coach_ui import cookie
    from coach_ui.navigation import entries
    from heyue.access.roles import roles

    cookie.token = lambda: None  # there is no browser
    lines = []
    for name in wanted or entries():
        login = next(key for key in reversed(roles()) if roles()[key].may_open(name))
        first, again = visit(login, name), visit(login, name)
        lines += [line(f"page {name} as {login}, first", first), line(f"page {name}, again", again)]
    return lines


def visit(login: str, name: str) -> Timed:
    """How long a signed-in person waits for the page."""
    from streamlit.testing.v1 import AppTest

    from coach_ui.session import TOKEN
    from heyue.access.people import SignedIn
    from heyue.desk import desk_of_process
    from heyue.settings import ZONE

    app = AppTest.from_file(str(ROOT / "coach_ui/app.py"), default_timeout=120)
    verdict = desk_of_process().sign_in(login, PASSWORD, datetime.now(ZONE))
    assert isinstance(verdict, SignedIn), verdict
    app.session_state[TOKEN] = verdict.token
    app.run()
    app.switch_page(f"screens/{name}.py")
    took = timed(app.run)
    if app.exception or app.error:
        raise RuntimeError(f"the page {name} failed: {[*app.exception, *app.error]}")
    return took


if __name__ == "__main__":
    raise SystemExit(main())
