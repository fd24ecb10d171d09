"""Days found in the expressions of ten public projects, beside peers: python -m bench.dates_peers [--failures] [--peers]."""

from __future__ import annotations

import argparse
import contextlib
import io
import json
import time
from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

from heyue.understanding.dates import find_dates

HERE = Path(__file__).parent
CASES = Path("/work/shared/benchmarks/dates_peers.jsonl")
CHINA = timezone(timedelta(hours=8))
Span = list["str | None"]
Reader = Callable[[str, datetime], list[Span]]


def rows(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def ours(text: str, now: datetime) -> list[Span]:
    found = find_dates(text, now.replace(tzinfo=CHINA))
    return [[each.start and each.start.isoformat(), each.end and each.end.isoformat()] for each in found]


def jionlp_reader() -> Reader:
    """JioNLP 1.5.29, `extract_time`."""
    with contextlib.redirect_stdout(io.StringIO()):
        import jionlp

    def reader(text: str, now: datetime) -> list[Span]:
        found = jionlp.ner.extract_time(text, time_base=now.timestamp(), with_parsing=True)
        spans = [each["detail"]["time"] for each in found if isinstance(each["detail"]["time"], list)]
        return [[begin[:10], None if end == "inf" else end[:10]] for begin, end in spans]

    return reader


def recognizers_reader() -> Reader:
    """Recognizers-Text for Python; its ends of periods are exclusive."""
    import emoji

    if not hasattr(emoji, "UNICODE_EMOJI"):  # it asks for a name that newer emoji packages have dropped
        emoji.UNICODE_EMOJI = {"en": emoji.EMOJI_DATA}
    from recognizers_date_time import recognize_datetime

    def reader(text: str, now: datetime) -> list[Span]:
        values = [
            value
            for each in recognize_datetime(text, "zh-cn", reference=now)
            for value in (each.resolution or {}).get("values", [])
        ]
        return [span for value in values if (span := span_of(value)) is not None]

    return reader


def span_of(value: dict[str, str]) -> Span | None:
    """Recognizers' value as first and last day."""
    if "value" in value:
        return [value["value"][:10], value["value"][:10]]
    if "start" not in value or "end" not in value:
        return None
    if value["type"] != "daterange":
        return [value["start"][:10], value["end"][:10]]
    last = datetime.fromisoformat(value["end"]) - timedelta(days=1)
    return [value["start"], last.date().isoformat()]


def score(name: str, reader: Reader, cases: list[dict[str, Any]], show_failures: bool) -> Counter[str]:
    """Right and wrong by source; a peer's own suite is left out for it."""
    counts: Counter[str] = Counter()
    begun = time.perf_counter()
    for case in cases:
        source = case["source"].split(":")[0]
        if source == name:
            continue
        text, now = case.get("expr") or case["text"], datetime.fromisoformat(case["ref"]).replace(tzinfo=None)
        wanted = [[case["start"], case["end"]], *case.get("alt", [])]
        try:
            found = reader(text, now)
        except Exception:
            found = []
        right = any(span in wanted for span in found)
        counts["cases"] += 1
        counts["right"] += right
        counts[f"wrong {source}"] += not right
        if show_failures and not right:
            print(f"{case['id']} {case['ref'][:10]} {text}\n    wanted {wanted}\n    found  {found}")
    counts["µs"] = round((time.perf_counter() - begun) / max(counts["cases"], 1) * 1e6)
    return counts


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--failures", action="store_true", help="print every case that is not an exception")
    parser.add_argument("--peers", action="store_true", help="run JioNLP and Recognizers-Text beside it")
    options = parser.parse_args()
    cases, exceptions = rows(CASES), {each["id"] for each in rows(HERE / "dates_exceptions.jsonl")}
    kept = [case for case in cases if case["id"] not in exceptions]
    readers: dict[str, Reader] = {"heyue": ours}
    if options.peers:
        readers |= {"jionlp": jionlp_reader(), "recognizers": recognizers_reader()}
    print(f"{len(cases)} cases, {len(exceptions)} of them contradict contracts.md (dates_exceptions.jsonl)")
    for name, reader in readers.items():
        everything = score(name, reader, cases, False)
        without = score(name, reader, kept, options.failures and name == "heyue")
        wrong = {key[6:]: count for key, count in everything.items() if key.startswith("wrong ") and count}
        print(
            f"{name:<12} {percent(everything)} of all {everything['cases']}   {percent(without)} without the exceptions"
            f"   {everything['µs']} µs a case   wrong: {dict(sorted(wrong.items(), key=lambda each: -each[1]))}"
        )


def percent(counts: Counter[str]) -> str:
    return f"{100 * counts['right'] / counts['cases']:.1f} %"


if __name__ == "__main__":
    main()
