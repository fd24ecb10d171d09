"""What is said in a big store: a few texts, readings and reviews, sealed once and used again and again."""

from __future__ import annotations

import json
from dataclasses import dataclass

from heyue.store import Keys, search
from heyue.store.talk_queries import READING_COLUMNS
from tests.unit.desk.review_talks import CONFIRMED, SAID, THREAT, reading_with, work_with

WORDS = ("您好", "我是本人", "这周五还两千", "厂里还没发工资", "能不能晚几天", "麻烦您了", "好的谢谢", "再见", "电话里说过了", "收到")
SIGNATURES = 50


@dataclass(frozen=True)
class Samples:
    """Sealed with the keys of a store."""

    texts: list[bytes]
    reading: bytes
    address: bytes
    digits: list[bytes]
    body: bytes
    details: tuple[bytes, bytes]  # of a talk without and with a flag
    signatures: list[bytes]
    work: bytes
    words: bytes


def samples_for(keys: Keys) -> Samples:
    """What the rows of a store with these keys hold."""
    texts = [f"{WORDS[n % 10]}，{WORDS[n * 7 % 10]}，第{n}句" for n in range(200)]
    readings = (reading_with(), reading_with(THREAT))
    return Samples(
        [keys.seal(each) for each in texts],
        keys.seal(json.dumps({"text": texts[0], "intent": "promise_to_pay", "signals": []})),
        keys.seal("13900000000"),
        [keys.seal(f"{n:04}") for n in range(10_000)],
        keys.seal(json.dumps({"text": texts[0], "parameters": {}})),
        (keys.seal(json.dumps(readings[0].details)), keys.seal(json.dumps(readings[1].details))),
        [search.signature([each for _, each in SAID] + texts[n::20], keys) for n in range(SIGNATURES)],
        keys.seal(json.dumps(work_with(CONFIRMED).as_dict())),
        keys.seal("请再看一下"),
    )


def reading_values(is_flagged: bool) -> tuple[object, ...]:
    """The columns of a talk's reading."""
    found = reading_with(*([THREAT] if is_flagged else []))
    return tuple(getattr(found, name) for name in READING_COLUMNS)
