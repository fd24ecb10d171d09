"""How soon a simulated debtor answers, 50 exercises at once in one process: `python -m bench.practice_load` (prints Markdown).

Thrice: the debtor alone; 50 who answer at once without a thought; 50 at the desk, over a store, who think for some seconds
between their lines (a line said, kept, the talk read again, hints looked up, as the page does it). As many exercises go on side by side; each round every trainee says one line, by scripted collectors. No line is said to the same
talk twice, so nothing is answered out of a cache of whole answers.
"""

from __future__ import annotations

import statistics
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

from heyue.access.people import User
from heyue.access.roles import role_of
from heyue.desk import Desk
from heyue.policy import default_policy
from heyue.practice.collectors import Talking, starts
from heyue.practice.debtor import Exercise, begin
from heyue.practice.records import BY_KIND
from heyue.practice.referee import matches
from heyue.settings import ZONE
from heyue.store import Keys, Store

EXERCISES, ROUNDS, WARM_UP = 50, 20, 10
ROUNDS_AT_DESK, THINK_SECONDS = 8, 4  # a trainee reads, thinks and types for longer
GOAL_MS = 300
AT = datetime(2026, 11, 26, 10, tzinfo=ZONE)


def main() -> None:
    """Print how long one answer takes alone, and with 50 trainees at once."""
    for each in begun(WARM_UP):  # models load, expressions compile
        whole_talk(*each)
    alone = [seconds for each in begun(5) for seconds in whole_talk(*each)]
    with ThreadPoolExecutor(EXERCISES) as pool:
        together = [
            seconds for talk in pool.map(lambda each: whole_talk(*each), begun(EXERCISES)) for seconds in talk
        ]
    with TemporaryDirectory() as folder, ThreadPoolExecutor(EXERCISES) as pool:
        desk = Desk(opened_store(Path(folder)), default_policy())
        desk_talks = pool.map(lambda match: talk_at_desk(desk, *match), enumerate(begun(EXERCISES)))
        at_desk = [seconds for talk in desk_talks for seconds in talk]
    print("| | answers | median ms | p95 ms | longest ms |\n|---|---|---|---|---|")
    for name, waits in (
        ("one at a time", alone),
        (f"{EXERCISES} at once", together),
        (f"{EXERCISES} at the desk", at_desk),
    ):
        p95 = statistics.quantiles(waits, n=20)[-1]
        print(
            f"| {name} | {len(waits)} | {1e3 * statistics.median(waits):.1f} | {1e3 * p95:.1f} | {1e3 * max(waits):.1f} |"
        )
    print(f"\nGoal: p95 of {EXERCISES} at once within {GOAL_MS} ms.")


def begun(count: int) -> list[tuple[Exercise, Talking]]:
    """Exercises with a scripted trainee each."""
    return [
        (begin(persona, level, seed, AT), starts(collector, persona))
        for collector, persona, level, seed in matches(count, seed=count)
    ]


def whole_talk(exercise: Exercise, talking: Talking) -> list[float]:
    """Seconds that each answer of one talk took."""
    choice = Random(exercise.seed)
    waits: list[float] = []
    while exercise.ended is None and len(waits) < ROUNDS:
        answer = exercise.turns[-1].text if exercise.turns else None
        line, talking = talking.next_line(answer, AT, choice)
        begun_at = time.perf_counter()
        exercise = exercise.after(line, AT)
        waits.append(time.perf_counter() - begun_at)
    return waits


def opened_store(folder: Path) -> Store:
    """An empty store on SQLite."""
    store = Store.open(f"sqlite:///{folder / 'heyue.db'}", Keys.from_data_key(bytes(32)))
    store.migrate()
    return store


def talk_at_desk(desk: Desk, number: int, match: tuple[Exercise, Talking]) -> list[float]:
    """Seconds from a line to the answer on the screen, for one trainee who thinks before each line."""
    (exercise, talking), choice, waits = match, Random(number), []
    user = User(f"trainee{number}", "", role_of("trainee"))
    here = desk.start_practice(user, BY_KIND, exercise.level, AT, exercise.persona.kind).talk_id
    opened = desk.refresh_practice(user, here)
    while not opened.has_ended and len(waits) < ROUNDS_AT_DESK:
        time.sleep(choice.uniform(0, 2 * THINK_SECONDS))
        answer = opened.turns[-1].text if opened.turns else None
        line, talking = talking.next_line(answer, AT, choice)
        begun_at = time.perf_counter()
        desk.practise_line(user, here, line, AT)
        opened = desk.refresh_practice(user, here)
        desk.practice_hints(user, here)
        waits.append(time.perf_counter() - begun_at)
    return waits


if __name__ == "__main__":
    main()
