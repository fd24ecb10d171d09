"""Races of a person who takes a talk over against the bot's answer to the message that opened it, over the whole product."""

from __future__ import annotations

import random
import time
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import text

from bench.chaos.borrowers import COLLECTOR
from bench.chaos.product import Product, case_of
from heyue.settings import ZONE

AT_ONCE, LATEST_SECONDS, WAIT_SECONDS, REST_SECONDS = 4, 1.0, 30.0, 5.0
LOOK_SECONDS = 0.005
LINES = "SELECT count(*) FROM messages WHERE conversation_id = :talk AND speaker = 'bot'"
WAITING = "SELECT count(*) FROM outbox WHERE conversation_id = :talk AND state = 'queued'"


@dataclass(frozen=True)
class Race:
    """How a race stood when the take-over was acknowledged. `lines`: the bot's in the talk; `waiting`: of them not yet sent."""

    number: int
    talk: str
    at: float
    lines: int
    waiting: int


@dataclass
class Races:
    """`late`: lines written into a talk, or messages sent, that had not been when the person had it. `bot_first`: the answer stood before.
    `under_way`: messages that had left the outbox, and arrived at the provider, after that moment."""

    run: int = 0
    bot_first: int = 0
    under_way: int = 0
    late: list[str] = field(default_factory=list)


def raced(product: Product, numbers: Iterable[int], seed: int) -> Races:
    """Let each of these borrowers write, and somebody take his talk at a random moment; hold it against what came of it."""
    with ThreadPoolExecutor(AT_ONCE) as pool:
        races = list(pool.map(lambda number: _race(product, number, random.Random(f"{seed} {number}")), numbers))
    time.sleep(REST_SECONDS)  # whatever is still to come
    found = Races(len(races), sum(each.lines > 0 for each in races))
    for each in races:
        _judge(product, each, found)
    return found


def _race(product: Product, number: int, draw: random.Random) -> Race:
    phone = str(case_of(number).phone)
    with ThreadPoolExecutor(1) as writer:
        writing = writer.submit(product.sms.say, phone, "你好")
        talk = _talk_of(product, phone)
        time.sleep(draw.uniform(0, LATEST_SECONDS))
        product.desk.take_over(COLLECTOR, talk, datetime.now(ZONE))
        at = time.monotonic()
        lines, waiting = _count(product, LINES, talk), _count(product, WAITING, talk)
        writing.result()
    return Race(number, talk, at, lines, waiting)


def _talk_of(product: Product, phone: str) -> str:
    until = time.monotonic() + WAIT_SECONDS
    while time.monotonic() < until:
        with product.desk.store.reading() as tx:
            if talk := tx.latest_conversation(phone):
                return str(talk.conversation_id)
        time.sleep(LOOK_SECONDS)
    raise TimeoutError("the message was not taken in")


def _count(product: Product, query: str, talk: str) -> int:
    with product.desk.store.reading() as tx:
        return int(tx.connection.execute(text(query), {"talk": talk}).scalar())


def _judge(product: Product, race: Race, found: Races) -> None:
    arrived = [at for at, _ in product.arrived(str(case_of(race.number).phone))]
    after = sum(at > race.at for at in arrived)
    if _count(product, LINES, race.talk) > race.lines:
        found.late.append(f"F-{race.number:06}: a line was written into the talk after it was taken over")
    if after and race.waiting:
        found.late.append(f"F-{race.number:06}: an answer that waited went out after the talk was taken over")
    found.under_way += after if not race.waiting else 0
