"""Which rules a collector breaks in a whole talk: line by line, and by his conduct.

Source: contracts.md section 1 (no_identity, quiet_hours), compliance.md T-01, T-02, I-01, V12.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from heyue.conduct.fact_check import check_lines_of
from heyue.conduct.line_check import Violation, violations_by
from heyue.conduct.line_facts import UNKNOWN, LineFacts, is_quiet
from heyue.understanding.linear_text import LinearText
from heyue.understanding.script import respelling, respelt, simplify

# In a talk nearly every turn is lawful: more is asked before one is flagged, so that who is firm but clean is not.
FLAG_IN_TALK_AT = 0.3  # sum of two scores, as line_check.FLAG_AT
SAYS_WHO = re.compile(
    r"【.{2,20}】|工号|智能助手|受.{2,12}委托|"
    r"(?:我|敝|免贵|[，,。、 ]|部|心|务|行|司|贷|融|金)姓(?!什么|啥)[\u4e00-\u9fff]|"
    r"(?:我(?:就)?(?:是|叫(?![一两三四五几]|人|你|他|兄弟|朋友))(?!说|问|想|不|在|看|来|要|跟|为|怕|真|担心|负责|这)|(?:我们)?(?:这里|这边)(?:就)?是(?!说|想|不|在)|我们是)[^，,。！？?]{2,}|"
    # "万桦贷小骆", "金雀小贷资产保全部", "云帆银行智能助手"; not "您的贷款", "信用卡逾期", "银行卡号", "可以分期的"
    r"[\u4e00-\u9fff]{2}(?:银行(?!卡)|信用社|农商行?|农信社?|消费金融|金融|消金|金服|金科|小贷|助贷|易贷|速贷|商贷|网贷|农贷|车易贷|财富|(?<![以复请理择意持虑或要您])分期|白条|融资|融租|租赁"
    r"|信托|资管|典当|财务|保理|担保|信贷|信用(?!卡|记|报|分|好|问)|普惠|惠农|惠融|钱包|数科|信达|[\u4e00-\u9fff]贷(?!款))"
    r"[\u4e00-\u9fff]{0,10}(?:[，,。！!：:、～~ ]|[A-Z]|$)|"
    r"(?:^|[，,。！!～~ ])[\u4e00-\u9fff](?:易贷|速贷|小贷|消金)[\u4e00-\u9fff]{2,4}[，,。！!～~ ]|"
    r"信用卡(?:中心|客服|部)|小额贷款[，。]|[\u4e00-\u9fff]{2}(?:资产|融通|汇友|融的)[，。的]|[\u4e00-\u9fff]{2}的?(?:客服|客户经理|专员|顾问)(?!热|电)[\u4e00-\u9fff]{2}|"
    r"[\u4e00-\u9fff](?:的)?(?:客服|专员|客户经理|顾问)?(?:小(?!姐|区|额|心|时|孩)|阿(?!姨)|老(?!板|师|乡|总|人|婆|公|家))[\u4e00-\u9fff](?:[，,。！!、～~ ]|提醒|来电|$)"
)
_WIDE = respelling(",!?:", "，！？：")


class TalkViolation(NamedTuple):
    """A rule that a collector's turn (its number from 0) breaks, and the words that break it."""

    turn: int
    rule: str
    text: str


CollectorTurn = tuple[int, str, "datetime | None"]  # number, text, time where it is known


def check_talk(collector_turns: Sequence[CollectorTurn], facts: LineFacts = UNKNOWN) -> list[TalkViolation]:
    """The rules broken in a talk, in the order of its turns. `facts`: those that hold in all of it."""
    return check_talks([collector_turns], [facts])[0]


def check_talks(
    talks: Sequence[Sequence[CollectorTurn]], facts: Sequence[LineFacts]
) -> list[list[TalkViolation]]:
    """The same for many talks at once, each with its facts."""
    lines = [(text, known) for turns, known in zip(talks, facts, strict=True) for _, text, _ in turns]
    checked = iter(check_lines_of(lines, FLAG_IN_TALK_AT))
    return [_violations(turns, [next(checked) for _ in turns]) for turns in talks]


def check_talks_by(model: LinearText, talks: Sequence[Sequence[CollectorTurn]]) -> list[list[TalkViolation]]:
    """The rules broken in talks by this model of lines, without facts."""
    lines = [(text, FLAG_IN_TALK_AT) for turns in talks for _, text, _ in turns]
    checked = iter(violations_by(model, lines))
    return [_violations(turns, [next(checked) for _ in turns]) for turns in talks]


def _violations(
    collector_turns: Sequence[CollectorTurn], lines: Sequence[tuple[Violation, ...]]
) -> list[TalkViolation]:
    found = [
        TalkViolation(number, each.rule, each.text)
        for (number, _, _), line in zip(collector_turns, lines, strict=True)
        for each in line
    ]
    if collector_turns and not any(says_who(text) for _, text, _ in collector_turns):
        found.append(TalkViolation(collector_turns[0][0], "no_identity", collector_turns[0][1]))
    found += [
        TalkViolation(number, "quiet_hours", text)
        for number, text, at in collector_turns
        if at is not None and is_quiet(at.time())
    ]
    return sorted(found, key=lambda each: each.turn)


def says_who(text: str) -> bool:
    """The institution, or who is speaking, is said."""
    return SAYS_WHO.search(respelt(simplify(text), _WIDE)) is not None
