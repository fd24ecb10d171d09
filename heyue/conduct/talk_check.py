"""Which rules a collector breaks in a whole talk: line by line, and by his conduct.

Source: contracts.md section 1 (no_identity, quiet_hours), compliance.md T-01, T-02, I-01, V12.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime, time
from typing import NamedTuple

from heyue.conduct.line_check import Violation, check_lines
from heyue.understanding.script import simplify

# In a talk nearly every turn is lawful: more is asked before one is flagged, so that who is firm but clean is not.
FLAG_IN_TALK_AT = 0.3  # sum of two scores, as line_check.FLAG_AT
QUIET_FROM, QUIET_UNTIL = time(22), time(8)
SAYS_WHO = re.compile(
    r"【.{2,20}】|工号|智能助手|受.{2,12}委托|"
    r"(?:我|敝|免贵|[，,。、 ]|部|心|务|行|司|贷|融|金)姓(?!什么|啥)[\u4e00-\u9fff]|"
    r"(?:我(?:就)?(?:是|叫)(?!说|问|想|不|在|看|来|要|跟|为|怕|真|担心|负责|这)|(?:我们)?(?:这里|这边)(?:就)?是(?!说|想|不|在)|我们是)[^，,。！？?]{2,}|"
    # "万桦贷小骆", "金雀小贷资产保全部", "云帆银行智能助手"; not "您的贷款", "信用卡逾期"
    r"[\u4e00-\u9fff]{2}(?:银行|信用社|农商行?|农信社?|消费金融|金融|消金|金服|金科|小贷|助贷|易贷|速贷|商贷|网贷|农贷|车易贷|分期|白条|融资|融租|租赁"
    r"|信托|资管|典当|财务|保理|担保|信贷|信用(?!卡|记|报|分|好|问)|普惠|惠农|惠融|钱包|数科|信达|[\u4e00-\u9fff]贷(?!款))"
    r"[\u4e00-\u9fff]{0,10}(?:[，,。！!：:、 ]|[A-Z]|$)|"
    r"信用卡(?:中心|客服|部)|小额贷款[，。]|[\u4e00-\u9fff]{2}(?:资产|融通|汇友|融的)[，。的]|[\u4e00-\u9fff]{2}的?(?:客服|客户经理|专员|顾问)(?!热|电)[\u4e00-\u9fff]{2}|"
    r"[\u4e00-\u9fff](?:的)?(?:客服|专员|客户经理|顾问)?(?:小|阿|老)[\u4e00-\u9fff](?:[，,。！!、 ]|$)"
)
_WIDE = str.maketrans(",!?:", "，！？：")


class TalkViolation(NamedTuple):
    """A rule that a collector's turn (its number from 0) breaks, and the words that break it."""

    turn: int
    rule: str
    text: str


CollectorTurn = tuple[int, str, "datetime | None"]  # number, text, time where it is known


def check_talk(collector_turns: Sequence[CollectorTurn]) -> list[TalkViolation]:
    """The rules broken in a talk, in the order of its turns."""
    return check_talks([collector_turns])[0]


def check_talks(talks: Sequence[Sequence[CollectorTurn]]) -> list[list[TalkViolation]]:
    """The same for many talks at once."""
    checked = iter(check_lines([text for turns in talks for _, text, _ in turns], FLAG_IN_TALK_AT))
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
    return SAYS_WHO.search(simplify(text).translate(_WIDE)) is not None


def is_quiet(at: time) -> bool:
    """Inside the night window, 22:00 to 08:00 of Asia/Shanghai."""
    return at >= QUIET_FROM or at < QUIET_UNTIL
