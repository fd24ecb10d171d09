"""How soon a simulated debtor answers, 50 exercises at once in one process: `python -m bench.practice_load` (prints Markdown).

As many exercises go on side by side; each round every trainee says one line, by scripted collectors. No line is said to the same
talk twice, so nothing is answered out of a cache of whole answers.
"""

from __future__ import annotations

import statistics
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from random import Random

from heyue.practice.collectors import Talking, starts
from heyue.practice.debtor import Exercise, begin
from heyue.practice.referee import matches
from heyue.settings import ZONE

EXERCISES, ROUNDS, WARM_UP = 50, 20, 10
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
    print("| | answers | median ms | p95 ms | longest ms |\n|---|---|---|---|---|")
    for name, waits in (("one at a time", alone), (f"{EXERCISES} at once", together)):
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


if __name__ == "__main__":
    main()
