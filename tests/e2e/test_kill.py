"""Servers are killed in the middle of conversations: no confirmed promise is lost, none is recorded twice.

Several borrowers talk at once to a bot with an action server of its own. At random moments of their messages the action
server, the bot or both are ended by kill -9 and started again; a borrower who heard nothing writes again, as people do,
or his provider delivers the same message again. HEYUE_KILLS says how often (12 by default, 50 before a release).
"""

from __future__ import annotations

import os
import random
import re
import sqlite3
import threading
import time
import uuid
from collections import Counter
from collections.abc import Iterator
from contextlib import AbstractContextManager, closing
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path

import httpx
import pytest

from bot.wording import channel_line
from heyue.conduct.disclosure import reveals_debt
from heyue.records import Case, PromiseTerms
from heyue.settings import ZONE
from heyue.store import Keys, Store
from tests.bot_process import ACTION_SERVER, BOT, KillableServers
from tests.crowd import talking
from tests.scripted_borrower import RECORDED, topic_of

pytestmark = pytest.mark.kill
KILLS = int(os.environ.get("HEYUE_KILLS", "12"))
SEED = int(os.environ.get("HEYUE_KILL_SEED", "20261124"))
PEOPLE_AT_ONCE = 6
MOST_CASES = 12 * KILLS + 50
MOST_TURNS = 30
PATIENCE_SECONDS = 60.0  # a server is up again long before
LATEST_BLOW = 0.04  # seconds after a message was sent; an answer takes about 20 ms

AT = datetime(2026, 11, 24, 10, 0, tzinfo=ZONE)  # a Tuesday
PROMISES = [
    ("这周五还", "三千", PromiseTerms(date(2026, 11, 27), date(2026, 11, 27), "3000.00")),
    ("12月4号还", "全部", PromiseTerms(date(2026, 12, 4), date(2026, 12, 4), "full")),
    ("下周三还", "一千五", PromiseTerms(date(2026, 12, 2), date(2026, 12, 2), "1500.00")),
    ("后天还", "一半", PromiseTerms(date(2026, 11, 26), date(2026, 11, 26), "half")),
]
SUMS = {"3000.00": "3,000元", "full": "4,600元", "1500.00": "1,500元", "half": "2,300元"}
STRANGERS = 6  # every sixth person is not the borrower and guesses the digits
WRONG_DIGITS = "9999"
STANDING = ("open", "due", "partly_kept")

VICTIMS = [(ACTION_SERVER,), (BOT,), (ACTION_SERVER, BOT)]
VICTIM_WEIGHTS = [4, 4, 2]
OPENING, CONFIRM = "opening", "confirm"
STAGES = [OPENING, "identity", "verify", "when", "amount", "reason", CONFIRM, "anything_else"]
STAGE_WEIGHTS = [1, 1, 2, 1, 1, 1, 8, 1]


@dataclass(frozen=True)
class Blow:
    """One kill: which servers, at a message of which stage, how many seconds after it was sent."""

    victims: tuple[str, ...]
    stage: str
    delay: float


def blows(count: int, rng: random.Random) -> list[Blow]:
    """The plan of a run, the same for the same seed."""
    return [
        Blow(
            rng.choices(VICTIMS, VICTIM_WEIGHTS)[0],
            rng.choices(STAGES, STAGE_WEIGHTS)[0],
            rng.uniform(0, LATEST_BLOW),
        )
        for _ in range(count)
    ]


