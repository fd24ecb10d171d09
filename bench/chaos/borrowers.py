"""Borrowers who talk over SMS and WeChat as scripted, come what may, and remember what they said and when they were to be left alone."""

from __future__ import annotations

import random
import re
import threading
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from bench.chaos.product import Product, case_of
from bot.wording import channel_line
from heyue.access.people import User
from heyue.access.roles import roles
from heyue.errors import HeyueError
from heyue.provider_sim.sms import Sms
from heyue.records import Case, PromiseTerms
from heyue.settings import ZONE
from tests.crowd import talking
from tests.scripted_borrower import RECORDED, topic_of

PROMISER, STRANGER, REFUSER, TAKEN = "promises", "wrong number", "opts out", "taken over by a person"
ROLES, ROLE_WEIGHTS = (PROMISER, STRANGER, REFUSER, TAKEN), (6, 1, 2, 1)
SMS, WECHAT = "sms", "wechat"
SUMS = {"三千": ("3000.00", "3,000元"), "全部": ("full", "4,600元"), "一千五": ("1500.00", "1,500元"), "一半": ("half", "2,300元")}
DAYS = {"明天还": 1, "后天还": 2, "大后天还": 3}
GOODBYE = re.compile("打扰")  # in the bot's last words to who wants no more
REFUSAL = {SMS: "TD", WECHAT: "退订"}
PATIENCE_SECONDS, GIVES_UP_SECONDS = 25.0, 200.0
LOOK_SECONDS = 0.05
MOST_TURNS = 30
COLLECTOR = User("chaos", "测试主管", roles()["lead"])


@dataclass
class Message:
    """What a borrower wrote. `taken_at`: when his provider's callback was acknowledged; None: never."""

    text: str
    taken_at: float | None = None


