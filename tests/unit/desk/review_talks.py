"""Talks with a reading by hand, and reviews of them: what the tests of quality review begin with."""

from __future__ import annotations

import itertools
from dataclasses import replace
from datetime import datetime
from typing import Any

from heyue.access.people import User
from heyue.access.roles import role_of
from heyue.desk import Desk
from heyue.desk.review_work import Saved
from heyue.records import TalkReading
from heyue.review.labels import Flag
from heyue.review.records import FIRST, ReviewFilter
from heyue.review.scorecard import NO, YES, Answer, Quote, default_scorecard
from heyue.review.work import FlagVerdict, ReviewWork
from tests.unit.desk.conftest import COLLECTOR, NOW

SECOND_REVIEWER = User("wu", "吴老师", role_of("reviewer"))
THREAT = Flag(2, "exposure_threat")
PROMISE = {"start": "2026-12-04", "end": "2026-12-04", "amount": "2000.00", "certainty": "firm"}
SAID = (
    ("collector", "您好，我是云山消费金融的小林，请问是赵明远先生吗？"),
    ("borrower", "是我，什么事，我电话13800138000"),
    ("collector", "您的账单逾期了，再不还就告诉你单位的同事"),
    ("borrower", "厂里没发工资，下周五还两千"),
    ("collector", "好的，12月4日两千元，在官方App里还就行。谢谢您，再见"),
)
numbers = itertools.count(1)


def reading_with(*flags: Flag, **values: Any) -> TalkReading:
    """A reading with these flags; `values` replace its fields."""
    details = {
        "violations": [{"turn": turn, "rule": rule, "text": SAID[turn][1], "severity": "H"} for turn, rule in flags],
        "promises": [PROMISE | {"text": "下周五还两千"}], "evidence": [], "tension": [0.1] * len(SAID), "types": [],
        "suggestions": [],
    }  # fmt: skip
    found = TalkReading(
        len(SAID), "promiser", 0.9, "cooperative", "salary_delayed", "confirming", 0.1, 0.1, len(flags), 1, details
    )
    return replace(found, **values)


def add_talk(
    desk: Desk, *flags: Flag, at: datetime = NOW, handler: str | None = COLLECTOR.login, case_id: str | None = "C-1",
    channel: str = "phone", origin: str = "upload", **reading: Any,
) -> str:  # fmt: skip
    """A finished talk that was read."""
    with desk.store.transaction() as tx:
        external = f"t-{next(numbers)}"
        here = tx.add_talk(channel, origin, external, at, case_id=case_id, handler=handler).conversation_id
        for speaker, text in SAID:
            tx.add_turn(here, speaker, text, at)
        tx.put_reading(here, reading_with(*flags, **reading), [text for _, text in SAID], at)
    return here


def review_in(desk: Desk, here: str, round_: str = FIRST) -> int:
    """The review of a talk of this round; asked for if there is none."""
    with desk.store.transaction() as tx:
        tx.add_review(here, round_, "flagged", NOW)
        return next(each.review_id for each in tx.reviews_of(here) if each.round == round_)


def work_with(*verdicts: FlagVerdict, **changed: str) -> ReviewWork:
    """All answers yes but for those changed, and these verdicts on flags; the threat's item is no where it is confirmed."""
    if any(each.is_confirmed and each.rule == THREAT.rule for each in verdicts):
        changed = {"no_threat": NO} | changed
    answers = [Answer(each.id, changed.get(each.id, YES)) for each in default_scorecard().items]
    quoted = [replace(each, evidence=(Quote(2, "告诉你单位"),)) if each.verdict == NO else each for each in answers]
    return ReviewWork(tuple(quoted), verdicts)


CONFIRMED, REJECTED = FlagVerdict(*THREAT, is_confirmed=True), FlagVerdict(*THREAT, is_confirmed=False)


def finished(desk: Desk, user: User, here: str, work: ReviewWork, round_: str = FIRST, at: datetime = NOW) -> int:
    """Claim and finish a review of a talk."""
    number = review_in(desk, here, round_)
    assert desk.claim_review(user, number, at) is None
    opened = desk.open_review(user, number, at)
    saved = desk.save_review(user, number, work, opened.review.revision, at, is_final=True)
    assert isinstance(saved, Saved), saved
    return number


def listed(desk: Desk, user: User, at: datetime = NOW, **wanted: Any) -> list[int]:
    """The numbers of the reviews that pass a filter."""
    return [each.review.review_id for each in desk.review_queue(user, ReviewFilter(**wanted), at).lines]


def audited(desk: Desk) -> list[str]:
    """The events of the audit log, in order."""
    with desk.store.engine.connect() as connection:
        return list(connection.exec_driver_sql("SELECT event FROM audit_events ORDER BY event_id").scalars())


