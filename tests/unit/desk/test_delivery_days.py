"""Days of outreach with everything that can happen, drawn by chance, and what was sent judged anew from outside."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from pathlib import Path

import pytest

from heyue.delivery.sender import ACCEPTED, LATER, REFUSED, UNKNOWN, DeliveryReport, Receipt
from heyue.desk import Desk
from heyue.records import OutboundMessage
from tests.outgoing import CASES, NOW, SOMEBODY_ELSE, decisions, notice, open_outgoing, still

STEPS = 700
KINDS = ("reminder", "promise_broken", "promise_kept", "courtesy")
OUTCOMES = (ACCEPTED, ACCEPTED, ACCEPTED, LATER, REFUSED, UNKNOWN)


def person(case_id: str | None) -> str:
    """The first three cases are one person's: by number, by name and identity digits, and by both."""
    return "else" if case_id == SOMEBODY_ELSE.case_id else "one"


@dataclass
class Chance:
    """A provider whose answers are drawn by chance; what it got, when, and what it said."""

    channel: str
    draw: random.Random
    name: str = "stand-in"
    got: list[tuple[datetime, OutboundMessage, str]] = field(default_factory=list)

    def send(self, message: OutboundMessage, at: datetime) -> Receipt:
        outcome = self.draw.choice(OUTCOMES)
        self.got.append((at, message, outcome))
        return Receipt(outcome, f"p-{self.channel}-{len(self.got)}")


@pytest.mark.parametrize("seed", range(4))
def test_nothing_goes_out_that_the_policy_forbids(tmp_path: Path, seed: int) -> None:
    desk, draw = open_outgoing(f"sqlite:///{tmp_path / 'heyue.db'}"), random.Random(seed)
    providers = {channel: Chance(channel, draw) for channel in ("sms", "wechat")}
    refused_at: dict[tuple[str, str], datetime] = {}
    stopped_at: dict[str, datetime] = {}
    at = NOW
    for step in range(STEPS):
        at += timedelta(minutes=draw.choice([1, 5, 30, 120, 400]))
        act = draw.random()
        if act < 0.45:
            _enqueue(desk, draw, step, at)
        elif act < 0.93:
            desk.deliver_due(still(at), providers, most=draw.choice([1, 3, 100]))
        elif act < 0.97:
            _report(desk, draw, providers, at)
        elif act < 0.985 and step > STEPS // 2:
            case = draw.choice(CASES)
            desk.opt_out("sms", case.phone or "", at)
            refused_at.setdefault((person(case.case_id), "sms"), at)
        elif step > STEPS * 3 // 4:
            case = draw.choice(CASES)
            with desk.store.transaction() as tx:
                tx.add_stop(case.case_id, "DECEASED", at, None)
            stopped_at.setdefault(person(case.case_id), at)
    got = sorted((each for provider in providers.values() for each in provider.got), key=lambda each: each[0])
    assert len(got) > 40
    _judge(desk, got, refused_at, stopped_at)
    desk.store.close()


def _enqueue(desk: Desk, draw: random.Random, step: int, at: datetime) -> None:
    case, channel = draw.choice(CASES), draw.choice(["sms", "wechat"])
    if channel == "wechat" and not case.wechat_openid:
        channel = "sms"
    message = notice(f"m-{draw.choice([step, max(step - 3, 0)])}", case, channel, draw.choice(KINDS))
    desk.enqueue(message, at)


def _report(desk: Desk, draw: random.Random, providers: dict[str, Chance], at: datetime) -> None:
    got = [each for provider in providers.values() for each in provider.got]
    if got:
        message = draw.choice(got)[1]
        desk.record_report(
            DeliveryReport("stand-in", draw.choice(["delivered", "failed"]), at, message.message_id)
        )


def _judge(
    desk: Desk, got: list[tuple[datetime, OutboundMessage, str]], refused_at: dict[tuple[str, str], datetime],
    stopped_at: dict[str, datetime],
) -> None:  # fmt: skip
    """Judge what reached the providers, without any of the product's own rules."""
    final: dict[str, str] = {}
    reached = [(at, message) for at, message, outcome in got if outcome in (ACCEPTED, UNKNOWN)]
    for at, message, outcome in got:
        assert final.get(message.message_id, LATER) == LATER, "given again after it was taken, refused or unknown"
        final[message.message_id] = outcome
        assert time(9) <= at.time() < time(20)
        assert at < refused_at.get((person(message.case_id), "sms"), datetime.max.replace(tzinfo=at.tzinfo))
        assert at < stopped_at.get(person(message.case_id), datetime.max.replace(tzinfo=at.tzinfo))
        assert decisions(desk, message.message_id)[-1][:2] == ("delivery", True) or outcome == LATER
    days = Counter((person(message.case_id), at.date()) for at, message in reached)
    assert max(days.values()) == 1
    sms = [(person(message.case_id), at.date()) for at, message in reached if message.channel == "sms"]
    for who, day in sms:
        assert sum(other == who and 0 <= (day - before).days < 7 for other, before in sms) <= 3
