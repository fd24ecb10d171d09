"""A store full of invented contacts, written straight into the tables: what the coach's pages are measured on.

The texts are talks of nlu_data/types, each read once by the models; who called whom, when, and what came of it is drawn
from a seeded generator. Half of the contacts are the bot's, the others are uploads by collectors.
"""

from __future__ import annotations

import itertools
import json
import random
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Table, insert

from heyue.desk.reading import reading_of
from heyue.records import ConversationRecord, TalkReading, Turn
from heyue.store import Keys, Store, search
from heyue.store.tables import cases, contact_attempts, conversations, messages, payments, promises, stops
from heyue.store.talk_queries import READING_COLUMNS
from heyue.store.talk_tables import machine_flags, talk_details, talk_readings, talk_signatures

DAYS = 180  # over which the contacts are spread
TALKS_A_CASE = 2
COLLECTORS = tuple(f"collector{number:02}" for number in range(20))
BATCH = 2_000
TYPES = Path(__file__).parents[1] / "nlu_data/types"
Row = dict[str, Any]
Rows = dict[Table, list[Row]]


@dataclass(frozen=True)
class Original:
    """A talk with all that is written of it, sealed once."""

    channel: str
    sealed: list[tuple[str, bytes]]
    reading: TalkReading
    details: bytes
    signature: bytes


def fill(store: Store, count: int, now: datetime, talks: int = 200, seed: int = 7) -> None:
    """Write `count` contacts into an empty store that has the newest schema.

    Args:
        now: when the last of them began. talks: how many different ones there are.
    """
    draw = random.Random(seed)
    noon = now.replace(hour=12)  # a talk read as one of the night would break a rule with every turn
    originals = [original(each, noon, store.keys) for each in draw.sample(sources(), talks)]
    moments = (now - timedelta(days=DAYS * (count - number) / count) for number in range(count))
    numbered = enumerate(moments)
    turn_ids = itertools.count(1)
    while batch := list(itertools.islice(numbered, BATCH)):
        rows: Rows = defaultdict(list)
        for number, at in batch:
            add_contact(rows, number, at, draw.choice(originals), turn_ids, store.keys, draw)
        with store.engine.begin() as connection:
            for table, of_table in sorted(rows.items(), key=lambda each: ORDER.index(each[0])):
                connection.execute(insert(table), of_table)


ORDER = (
    cases, conversations, messages, talk_readings, talk_details, talk_signatures, machine_flags, contact_attempts,
    promises, payments, stops,
)  # fmt: skip


def sources() -> list[Row]:
    """The talks of nlu_data/types."""
    lines = itertools.chain.from_iterable(
        path.read_text(encoding="utf-8").splitlines() for path in sorted(TYPES.glob("*.jsonl"))
    )
    return [json.loads(line) for line in lines]


def original(raw: Row, at: datetime, keys: Keys) -> Original:
    """A talk, read by the models."""
    here = ConversationRecord("", None, raw["channel"], at, at, len(raw["turns"]), "human", origin="upload")
    turns = [Turn(0, "", said["speaker"], said["text"], at) for said in raw["turns"]]
    reading = reading_of(here, None, turns, None)
    return Original(
        raw["channel"],
        [(turn.speaker, keys.seal(turn.text)) for turn in turns],
        reading,
        keys.seal(json.dumps(reading.details, ensure_ascii=False)),
        search.signature([turn.text for turn in turns], keys),
    )


def add_contact(
    rows: Rows,
    number: int,
    at: datetime,
    talk: Original,
    turn_ids: Iterator[int],
    keys: Keys,
    draw: random.Random,
) -> None:
    """Add one contact, its case when it is the case's first, and what came of it."""
    here, case_id, is_bots = (
        f"{draw.getrandbits(128):032x}",
        f"B-{number // TALKS_A_CASE:06}",
        number % 2 == 0,
    )
    at = min(at.replace(hour=draw.randrange(8, 22)), at)
    if number % TALKS_A_CASE == 0:
        rows[cases].append(case_row(case_id, at, keys, draw))
    rows[conversations].append(
        {
            "conversation_id": here, "case_id": case_id, "channel": talk.channel,
            "origin": "bot" if is_bots else "upload", "external_id": None if is_bots else f"upload-{number}",
            "started_at": at, "last_turn_at": at + timedelta(minutes=len(talk.sealed)),
            "turn_count": len(talk.sealed), "last_speaker": talk.sealed[-1][0],
            "holder": "bot" if is_bots else "human", "handler": None if is_bots else draw.choice(COLLECTORS),
        }
    )  # fmt: skip
    add_turns(rows, here, talk, at, turn_ids)
    add_reading(rows, here, talk, at)
    if is_bots:
        add_outcome(rows, here, case_id, talk, at, draw)


def case_row(case_id: str, at: datetime, keys: Keys, draw: random.Random) -> Row:
    return {
        "case_id": case_id, "name_sealed": keys.seal("赵明远"), "creditor": "云山消费金融",
        "amount_due_fen": draw.randrange(50_000, 2_000_000), "due_date": (at - timedelta(days=draw.randrange(40))).date(),
        "row_hash": bytes(32),
    }  # fmt: skip


def add_turns(rows: Rows, here: str, talk: Original, at: datetime, turn_ids: Iterator[int]) -> None:
    for minute, (speaker, sealed) in enumerate(talk.sealed):
        rows[messages].append(
            {
                "turn_id": next(turn_ids), "conversation_id": here, "channel": talk.channel, "speaker": speaker,
                "text_sealed": sealed, "at": at + timedelta(minutes=minute),
            }
        )  # fmt: skip


def add_reading(rows: Rows, here: str, talk: Original, at: datetime) -> None:
    found = {name: getattr(talk.reading, name) for name in READING_COLUMNS}
    rows[talk_readings].append({"conversation_id": here, "read_at": at, **found})
    rows[talk_details].append({"conversation_id": here, "details_sealed": talk.details})
    rows[talk_signatures].append({"conversation_id": here, "signature": talk.signature})
    flags = {(each["turn"], each["rule"]) for each in talk.reading.details["violations"]}
    rows[machine_flags] += [{"conversation_id": here, "turn": turn, "rule": rule} for turn, rule in flags]


def add_outcome(
    rows: Rows, here: str, case_id: str, talk: Original, at: datetime, draw: random.Random
) -> None:
    """Three of four borrowers are verified, half of them promise, three of five of these pay in time."""
    outcome = draw.choice(("right_party", "right_party", "right_party", "not_verified", "wrong_party"))
    attempt = {
        "case_id": case_id,
        "channel": talk.channel,
        "outcome": outcome,
        "at": at,
        "conversation_id": here,
    }
    rows[contact_attempts].append(attempt)
    if outcome == "right_party" and draw.random() < 0.5:
        due_fen, end = draw.randrange(50_000, 500_000), (at + timedelta(days=draw.randrange(1, 15))).date()
        rows[promises].append(
            {
                "promise_key": f"{here}:0:0", "case_id": case_id, "conversation_id": here, "start": end, "end": end,
                "certainty": "firm", "amount_due_fen": due_fen, "state": "open", "recorded_at": at,
            }
        )  # fmt: skip
        if draw.random() < 0.6:
            rows[payments].append(
                {"case_id": case_id, "paid_at": at + timedelta(hours=20), "amount_fen": due_fen}
            )
    elif draw.random() < 0.02:
        cause = rows[messages][-1]["turn_id"]
        rows[stops].append({"case_id": case_id, "state": "COMPLAINT_OPEN", "at": at, "cause_turn_id": cause})
