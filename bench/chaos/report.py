"""What a run found, as JSON and as a table for docs/benchmarks.md."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from bench.chaos.judge import Verdict
from bench.chaos.take_over import Races

LONGEST = 20  # waits that the report names


@dataclass
class Recovery:
    """After each fault of one kind: seconds until somebody was answered, counted from its end; None where nobody was in time.

    `meanwhile`: for faults that last, seconds until somebody was answered while it lasted, None where nobody was.
    """

    seconds: list[float | None] = field(default_factory=list)
    meanwhile: list[float | None] = field(default_factory=list)

    def as_dict(self) -> dict[str, Any]:
        known = [each for each in self.seconds if each is not None]
        return {
            "times": len(self.seconds), "never": self.seconds.count(None),
            "median_s": round(statistics.median(known), 2) if known else None, "worst_s": round(max(known), 2) if known else None,
            "answered_meanwhile": sum(each is not None for each in self.meanwhile) if self.meanwhile else None,
        }  # fmt: skip


@dataclass
class Report:
    """A whole run."""

    options: dict[str, Any]
    machine: dict[str, Any]
    seconds: float
    settling: float  # seconds from the end of the last talk until nothing waited
    kills: int
    restarts: int
    recovery: dict[str, Recovery]
    waits: Sequence[tuple[float, float, str]]  # of borrowers: at which second of the run, how long, who and his words
    suffered: Sequence[tuple[float, str, float | None]]  # at which second which fault, seconds until somebody was answered
    impossible: dict[str, str]
    races: Races
    verdict: Verdict

    @property
    def is_whole(self) -> bool:
        """Whether nothing that must hold was broken."""
        return self.verdict.is_whole and not self.races.late and not any(None in each.seconds for each in self.recovery.values())

    def as_dict(self) -> dict[str, Any]:
        return {
            "whole": self.is_whole, "options": self.options, "machine": self.machine, "seconds": round(self.seconds), "settling_s": round(self.settling), "kills": self.kills,
            "restarts": self.restarts, "recovery": {name: each.as_dict() for name, each in sorted(self.recovery.items())},
            "answers": waiting([seconds for _, seconds, _ in self.waits]), "counts": self.verdict.counts, "impossible": self.impossible,
            "races": {"run": self.races.run, "bot_first": self.races.bot_first, "under_way": self.races.under_way, "breaches": self.races.late},
            "under_way": self.verdict.under_way, "breaches": self.verdict.breaches,
            "longest_waits": sorted(self.waits, key=lambda each: -each[1])[:LONGEST], "suffered": self.suffered,
        }  # fmt: skip


def waiting(seconds: Sequence[float]) -> dict[str, float]:
    """How long borrowers waited for answers."""
    if len(seconds) < 2:
        return {}
    cuts = statistics.quantiles(seconds, n=100)
    return {"p50_s": round(cuts[49], 2), "p95_s": round(cuts[94], 2), "p99_s": round(cuts[98], 2), "longest_s": round(max(seconds), 2)}


def markdown(found: dict[str, Any]) -> str:
    """The report as Markdown."""
    lines = [
        f"{found['kills']} kills (seed {found['options']['seed']}) in {found['seconds'] / 60:.0f} minutes, {found['restarts']} restarts; {found['machine']}.\n",
        "| fault | times | answered again after, median / worst (s) | answered while it lasted |\n|---|---|---|---|",
        *(f"| {name} | {each['times']} | {each['median_s']} / {each['worst_s']} | {meanwhile(each)} |" for name, each in found["recovery"].items()),
        *(f"| {name} | none: {why} | | |" for name, why in found["impossible"].items()),
        "\n| what must hold | breaches |\n|---|---|",
        *(f"| {name} | {len(each)} |" for name, each in found["breaches"].items()),
        f"| bot lines after a take-over, of {found['races']['run']} races | {len(found['races']['breaches'])} |",
        f"\nNothing waited any more {found['settling_s']} s after the last talk. Waits for an answer: {found['answers']}. Counts: {found['counts']}. Under way when it was forbidden: {found['under_way']},"
        f" in the races {found['races']['under_way']} (the bot was first in {found['races']['bot_first']}).",
    ]  # fmt: skip
    return "\n".join(lines)


def meanwhile(each: dict[str, Any]) -> str:
    """How many of the times somebody was answered while the fault lasted."""
    return "" if each["answered_meanwhile"] is None else f"{each['answered_meanwhile']} of {each['times']}"
