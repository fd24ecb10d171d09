"""Who is in a big store: cases, addresses, talks by number. Everything follows from the number, so two fillings are alike."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from heyue.records import Case
from heyue.settings import ZONE

NOW = datetime(2026, 11, 26, 10, 0, tzinfo=ZONE)
DAYS = 730  # over which the talks are spread
TURNS = 10  # of each talk
DEMONSTRATIONS = 12
CREDITORS = tuple(f"{name}消费金融" for name in "甲乙丙丁戊己庚辛壬癸子丑寅卯辰巳午未申酉")
STATUSES = ("active",) * 60 + ("promised",) * 15 + ("human",) * 10 + ("stopped",) * 7 + ("settled",) * 8
COLLECTORS = ("wang", *(f"collector{number:02}" for number in range(1, 20)))  # the first is tests.unit.desk.conftest's
BOT, FEED, UPLOAD = "bot", "feed", "upload"
ORIGINS = (BOT,) * 7 + (FEED,) * 2 + (UPLOAD,)
PRIME = 7_919


def case_id(number: int) -> str:
    """The number of a case; the first few are demonstrations."""
    return f"DEMO-{number:03}" if number < DEMONSTRATIONS else f"B-{number:08}"


def person(number: int) -> int:
    """Whose case it is: one in ten is the second of the person before."""
    return number - 1 if number % 10 == 9 else number


def phone(number: int) -> str:
    """The phone of a case's borrower."""
    return f"139{person(number):08}"


def openid(number: int) -> str | None:
    """The WeChat name of every second borrower."""
    return f"oBig{number:024}" if number % 2 else None


def due_date(number: int) -> date:
    """From 115 days ago to four days from now."""
    return NOW.date() - timedelta(days=number % 120 - 4)


def case_of(number: int) -> Case:
    """The case of this number."""
    return Case(
        case_id(number), f"赵{person(number)}", CREDITORS[number * number % len(CREDITORS)], 100_000 + number % 900_000,
        due_date(number), phone=phone(number), wechat_openid=openid(number), id_last4=f"{person(number) % 10_000:04}",
        product="循环贷", status=STATUSES[number * 37 % 100],
    )  # fmt: skip


@dataclass(frozen=True)
class Talk:
    """The talk of a number among so many: every second case has two. `age` counts from the latest, which is 0."""

    number: int
    count: int

    @property
    def age(self) -> int:
        return self.count - 1 - self.number

    @property
    def conversation_id(self) -> str:
        return hashlib.md5(f"talk {self.number}".encode(), usedforsecurity=False).hexdigest()

    @property
    def case(self) -> int:
        return self.number * PRIME % self.count // 2 * 2

    @property
    def origin(self) -> str:
        return ORIGINS[self.number % 10]

    @property
    def channel(self) -> str:
        return "sms" if self.origin == BOT else "phone"

    @property
    def handler(self) -> str | None:
        return None if self.origin == BOT else COLLECTORS[self.number % len(COLLECTORS)]

    @property
    def began_at(self) -> datetime:
        return NOW - timedelta(minutes=20) - timedelta(days=DAYS) * (self.age / self.count)

    @property
    def is_unread(self) -> bool:
        return self.age < 40

    @property
    def is_held(self) -> bool:
        return self.origin == BOT and self.age < 30

    @property
    def turn_ids(self) -> range:
        return range(self.number * TURNS + 1, (self.number + 1) * TURNS + 1)
