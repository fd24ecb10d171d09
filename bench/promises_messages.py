"""Promises read in messages, a voice a file: python -m bench.promises_messages [--rotate | --rules] [--failures] [FILE …].

Without an option the trained model judges, which knows the voices of nlu_data/messages. `--rotate` trains a model without each
file in turn and measures it there: what a new author may expect. `--rules` leaves the model out.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from heyue.understanding.promise_model import judge
from heyue.understanding.promise_rules import judge_by_rules
from heyue.understanding.promises import Judge, judged_promises

MESSAGES = Path(__file__).parents[1] / "nlu_data/messages"
PARTS = {"dates": ("start", "end"), "amounts": ("amount",), "certainty": ("certainty",)}
Promises = list[dict[str, Any]]


def messages(path: Path) -> Iterator[tuple[dict[str, Any], Promises]]:
    """The messages of a file, each with its promises by hand."""
    for line in path.read_text(encoding="utf-8").splitlines():
        message = json.loads(line)
        yield message, (message.get("gold") or message["expect"])["promises"]


def judge_without(path: Path) -> Judge:
    """A model of all voices but the one in `path`."""
    from heyue.understanding.promise_training import train_promises

    others = [other for other in sorted(MESSAGES.glob("*.jsonl")) if other.name != path.name]
    return train_promises([message for other in others for message, _ in messages(other)]).judge


def pick(promises: Promises, fields: tuple[str, ...]) -> list[tuple[Any, ...]]:
    return [tuple(promise[field] for field in fields) for promise in promises]


def score(path: Path, judging: Judge, show_failures: bool) -> Counter[str]:
    """How many messages of a file are read right, as a whole and, where something is promised, by part."""
    counts: Counter[str] = Counter()
    for message, wanted in messages(path):
        now = datetime.fromisoformat(message["now"])
        found = [promise.terms().as_dict() for promise in judged_promises(message["text"], now, judging)]
        counts["messages"] += 1
        counts["exact"] += found == wanted
        counts["promising"] += bool(wanted)
        counts["false"] += bool(found) and not wanted
        for name, fields in PARTS.items():
            counts[name] += bool(wanted) and pick(found, fields) == pick(wanted, fields)
        if show_failures and found != wanted:
            print(f"{message['id']} {message['now'][:16]} {message['text']}")
            print(f"    by hand {[tuple(each.values()) for each in wanted]}")
            print(f"    read    {[tuple(each.values()) for each in found]}")
    return counts


def row(name: str, counts: Counter[str]) -> str:
    """One line of the table."""
    without = counts["messages"] - counts["promising"]
    shares = "".join(f"  {100 * counts[part] / max(counts['promising'], 1):9.1f}" for part in PARTS)
    exact = 100 * counts["exact"] / max(counts["messages"], 1)
    return f"{name:<20} {counts['messages']:8}  {exact:7.1f}{shares}  {counts['false']} of {without}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("files", nargs="*", type=Path)
    parser.add_argument("--failures", action="store_true", help="print every message read wrongly")
    parser.add_argument(
        "--rotate", action="store_true", help="judge each file by a model that has not seen it"
    )
    parser.add_argument("--rules", action="store_true", help="judge by the rules alone")
    options = parser.parse_args()
    print(f"{'file':<20} messages  exact %  {'dates %':>9}  {'amounts %':>9}  certainty %  false promises")
    total: Counter[str] = Counter()
    for path in options.files or sorted(MESSAGES.glob("*.jsonl")):
        judging = judge_without(path) if options.rotate else judge_by_rules if options.rules else judge
        counts = score(path, judging, options.failures)
        total += counts
        print(row(path.stem, counts), flush=True)
    print(row("all", total))


if __name__ == "__main__":
    main()
