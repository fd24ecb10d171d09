"""A line that never went out stands in the talk, marked; nobody reads, judges or learns from it as if it had been said."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from heyue.conduct.rules import rules
from heyue.desk import Desk
from heyue.review.labels import Flag
from heyue.review.scorecard import NO, YES, Answer, Quote
from heyue.review.work import BadWork, FlagVerdict, ReviewWork
from tests.outgoing import NOW, OPENID, Provider, hours, open_outgoing, still
from tests.unit.desk.conftest import COLLECTOR, REVIEWER
from tests.unit.desk.review_talks import finished, review_in, work_with

THREAT = "我是云山消费金融的小王。再不还钱我就告诉你单位的同事和领导，让你在厂里抬不起头"
UNSENT, SAID = 1, 3  # the numbers of the two lines of the collector
MORNING = NOW + hours(23)


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    desk = open_outgoing(f"sqlite:///{tmp_path / 'heyue.db'}")
    yield desk
    desk.store.close()


@pytest.fixture
def here(desk: Desk) -> str:
    """The collector's threat lapsed on its way; the next day he said it again."""
    talk = desk.receive("wechat", OPENID, "在吗", NOW, pushes=True).conversation_id
    desk.take_over(COLLECTOR, talk, NOW)
    desk.say(COLLECTOR, talk, THREAT, NOW, override="考试用例")
    assert [each["turn"] for each in desk.read_talk(talk, NOW).details["violations"]] == [UNSENT]
    desk.deliver_due(still(MORNING), {"wechat": Provider("wechat")})
    desk.receive("wechat", OPENID, "下周五还两千", MORNING, pushes=True)
    desk.say(COLLECTOR, talk, THREAT, MORNING, override="考试用例")
    desk.deliver_due(still(MORNING), {"wechat": Provider("wechat")})
    return talk


def test_the_reader_reads_the_talk_anew_without_the_line_and_keeps_its_numbers(desk: Desk, here: str) -> None:
    assert desk.unread_talks() == [(here, 4)]
    reading = desk.read_talk(here, MORNING)
    assert {each["turn"] for each in reading.details["violations"]} == {SAID}
    assert [each["turn"] for each in reading.details["types"]] == [0, 2]
    assert (reading.turn_count, len(reading.details["tension"])) == (4, 4)
    assert desk.unread_talks() == []


def test_a_line_that_lapses_is_reason_enough_to_read_again(desk: Desk) -> None:
    talk = desk.receive("wechat", OPENID, "在吗", NOW, pushes=True).conversation_id
    desk.take_over(COLLECTOR, talk, NOW)
    desk.say(COLLECTOR, talk, THREAT, NOW, override="考试用例")
    assert desk.read_talk(talk, NOW).flag_count > 0
    desk.deliver_due(still(MORNING), {"wechat": Provider("wechat")})
    assert [each for each, _ in desk.unread_talks()] == [talk]
    assert desk.read_talk(talk, MORNING).flag_count == 0


def test_the_machine_judges_by_what_was_said(desk: Desk, here: str) -> None:
    desk.read_talk(here, MORNING)
    review = review_in(desk, here)
    desk.claim_review(REVIEWER, review, MORNING)
    proposed = {each.item: each for each in desk.proposed_answers(REVIEWER, review, (), MORNING)}
    assert proposed["no_threat"].verdict == NO
    assert {quote.turn for quote in proposed["no_threat"].evidence} == {SAID}


@pytest.mark.parametrize(
    ("work", "why"),
    [
        (ReviewWork(verdicts=(FlagVerdict(UNSENT, "exposure_threat", True, True),)), "flag"),
        (ReviewWork((Answer("no_threat", NO, (Quote(UNSENT, "告诉你单位"),)),)), "quote"),
    ],
)
def test_a_reviewer_cannot_hold_it_against_the_collector(desk: Desk, here: str, work: ReviewWork, why: str) -> None:
    desk.read_talk(here, MORNING)
    review = review_in(desk, here)
    desk.claim_review(REVIEWER, review, MORNING)
    with pytest.raises(BadWork) as refusal:
        desk.save_review(REVIEWER, review, work, 1, MORNING)
    assert refusal.value.why == why


def test_it_is_not_exported_for_training_and_flags_stay_with_their_lines(desk: Desk, here: str) -> None:
    found = desk.read_talk(here, MORNING).details["violations"]
    flags = {Flag(each["turn"], each["rule"]) for each in found}
    broken = {each.rule for each in flags}
    verdicts = [FlagVerdict(*flag, is_confirmed=True) for flag in sorted(flags)]
    work = work_with(*verdicts)
    quoted = tuple(
        replace(each, verdict=NO if _speaks_against(each.item, broken) else YES, evidence=()) for each in work.answers
    )
    finished(desk, REVIEWER, here, replace(work, answers=quoted), at=MORNING)
    (line,) = desk.labelled_talks("zhou", MORNING, is_masked=True)
    assert [turn["text"] for turn in line["turns"]] == ["在吗", "下周五还两千", THREAT]
    assert {each["turn"] for each in line["gold"]["violations"]} == {2}
    assert broken <= set(rules())


def _speaks_against(item: str, broken: set[str]) -> bool:
    from heyue.review.scorecard import default_scorecard

    return bool(set(default_scorecard().item(item).rules) & broken)
