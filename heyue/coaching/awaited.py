"""The day of an event that a conditional promise waits for, told one or two turns before it in the same sitting.

"押金这个月20号退" … "退到手我先转给你": the event's day is the promise's, and it stays conditional (contracts.md section 2).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime, timedelta

from heyue.coaching.transcript import BORROWER, Said
from heyue.coaching.turn_reading import READ_CHARACTERS, SITTING
from heyue.understanding.dates import DateMention, find_dates

TURNS_BACK = 2
AT_MOST = timedelta(days=4)  # a longer span is no day on which something comes
REACH = 16  # characters after the day in which the event is told
EVENT = "[放发到结卖拉收批赔退给领打付分点过捉补拿开解剪]"
TOLD_AS_PAST = re.compile("又没|上[次回]|原先|本来|当初")
# the event of the earlier turn, come about: "退到手", "他一结", "打了卡"
COME_ABOUT = re.compile(f"一({EVENT})|({EVENT})(?:了|到|完|下来|出来|进来|过来|回来|走)")
ARRIVES = re.compile("一到|到账|到手|到卡|上卡|落[卡账袋]|进[卡账]|入账")
ARRIVING = frozenset("打放发下到退赔")  # what brings money that "arrives": "25号打卡" … "一到卡上就还"
PAYS_THE_LENDER = re.compile(
    "[给还转打付划存交汇]给?(?:你|您|恁|贵)(?!看|讲|说|听|发|拍)|还(?=[0-9一二三四五六七八九两])|我(?:就|再|先|会|一定|肯定|来|可以|能)*[还转打付划](?!了|过|不|电话)"
)


def awaited_day(turns: Sequence[Said], number: int, moments: Sequence[datetime]) -> tuple[int, DateMention] | None:
    """An earlier turn of the borrower that tells on which day the event comes that turn `number` waits for, and that day.

    None where there is none, where turn `number` names a day to come itself, or where the earlier one promises to pay the lender.
    """
    waits = turns[number].text[:READ_CHARACTERS]
    events = {verb for found in COME_ABOUT.findall(waits) for verb in found if verb}
    events |= ARRIVING if ARRIVES.search(waits) else set()
    if not events or _days_to_come(waits, moments[number]):
        return None
    for earlier in range(number - 1, max(0, number - TURNS_BACK) - 1, -1):
        if turns[earlier].speaker == BORROWER and moments[number] - moments[earlier] < SITTING:
            told = turns[earlier].text[:READ_CHARACTERS]
            for day in _days_to_come(told, moments[earlier])[-1:]:
                comes = _comes_about(told[day.span[1] : day.span[1] + REACH], events)
                if comes and _is_short(day) and not TOLD_AS_PAST.search(told) and not PAYS_THE_LENDER.search(told):
                    return earlier, day
    return None


def _comes_about(words: str, events: set[str]) -> bool:
    """The words after a day say that one of the events comes then, and do not deny it ("5号发不了", "5号不发")."""
    return re.match(f"[^不没。！？]*?[{''.join(sorted(events))}](?!不)", words) is not None


def _days_to_come(text: str, at: datetime) -> list[DateMention]:
    return [day for day in find_dates(text, at) if day.kind == "future"]


def _is_short(day: DateMention) -> bool:
    return day.start is not None and day.end is not None and day.end - day.start <= AT_MOST