class Trap:
    """Armed for a stage; the next message of that stage springs it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._stage: str | None = None
        self._sprung = threading.Event()
        self.message_key = ""

    def wait_for(self, stage: str) -> bool:
        """Arm it and wait; whether a message of the stage came by in time."""
        self._sprung.clear()
        with self._lock:
            self._stage = stage
        return self._sprung.wait(PATIENCE_SECONDS)

    def pass_by(self, stage: str, message_key: str) -> None:
        """A message of this stage is about to be sent."""
        with self._lock:
            if self._stage == stage:
                self._stage, self.message_key = None, message_key
                self._sprung.set()


@dataclass
class Person:
    """Somebody who answers what the bot asks, and sends again what was not answered."""

    client: httpx.Client
    trap: Trap
    case: Case
    number: int
    rng: random.Random
    turns: list[tuple[str, list[str]]] = field(default_factory=list)
    resent: Counter[str] = field(default_factory=Counter)
    corrections: int = 0

    @property
    def is_stranger(self) -> bool:
        return self.number % STRANGERS == STRANGERS - 1

    @property
    def promise(self) -> tuple[str, str, PromiseTerms]:
        return PROMISES[self.number % len(PROMISES)]

    @property
    def is_told(self) -> bool:
        """The bot said that the promise is recorded."""
        return any(RECORDED.search(line) for _, lines in self.turns for line in lines)

    def hold(self) -> None:
        """The whole talk."""
        self.say("你好", OPENING)
        while len(self.turns) < MOST_TURNS:
            topic = topic_of(self.turns[-1][1])
            if self.is_over(topic):
                return
            self.say(self.answer_to(topic), topic or "when")

    def is_over(self, topic: str | None) -> bool:
        """Nothing more is asked and nothing is left to ask."""
        return topic is None and (self.is_stranger or self.is_told)

    def answer_to(self, topic: str | None) -> str:
        day, amount, terms = self.promise
        if topic == CONFIRM and SUMS[terms.amount] not in "".join(self.turns[-1][1]):
            self.corrections += (
                1  # his digits, sent again after an answer that only he did not get, were a sum
            )
            return "不对，" + day + amount
        answers = {
            "identity": "是我",
            "verify": WRONG_DIGITS if self.is_stranger else str(self.case.id_last4),
            "amount": amount,
            "reason": "忘了",
            "confirm": "对",
            "anything_else": "没有了",
        }
        return answers.get(topic or "", day + amount if topic is None else day)

    def say(self, text: str, stage: str) -> None:
        """Send a message until it is answered: as it was, by his provider, or once more, by himself."""
        time.sleep(self.rng.uniform(0, 0.05))
        key, until = uuid.uuid4().hex, time.monotonic() + PATIENCE_SECONDS
        by_provider = False
        while (lines := self.post(text, stage, key)) is None or (by_provider and not lines):
            assert time.monotonic() < until, f"{self.case.case_id} gets no answer to {text!r}"
            time.sleep(self.rng.uniform(0.1, 0.6))
            by_provider = lines is None and self.rng.random() < 0.5
            key = key if by_provider else uuid.uuid4().hex
            self.resent["by the provider" if by_provider else "by the person"] += 1
        self.turns.append((text, lines))

    def post(self, text: str, stage: str, key: str) -> list[str] | None:
        """The bot's lines; None when there was no answer or only that something failed."""
        at = AT + timedelta(minutes=len(self.turns))
        body = {
            "sender": self.case.phone,
            "message": text,
            "metadata": {"at": at.isoformat(), "message_id": key},
        }
        self.trap.pass_by(stage, key)
        try:
            answer = self.client.post("/webhooks/rest/webhook", json=body)
        except httpx.TransportError:
            return None
        lines = [line["text"] for line in answer.json()]
        return None if answer.status_code == 503 and lines == [channel_line("technical_fault")] else lines

    def unverified_lines(self) -> list[str]:
        """What was said to him before he gave the right digits."""
        lines: list[str] = []
        for said, answer in self.turns:
            if said == self.case.id_last4:
                break
            lines += answer
        return lines


@dataclass
class Crowd:
    """Borrowers who come one after another, several at a time, until they are told to stop."""

    url: str
    cases: Iterator[tuple[int, Case]]
    trap: Trap = field(default_factory=Trap)
    people: list[Person] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)
    stopping: threading.Event = field(default_factory=threading.Event)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def one_after_another(self) -> None:
        with httpx.Client(
            base_url=self.url, timeout=30, trust_env=False, limits=httpx.Limits(max_keepalive_connections=0)
        ) as client:
            while not self.stopping.is_set():
                with self.lock:
                    number, case = next(self.cases)
                    person = Person(client, self.trap, case, number, random.Random(SEED + number))
                    self.people.append(person)
                try:
                    person.hold()
                except Exception as error:  # a thread's exception would only be printed
                    self.failures.append(f"{case.case_id}: {error!r}")
                    self.stopping.set()

    def talking(self) -> AbstractContextManager[None]:
        """They talk as long as the block runs; then each ends his talk."""
        return talking(self.one_after_another, PEOPLE_AT_ONCE, self.stopping, 2 * PATIENCE_SECONDS)


def store_of(folder: Path) -> Store:
    store = Store.open(f"sqlite:///{folder / 'heyue.db'}", Keys.from_environment(folder))
    store.migrate()
    return store


def case_of(number: int) -> Case:
    return Case(
        f"K-{number:04}", "吴桂芳", "青禾消费金融", 460_000, date(2026, 11, 20), gender="女",
        phone=f"1390000{number:04}", id_last4=f"{1000 + number}", product="消费分期", minimum_due_fen=46_000,
    )  # fmt: skip


def progress_of(folder: Path, message_key: str) -> str:
    """How far the message of this key got before its servers were killed."""
    with closing(sqlite3.connect(folder / "heyue.db", timeout=10)) as connection:
        found = connection.execute(
            "SELECT turn_id FROM messages WHERE message_key = ?", (message_key,)
        ).fetchone()
        if found is None:
            return "not received"
        turn_id = found[0]
        answered = connection.execute(
            "SELECT 1 FROM messages WHERE message_key = ?", (f"answer:{turn_id}:0",)
        )
        if answered.fetchone():
            return "answer stored"
        recorded = connection.execute("SELECT 1 FROM promises WHERE cause_turn_id = ?", (turn_id,))
        return "promise recorded, answer not stored" if recorded.fetchone() else "received, answer not stored"


