"""`python -m bench.conversations`: how fast the bot answers, beside the same bot and dialogue on Rasa's own settings.

Both run on this machine at the same time and are loaded in turns, so that its speed of the moment weighs on both.
Each conversation is a whole promise dialogue over the REST channel with the transcript and the promise stored.
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from bench.load import Measured, conversations, five_at_once, long_conversation
from bench.rivals import Rival, start_heyue, start_stock, stock_jsonschema

AT_ONCE = (1, 8, 32)
HEYUE = "Heyue"


@dataclass
class Figures:
    """All that was measured of one rival."""

    rival: Rival
    load: dict[int, Measured] = field(default_factory=lambda: {count: Measured() for count in AT_ONCE})
    bursts: list[float] = field(default_factory=list)
    in_order: bool = True
    turn_ten: float = 0.0
    turn_last: float = 0.0


def main(words: list[str] | None = None) -> int:
    options = parsed(words)
    with tempfile.TemporaryDirectory() as folder:
        all_figures = start(Path(folder), options.without_stock)
        try:
            for _ in range(options.rounds):
                for figures in all_figures:
                    asyncio.run(one_round(figures, options))
            for figures in all_figures:
                figures.turn_ten, figures.turn_last = asyncio.run(
                    long_conversation(figures.rival, options.turns)
                )
            report = table(all_figures, options)
        finally:
            for figures in all_figures:
                figures.rival.stop()
    print(report)
    if options.output:
        options.output.write_text(report, encoding="utf-8")
    return 0 if all(sound(figures) for figures in all_figures) else 1


def parsed(words: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bench.conversations", description=__doc__)
    parser.add_argument("--rounds", type=int, default=3, help="how often the rivals take turns")
    parser.add_argument(
        "--conversations", type=int, default=2, help="of each borrower in a round (8 messages each)"
    )
    parser.add_argument("--turns", type=int, default=500, help="messages of the long conversation")
    parser.add_argument("--without-stock", action="store_true", help="measure Heyue alone")
    parser.add_argument("--output", type=Path, help="a file for the table")
    return parser.parse_args(words)


def start(folder: Path, without_stock: bool) -> list[Figures]:
    """Start the rivals one after the other, each over 2,000 cases."""
    schema = "" if without_stock else stock_jsonschema(folder / "jsonschema")
    starters: list[tuple[str, Callable[[Rival], None]]] = [(HEYUE, start_heyue)]
    if not without_stock:
        starters.append(("stock, our jsonschema 3.2", lambda rival: start_stock(rival, "")))
    if schema:
        starters.append(("stock", lambda rival: start_stock(rival, schema)))
    started = []
    for number, (name, starter) in enumerate(starters):
        (folder / str(number)).mkdir()
        rival = Rival(name, folder / str(number))
        rival.put_cases(2_000)
        starter(rival)
        started.append(Figures(rival))
    return started


async def one_round(figures: Figures, options: argparse.Namespace) -> None:
    """One turn of a rival: each number of conversations at once, then a burst of messages."""
    for count, total in figures.load.items():
        rounds = options.conversations * (5 if count == 1 else 1)
        total.merge(await conversations(figures.rival, count, rounds))
    waits, in_order = await five_at_once(figures.rival, 2)
    figures.bursts += waits
    figures.in_order &= in_order


def sound(figures: Figures) -> bool:
    """Whether every message was answered and every promise stored."""
    return figures.in_order and not any(
        run.unanswered or run.promises_missing for run in figures.load.values()
    )


def table(all_figures: list[Figures], options: argparse.Namespace) -> str:
    """All figures side by side, as Markdown."""
    messages = sum(len(run.seconds) for run in all_figures[0].load.values())
    rows = [("", *(figures.rival.name for figures in all_figures))]
    rows += [(name, *(cell(figures) for figures in all_figures)) for name, cell in rows_of(options)]
    lines = [" | ".join(("", *row, "")).strip() for row in rows]
    lines.insert(1, "|---" * len(rows[0]) + "|")
    return "\n".join(
        [
            f"{messages} messages each in {options.rounds} rounds; {calibration():.0f} ms for a loop of 1M.",
            "",
            *lines,
            "",
        ]
    )


def rows_of(options: argparse.Namespace) -> list[tuple[str, Callable[[Figures], str]]]:
    """Name and cell of each row."""
    rows: list[tuple[str, Callable[[Figures], str]]] = []
    for count in AT_ONCE:
        rows += [
            (
                f"messages a second, {count} at once",
                lambda of, count=count: f"{of.load[count].per_second:.0f}",
            ),
            (
                f"p50 / p95 of a reply, {count} at once (ms)",
                lambda of, count=count: percentiles(of.load[count]),
            ),
            (f"CPU a message, {count} at once (ms)", lambda of, count=count: cpu(of.load[count])),
        ]
    return rows + [
        ("five messages of one borrower at once, all answered after (ms)", lambda of: burst(of)),
        (f"reply at turn 10 / turn {options.turns} (ms)", lambda of: f"{of.turn_ten:.1f} / {of.turn_last:.1f}"),
        ("first answer after start (s)", lambda of: f"{of.rival.first_answer_seconds:.1f}"),
        ("memory after all that, each process (MB)", lambda of: " + ".join(map(str, of.rival.rss_megabytes()))),
        ("unanswered messages, missing promises", lambda of: losses(of)),
    ]  # fmt: skip


def percentiles(run: Measured) -> str:
    return f"{run.percentile(0.5):.0f} / {run.percentile(0.95):.0f}"


def cpu(run: Measured) -> str:
    return f"{1000 * run.cpu_seconds / len(run.seconds):.1f}"


def burst(figures: Figures) -> str:
    longest, usual = max(figures.bursts), statistics.median(figures.bursts)
    return f"{1000 * usual:.0f}, at most {1000 * longest:.0f}{'' if figures.in_order else ', NOT in order'}"


def losses(figures: Figures) -> str:
    unanswered = sum(run.unanswered for run in figures.load.values())
    missing = sum(run.promises_missing for run in figures.load.values())
    return f"{unanswered}, {missing}"


def calibration() -> float:
    """Milliseconds of a plain loop: the machine's speed of the moment."""
    begun = time.perf_counter()
    for _ in range(1_000_000):
        pass
    return 1000 * (time.perf_counter() - begun)


if __name__ == "__main__":
    sys.exit(main())
