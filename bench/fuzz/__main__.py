"""A million inputs into every way into the product: `python -m bench.fuzz [--inputs 1000000] [--seed 1] [--only NAME ...]`.

Judged of each: no exception but our own refusals, no answer of a server from 500 on, no hang, an answer to every line; and of all
together that memory does not grow. Prints a report in Markdown; exit status 1 when there was a fault.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext, suppress
from functools import partial
from typing import NamedTuple

import psutil
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

from bench.fuzz.answers import answer_stage
from bench.fuzz.files import file_stage
from bench.fuzz.judging import Entry
from bench.fuzz.lines import line_entries
from bench.fuzz.report import Memory, Stage, report
from bench.fuzz.serving import server_stages


def main() -> int:
    """Run, print the report, and say by the exit status whether there was a fault."""
    options = argparse.ArgumentParser(prog="bench.fuzz", description=__doc__)
    options.add_argument("--inputs", type=int, default=1_000_000)
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--minutes", type=float, default=600.0, help="stop after so many, whatever is left")
    options.add_argument("--only", nargs="+", metavar="NAME", help="entries whose names begin so")
    options.add_argument("--stages", nargs="+", choices=list(stages()))
    given = options.parse_args()
    tried: list[Entry] = []
    memories: list[Memory] = []
    began = time.monotonic()
    with suppress(KeyboardInterrupt), Progress(  # what there is by then is reported
        TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), TimeRemainingColumn(),
        console=Console(file=sys.stderr),
    ) as bar:  # fmt: skip
        for name, stage in [each for each in stages().items() if given.stages is None or each[0] in given.stages]:
            with stage() as (entries, servers):
                here = [*servers, Memory(f"this process, {name}", psutil.Process())]  # each stage warms up for itself
                wanted = [each for each in entries if given.only is None or each.name.startswith(tuple(given.only))]
                tried += wanted
                memories += here
                run_entries(wanted, Goal(given.inputs, given.seed, began + 60 * given.minutes), bar, here)
    print(report(tried, memories, time.monotonic() - began, given.seed))
    return int(any(each.failures for each in tried) or any(each.grows for each in memories))


def stages() -> dict[str, Callable[[], AbstractContextManager[Stage]]]:
    """What must stand together: the servers one by one, and this process alone."""
    return server_stages() | {"files": file_stage, "answers": answer_stage, "lines": partial(nullcontext, (line_entries(), []))}


class Goal(NamedTuple):
    """How many inputs of which seed, and by when (monotonic clock)."""

    inputs: int
    seed: int
    until: float


def run_entries(entries: list[Entry], goal: Goal, bar: Progress, memories: list[Memory]) -> None:
    """Give each entry its share, in turns, so that what one leaves behind shows in the others."""
    goals = {each.name: max(1, round(goal.inputs * each.share)) for each in entries}
    tasks: dict[str, TaskID] = {name: bar.add_task(name, total=goal) for name, goal in goals.items()}
    chunk = 0
    while (due := [each for each in entries if each.inputs < goals[each.name]]) and time.monotonic() < goal.until:
        share = min(each.inputs / goals[each.name] for each in due)
        entry = next(each for each in due if each.inputs / goals[each.name] == share)
        if failure := entry.run(goal.seed + chunk):
            bar.console.print(f"{failure.entry}, seed {failure.seed}: {failure.fault}", markup=False)
        chunk += 1
        bar.update(tasks[entry.name], completed=min(entry.inputs, goals[entry.name]))
        for memory in memories:
            memory.look()


if __name__ == "__main__":
    sys.exit(main())