@dataclass
class Outcome:
    """What a run leaves behind."""

    crowd: Crowd
    store: Store
    hits: Counter[str]
    seconds: float

    @property
    def borrowers(self) -> list[Person]:
        return [person for person in self.crowd.people if not person.is_stranger]

    def said_to(self, person: Person) -> list[str]:
        """The bot's lines in the transcript of somebody's case."""
        with self.store.transaction() as tx:
            turns = tx.turns_of_case(person.case.case_id)
        return [turn.text for turn in turns if turn.speaker == "bot"]


@pytest.fixture(scope="module")
def outcome(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Outcome]:
    folder, begun = tmp_path_factory.mktemp("kill"), time.monotonic()
    store = store_of(folder)
    cases = [case_of(number) for number in range(MOST_CASES)]
    with store.transaction() as tx:
        tx.put_cases([(case, "usable") for case in cases])
    with KillableServers(folder) as servers:
        crowd, hits = Crowd(servers.url, iter(enumerate(cases))), Counter[str]()
        with crowd.talking():
            for blow in blows(KILLS, random.Random(SEED)):
                assert crowd.trap.wait_for(blow.stage), crowd.failures
                time.sleep(blow.delay)
                servers.kill(blow.victims)
                hits[f"{blow.stage}: {progress_of(folder, crowd.trap.message_key)}"] += 1
                servers.start(blow.victims)
    yield Outcome(crowd, store, hits, time.monotonic() - begun)
    store.close()


def standing(outcome: Outcome, person: Person) -> list[PromiseTerms]:
    """The terms of the promises that stand for somebody's case."""
    with outcome.store.transaction() as tx:
        return [promise.terms for promise in tx.promises(person.case.case_id) if promise.state in STANDING]


def test_every_talk_went_on_to_its_end(outcome: Outcome) -> None:
    print("\n" + report(outcome))
    assert outcome.crowd.failures == []
    assert sum(outcome.hits.values()) == KILLS
    assert [person.turns for person in outcome.borrowers if not person.is_told] == []


def report(outcome: Outcome) -> str:
    """Where the kills hit, and what people had to do about it."""
    people = outcome.crowd.people
    resent = sum((person.resent for person in people), Counter[str]())
    corrections = sum(person.corrections for person in people)
    return "\n".join(
        [
            f"{KILLS} kills in {outcome.seconds:.0f} s, {len(people)} people, {len(outcome.borrowers)} promises",
            *(f"  {times:3} {moment}" for moment, times in sorted(outcome.hits.items())),
            f"  sent again: {dict(resent)}; read-backs corrected: {corrections}",
        ]
    )


def test_no_confirmed_promise_is_lost_or_doubled(outcome: Outcome) -> None:
    wrong = [
        (found, person.turns)
        for person in outcome.borrowers
        if (found := standing(outcome, person)) != [person.promise[2]]
    ]
    assert wrong == []


def test_no_promise_was_recorded_more_than_once(outcome: Outcome) -> None:
    """Not even in place of the same one: a second entry would look like a promise that was changed."""
    with outcome.store.transaction() as tx:
        entries = {person.case.case_id: len(tx.promises(person.case.case_id)) for person in outcome.borrowers}
    assert {case_id for case_id, number in entries.items() if number != 1} == set()


def test_every_answer_that_matters_was_given(outcome: Outcome) -> None:
    """The bill was named and the promise said to be recorded, whatever was killed after it had been decided."""
    for person in outcome.borrowers:
        said = "".join(outcome.said_to(person))
        assert "应还4,600元" in said, person.turns
        assert re.search("(?<!已经)(?:登记好了|已登记)：", said), person.turns


def test_nobody_who_is_not_verified_hears_of_the_debt(outcome: Outcome) -> None:
    told = [
        line
        for person in outcome.crowd.people
        for line in person.unverified_lines() + (outcome.said_to(person) if person.is_stranger else [])
        if reveals_debt(line, person.case)
    ]
    assert told == []


def test_strangers_promise_nothing(outcome: Outcome) -> None:
    strangers = [person for person in outcome.crowd.people if person.is_stranger]
    assert strangers
    assert [standing(outcome, person) for person in strangers] == [[] for _ in strangers]


def test_what_was_heard_stands_in_the_transcript(outcome: Outcome) -> None:
    for person in outcome.crowd.people:
        heard = Counter(line for _, lines in person.turns for line in lines)
        assert heard <= Counter(outcome.said_to(person)), person.turns
