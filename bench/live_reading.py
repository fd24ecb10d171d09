"""How soon a message that arrives is read: `python -m bench.live_reading` (a minute, prints Markdown).

50 conversations run at once over one store; `heyue read-talks --follow` reads them in a process of its own, as in `heyue run`.
Measured: from a message received to its suggestion stored.
"""

from __future__ import annotations

import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import date, datetime
from pathlib import Path
from typing import Any

from heyue.desk import Desk
from heyue.policy import default_policy
from heyue.records import Case
from heyue.settings import ZONE
from heyue.store import Keys, Store

DATA = Path(__file__).parents[1] / "nlu_data" / "types"
CONVERSATIONS, ROUNDS, ROUND_SECONDS = 50, 8, 5.0  # a message every five seconds in each: ten a second
GOAL_MS = 150


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        desk = desk_over(Path(folder))
        reader = subprocess.Popen(
            [sys.executable, "-m", "heyue.cli", "read-talks", "--follow"],
            env=os.environ | {"HEYUE_DATA_FOLDER": folder},
        )
        try:
            waits = [1e3 * wait for wait in measured(desk)]
        finally:
            reader.terminate()
            reader.wait()
    p95 = sorted(waits)[int(0.95 * len(waits))]
    print("| conversations | messages | p50 ms | p95 ms | most ms | goal p95 |\n|---|---|---|---|---|---|")
    print(
        f"| {CONVERSATIONS} | {len(waits)} | {statistics.median(waits):.0f} | {p95:.0f} | {max(waits):.0f} | {GOAL_MS} |"
    )


def desk_over(folder: Path) -> Desk:
    store = Store.open(f"sqlite:///{folder / 'heyue.db'}", Keys.from_environment(folder))
    store.migrate()
    with store.transaction() as tx:
        tx.put_cases([(case_of(number), "usable") for number in range(CONVERSATIONS)])
    return Desk(store, default_policy())


def case_of(number: int) -> Case:
    return Case(
        f"C-{number}", "赵明远", "云山消费金融", 320_000, date(2026, 11, 15), phone=str(13_800_000_000 + number)
    )


def measured(desk: Desk) -> list[float]:
    """Seconds from a message received to its reading stored, of all rounds but the first, which loads the models."""
    choose = random.Random(1)
    talks = choose.sample(own_turns(), CONVERSATIONS)
    waits = []
    for number in range(ROUNDS):
        for place, talk in enumerate(talks):
            begun = time.perf_counter()
            text = talk[number % len(talk)]
            now = datetime.now(ZONE)
            here = desk.receive("sms", str(13_800_000_000 + place), text, now).conversation_id
            wait_until_read(desk, here, number + 1)
            if number:
                waits.append(time.perf_counter() - begun)
            time.sleep(max(0.0, ROUND_SECONDS / CONVERSATIONS - (time.perf_counter() - begun)))
    return waits


def wait_until_read(desk: Desk, conversation_id: str, turn_count: int) -> None:
    while True:
        with desk.store.reading() as tx:
            listed = tx.listed_talk(conversation_id)
        if listed and listed.reading and listed.reading.turn_count >= turn_count:
            return
        time.sleep(0.002)


def own_turns() -> list[list[str]]:
    """The borrowers' turns of the handwritten talks."""
    talks: list[dict[str, Any]] = [
        json.loads(line) for file in sorted(DATA.glob("*.jsonl")) for line in file.read_text("utf-8").splitlines()
    ]
    return [[turn["text"] for turn in talk["turns"] if turn["speaker"] == "borrower"] for talk in talks]


if __name__ == "__main__":
    main()