@dataclass
class Borrower:
    """`quiet_from`: the moment from which nothing may come any more; `may_come`: the one line that still may."""

    product: Product
    number: int
    channel: str
    role: str
    draw: random.Random
    messages: list[Message] = field(default_factory=list)
    waits: list[tuple[float, float, str]] = field(default_factory=list)  # when he wrote, seconds until an answer, his words
    lines: list[str] = field(default_factory=list)  # of the last answer
    told: bool = False
    quiet_from: float | None = None
    may_come: str | None = None
    gave_up: bool = False
    handed_over: bool = False
    heard: int = 0

    def __post_init__(self) -> None:
        self.case: Case = case_of(self.number)
        self.address = str(self.case.phone if self.channel == SMS else self.case.wechat_openid)
        self.day, self.sum = self.draw.choice(list(DAYS)), self.draw.choice(list(SUMS))
        self.today = datetime.now(ZONE).date()

    @property
    def terms(self) -> PromiseTerms:
        day = self.today + timedelta(days=DAYS[self.day])
        return PromiseTerms(day, day, SUMS[self.sum][0])

    def received(self) -> list[tuple[float, Any]]:
        """All that ever came to him, with the moment."""
        return self.product.arrived(self.address)

    def hold(self) -> None:
        """The whole talk."""
        text: str | None = "你好"
        while text is not None and len(self.messages) < MOST_TURNS and self.say(text):
            text = self.next_words()

    def next_words(self) -> str | None:
        """What he says to the last answer; None: nothing more."""
        topic = topic_of([part for line in self.lines for part in line.split("\n")])
        if channel_line("technical_fault") in "".join(self.lines):
            return self.messages[-1].text
        if self.role == STRANGER and topic == "identity":
            self.leave("打错了，我不认识这个人", waits=True)
        elif self.role == REFUSER and topic in ("verify", "when", "amount"):
            self.leave(REFUSAL[self.channel], waits=self.channel == WECHAT)
        elif self.role == TAKEN and topic in ("when", "amount"):
            self.be_taken_over()
        else:
            return self.goes_on(topic)
        return None

    def goes_on(self, topic: str | None) -> str | None:
        """What he says who wants to promise; None once that is done."""
        self.told = self.told or any(RECORDED.search(line) for line in self.lines)
        if topic is None and self.told:
            return None
        if topic == "confirm" and SUMS[self.sum][1] not in "".join(self.lines):
            return f"不对，{self.day}{self.sum}"
        answers = {"identity": "是我", "verify": str(self.case.id_last4), "amount": self.sum, "reason": "忘了", "confirm": "对", "anything_else": "没有了"}
        return answers.get(topic or "", f"{self.day}{self.sum}" if topic is None else self.day)

    def leave(self, text: str, waits: bool) -> None:
        """Say that one wants no more. `waits`: it is acknowledged by an answer; else by the callback, and confirmed once."""
        if waits:
            while self.quiet_from is None and len(self.messages) < MOST_TURNS and self.say(text):
                if any(GOODBYE.search(line) for line in self.lines):  # and not an answer to something before
                    self.quiet_from = time.monotonic()
            return
        message = self.push(text)
        self.quiet_from, self.may_come = message.taken_at, channel_line("opted_out")

    def be_taken_over(self) -> None:
        """A person takes the talk; he writes once more, and only a person might answer."""
        self.push("在吗")  # at the same time
        while True:
            try:
                with self.product.desk.store.reading() as tx:
                    talk = tx.latest_conversation(self.address)
                assert talk
                self.product.desk.take_over(COLLECTOR, talk.conversation_id, datetime.now(ZONE))
                break
            except HeyueError:  # the store is away
                time.sleep(0.5)
        self.quiet_from = time.monotonic()
        self.push("有人吗")

    def say(self, text: str) -> bool:
        """Say something, again if need be, until an answer comes. False: none came, or a person has the talk."""
        begun = time.monotonic()
        self.push(text)
        while time.monotonic() < begun + GIVES_UP_SECONDS:
            if self.has_heard(PATIENCE_SECONDS):
                self.waits.append((begun, time.monotonic() - begun, text))
                return True
            if self.is_handed_over():
                self.handed_over = True
                return False
            if self.draw.random() < 0.5:
                self.push(text)
        self.gave_up = True
        return False

    def has_heard(self, seconds: float) -> bool:
        """Wait for an answer."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            answers = [text_of(item) for _, item in self.received() if is_answer(item)]
            if len(answers) > self.heard:
                self.lines, self.heard = answers[self.heard :], len(answers)
                return True
            time.sleep(LOOK_SECONDS)
        return False

    def is_handed_over(self) -> bool:
        try:
            return self.product.holder(self.address) not in ("bot", "nobody")
        except HeyueError:
            return False

    def push(self, text: str) -> Message:
        """Write; the provider brings it again, half a second later, until it is taken or nobody would try any more."""
        time.sleep(self.draw.uniform(0.02, 0.5))
        message = Message(text)
        self.messages.append(message)
        deliver = self.sms_delivery(text) if self.channel == SMS else self.wechat_delivery(text)
        until = time.monotonic() + GIVES_UP_SECONDS
        while time.monotonic() < until:
            if next(deliver):
                message.taken_at = time.monotonic()
                break
            time.sleep(0.5)
        return message

    def sms_delivery(self, text: str) -> Iterator[bool]:
        said = self.product.sms.said(self.address, text)
        while True:
            yield self.product.sms.push_said([said]).status_code == 200

    def wechat_delivery(self, text: str) -> Iterator[bool]:
        account = self.product.wechat
        said = account.message(self.address, text)
        while True:
            before = len(account.broken)
            account.push(said)
            yield len(account.broken) == before


def is_answer(item: Any) -> bool:
    """Whether a message answers him; a reminder does not."""
    return item.message_id.startswith("reply:") if isinstance(item, Sms) else item.how in ("passive", "custom")


def text_of(item: Any) -> str:
    return str(item.text)


@dataclass
class Crowd:
    """Borrowers who come one after another, several at a time, until they are told to stop."""

    product: Product
    numbers: Iterator[int]
    seed: int
    at_once: int
    borrowers: list[Borrower] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.stopping, self._lock = threading.Event(), threading.Lock()

    def talking(self) -> AbstractContextManager[None]:
        """They talk as long as the block runs; then each ends his talk."""
        return talking(self._one_after_another, self.at_once, self.stopping, 2 * GIVES_UP_SECONDS)

    def _one_after_another(self) -> None:
        while not self.stopping.is_set() and (borrower := self._next()):
            try:
                borrower.hold()
            except Exception as error:  # a thread's exception would only be printed
                self.failures.append(f"{borrower.case.case_id}: {error!r}")

    def _next(self) -> Borrower | None:
        with self._lock:
            if (number := next(self.numbers, None)) is None:
                return None
            draw = random.Random(f"{self.seed} {number}")
            role = draw.choices(ROLES, ROLE_WEIGHTS)[0]
            channel = draw.choices((SMS, WECHAT), (2, 1))[0]
            self.borrowers.append(Borrower(self.product, number, channel, role, draw))
            return self.borrowers[-1]
