"""What a run has shown, in Markdown."""

from __future__ import annotations

from dataclasses import dataclass, field

import psutil

from bench.fuzz.judging import SHOWN, Entry

MIB = 1 << 20
WARM = 0.3  # of the looks: by then models are loaded and what is remembered has its size
MOST_GROWTH_MIB, MOST_GROWTH = 64.0, 0.25


@dataclass
class Memory:
    """The resident memory of a process over a run. `seen`: MiB after each chunk."""

    name: str
    process: psutil.Process
    seen: list[float] = field(default_factory=list)

    def look(self) -> None:
        """Note it now."""
        self.seen.append(self.process.memory_info().rss / MIB)

    @property
    def warm(self) -> float:
        return max(self.seen[: 1 + int(WARM * len(self.seen))], default=0.0)

    @property
    def end(self) -> float:
        return self.seen[-1] if self.seen else 0.0

    @property
    def grows(self) -> bool:
        """Whether it ends higher than it ever was while warming up, by more than is noise."""
        return self.end - self.warm > max(MOST_GROWTH_MIB, MOST_GROWTH * self.warm)


Stage = tuple[list[Entry], list[Memory]]  # entries that need the same servers, and the memory of these


def report(entries: list[Entry], memories: list[Memory], seconds: float, seed: int) -> str:
    """Figures by entry, memory, and every fault with what shows it."""
    failures = [failure for entry in entries for failure in entry.failures]
    lines = [
        f"Seed {seed}: {sum(each.inputs for each in entries):,} inputs in {seconds / 60:.1f} min, {len(failures)} kinds of fault.",
        "", "| entry | inputs | a second | faults |", "|---|---|---|---|",
    ]  # fmt: skip
    lines += [
        f"| {each.name} | {each.inputs:,} | {each.inputs / max(each.seconds, 1e-9):,.0f} | {sum(each.signs.values())} |" for each in entries
    ]
    lines += ["", "| memory | warm, MiB | at the end, MiB | |", "|---|---|---|---|"]
    lines += [f"| {each.name} | {each.warm:.0f} | {each.end:.0f} | {'GROWS' if each.grows else 'stays'} |" for each in memories]
    for each in failures:
        lines += ["", f"**{each.entry}**, seed {each.seed}: {each.fault}", "", f"    {each.shown[:SHOWN]}"]
    return "\n".join(lines)
