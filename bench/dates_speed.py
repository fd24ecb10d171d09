"""Microseconds to read the promises of one message, and what the import costs: python -m bench.dates_speed."""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import datetime

from bench.promises_messages import MESSAGES, messages
from heyue.understanding.amounts import find_amounts
from heyue.understanding.dates import find_dates
from heyue.understanding.promises import extract_promises

ROUNDS = 5  # the fastest counts: the others met a neighbour on the machine
IMPORT = "import time; t = time.perf_counter(); import heyue.understanding.promises; print(time.perf_counter() - t)"
FIRST = (
    "from datetime import datetime, timezone; import time; t = time.perf_counter();"
    "from heyue.understanding.promises import extract_promises;"
    "extract_promises('下周五发工资先还两千', datetime.now(timezone.utc)); print(time.perf_counter() - t)"
)


def fresh(program: str) -> float:
    """Seconds that a new process reports, the best of three."""
    runs = (
        subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
        for _ in range(3)
    )
    return min(float(run.stdout) for run in runs)


def main() -> None:
    everything = [
        (message["text"], datetime.fromisoformat(message["now"]), bool(promises))
        for path in sorted(MESSAGES.glob("*.jsonl"))
        for message, promises in messages(path)
    ]
    for name, kept in (("all", everything), ("with a promise", [each for each in everything if each[2]])):
        texts = [(text, now) for text, now, _ in kept]
        print(
            f"messages {name}: {len(texts)}, {sum(len(text) for text, _ in texts) / len(texts):.0f} characters each"
        )
        for row in rows(texts):
            print(f"    {row}")
    print(f"import            {fresh(IMPORT):.3f} s   import and first message {fresh(FIRST):.3f} s")


def rows(texts: list[tuple[str, datetime]]) -> Iterator[str]:
    """The figures of each function over these messages."""
    calls = {
        "find_dates": find_dates,
        "find_amounts": lambda text, now: find_amounts(text),
        "extract_promises": extract_promises,
    }
    for name, call in calls.items():
        times = sorted(min(timed(call, text, now) for _ in range(ROUNDS)) for text, now in texts)
        p95 = times[int(0.95 * len(times))]
        yield f"{name:<17} p50 {statistics.median(times):6.0f} µs   p95 {p95:6.0f} µs   mean {statistics.fmean(times):6.0f} µs"


def timed(call: object, text: str, now: datetime) -> float:
    """Microseconds of one call."""
    begun = time.perf_counter()
    call(text, now)  # type: ignore[operator]
    return (time.perf_counter() - begun) * 1e6


if __name__ == "__main__":
    main()
