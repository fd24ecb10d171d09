"""How fast messages, lines and talks are read: `python -m bench.reading_speed` (about a minute, prints Markdown).

Every text is read for the first time: what the readers remember is forgotten before each round. Rates are of one core.
"""

from __future__ import annotations

import json
import random
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from heyue.cli.json_lines import MOST_LINES as GROUP
from heyue.coaching import reading, turn_reading
from heyue.coaching.assessment import assess, assess_all
from heyue.coaching.transcript import Transcript, transcript_from_dict
from heyue.conduct.line_check import check_lines, known_lines
from heyue.settings import ZONE
from heyue.understanding import concepts, linear_text, reason_talks, word_vectors
from heyue.understanding.promises import extract_promises
from heyue.understanding.reasons import reasons_of

DATA = Path(__file__).parents[1] / "nlu_data"
NOW = datetime(2026, 11, 24, 10, 0, tzinfo=ZONE)
ROUNDS = 3
REMEMBERED = (
    turn_reading.read_turn, reading._concepts, known_lines, reason_talks._turns_read, linear_text._masked,
    concepts._letters_of_line, word_vectors._rows_of_line,
)  # fmt: skip
STREAMED = (500, 2_000, 8_000)  # talks through the command, to see that time grows evenly and memory does not


def main() -> None:
    texts = [raw["text"] for raw in rows("messages")]
    lines = [raw["text"] for raw in rows("lines")]
    talks = [transcript_from_dict(raw) for raw in rows("types")]
    loop = timed(lambda: sum(range(1_000_000)), 1)
    print(f"A loop of a million additions takes {loop * 1e3:.0f} ms at this moment.\n")
    print("| what | goal | a second and core |\n|---|---|---|")
    print(
        f"| days, sums and promises of a message | 10,000 | {rate(lambda text: extract_promises(text, NOW), texts):,.0f} |"
    )
    print(f"| `heyue extract`: the same and the reason | 2,000 | {rate(read_messages, grouped(texts)) * GROUP:,.0f} |")
    print(f"| `heyue check`: a line | 2,000 | {rate(check_lines, grouped(lines)) * GROUP:,.0f} |")
    turns = statistics.mean(len(talk.turns) for talk in talks)
    print(f"| `heyue classify`: a talk of 12 turns | 400 | {rate(read_talks, grouped(talks)) * GROUP * turns / 12:,.0f} |\n")
    waits = sorted(one_more_turn(talks))
    print(
        f"One more turn of a live talk: p50 {1e3 * statistics.median(waits):.1f} ms, "
        f"p95 {1e3 * waits[int(0.95 * len(waits))]:.1f} ms (goal 10 ms).\n"
    )
    print("| talks through `heyue classify` | seconds | a second | peak memory MB |\n|---|---|---|---|")
    for count in STREAMED:
        seconds, memory = streamed(count)
        print(f"| {count:,} | {seconds:.1f} | {count / seconds:,.0f} | {memory:.0f} |", flush=True)


def rows(folder: str) -> list[dict[str, Any]]:
    """The labelled texts of a folder, in a fixed random order."""
    found = [
        json.loads(line)
        for path in sorted((DATA / folder).glob("*.jsonl"))
        for line in path.read_text(encoding="utf-8").splitlines()
    ]
    random.Random(1).shuffle(found)
    return found[:1_500]


def grouped(items: Sequence[Any]) -> list[Sequence[Any]]:
    """Whole groups of as many as the commands read together."""
    return [items[start : start + GROUP] for start in range(0, len(items) - GROUP + 1, GROUP)]


def read_messages(texts: Sequence[str]) -> None:
    for text in texts:
        extract_promises(text, NOW)
    reasons_of(texts)


def read_talks(talks: Sequence[Transcript]) -> None:
    assess_all(talks, NOW)


def rate(read: Callable[[Any], Any], texts: Sequence[Any]) -> float:
    """Texts a second, the best of some rounds."""
    read(texts[0])

    def whole() -> None:
        forget()
        for text in texts:
            read(text)

    return len(texts) / timed(whole, ROUNDS)


def timed(deed: Callable[[], Any], rounds: int) -> float:
    """Seconds of the quickest round."""
    spent = []
    for _ in range(rounds):
        begun = time.perf_counter()
        deed()
        spent.append(time.perf_counter() - begun)
    return min(spent)


def forget() -> None:
    """Drop what was remembered of turns and lines."""
    for remembered in REMEMBERED:
        remembered.cache_clear()


def one_more_turn(talks: Sequence[Transcript]) -> Iterator[float]:
    """Seconds for each further turn of talks that are read turn by turn, as a live page does."""
    forget()
    for talk in talks[:200]:
        for _, part in talk.beginnings():
            begun = time.perf_counter()
            assess(part, NOW)
            yield time.perf_counter() - begun


def streamed(count: int) -> tuple[float, float]:
    """Seconds and peak memory (MB) of the command over `count` talks."""
    talks = rows("types")
    with tempfile.TemporaryFile() as source:
        for number in range(count):
            raw = talks[number % len(talks)]
            # another id and sum a time, so that nothing is remembered from the talk before
            turns = [turn | {"text": f"{turn['text']}{number}"} for turn in raw["turns"]]
            source.write(json.dumps(raw | {"id": str(number), "turns": turns}).encode() + b"\n")
        source.seek(0)
        before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
        begun = time.perf_counter()
        subprocess.run(
            [sys.executable, "-m", "heyue.cli", "classify"],
            stdin=source,
            stdout=subprocess.DEVNULL,
            check=True,
        )
        spent = time.perf_counter() - begun
    return spent, max(before, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss) / 1024


if __name__ == "__main__":
    main()
