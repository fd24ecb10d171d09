"""Promises read in messages of other authors: python -m bench.promises_messages [--failures] [FILE …]."""

from __future__ import annotations

import argparse
import json
from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from heyue.understanding.promises import extract_promises

MESSAGES = Path(__file__).parents[1] / "nlu_data/messages"
PARTS = {"dates": ("start", "end"), "amounts": ("amount",), "certainty": ("certainty",)}
Promises = list[dict[str, Any]]


def messages(path: Path) -> Iterator[tuple[dict[str, Any], Promises]]:
    """The messages of a file, each with its promises by hand."""
    for line in path.read_text(encoding="utf-8").splitlines():
        message = json.loads(line)
        yield message, (message.get("gold") or message["expect"])["promises"]


def pick(promises: Promises, fields: tuple[str, ...]) -> list[tuple[Any, ...]]:
    return [tuple(promise[field] for field in fields) for promise in promises]


def score(path: Path, show_failures: bool) -> Counter[str]:
    """How many messages of a file are read right, as a whole and by part."""
    counts: Counter[str] = Counter()
    for message, wanted in messages(path):
        found = [
            promise.terms().as_dict()
            for promise in extract_promises(message["text"], datetime.fromisoformat(message["now"]))
        ]
        counts["messages"] += 1
        counts["without"] += not wanted
        counts["false"] += bool(found) and not wanted
        counts["exact"] += found == wanted
        for name, fields in PARTS.items():
            counts[name] += pick(found, fields) == pick(wanted, fields)
        if show_failures and found != wanted:
            print(f"{message['id']} {message['now'][:16]} {message['text']}")
            print(f"    by hand {[tuple(each.values()) for each in wanted]}")
            print(f"    read    {[tuple(each.values()) for each in found]}")
    return counts


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("files", nargs="*", type=Path)
    parser.add_argument("--failures", action="store_true", help="print every message read wrongly")
    options = parser.parse_args()
    rows = [
        (path.stem, score(path, options.failures))
        for path in options.files or sorted(MESSAGES.glob("*.jsonl"))
    ]
    print(f"{'file':<20} messages  exact %  dates %  amounts %  certainty %  false promises")
    for name, counts in rows:
        share = {part: 100 * counts[part] / counts["messages"] for part in ("exact", *PARTS)}
        print(
            f"{name:<20} {counts['messages']:8}  {share['exact']:7.1f}  {share['dates']:7.1f}  {share['amounts']:9.1f}"
            f"  {share['certainty']:11.1f}  {counts['false']} of {counts['without']}"
        )


if __name__ == "__main__":
    main()
