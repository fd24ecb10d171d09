"""The day of an event that a conditional promise waits for, told a moment before the promise.

"押金这个月20号退" … "退到手我先转给你": the event's day is the promise's, and it stays conditional (contracts.md section 2).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime, timedelta

from heyue.coaching.transcript import BORROWER, Said
from heyue.understanding.dates import DateMention, find_dates

TURNS_BACK = 2
AT_MOST = timedelta(days=4)  # a longer span is no day on which something comes
REACH = 16  # characters after the day in which it is said that money comes
MONEY_COMES = re.compile(
    "打[卡款到进]|[到入]账|入帐|到帐|结(?!婚|果|束)|发(?!烧|现|火|生|给我看)|[付退赔补拨兑批]|解冻|分[账红]|点[票钱布数]|给.{0,4}[钱数]|"
    "现[钱款金]|走网银|拉|收|捉|挖|卖|剪|放款|畀数|工钱|出粮|开支|过[秤磅]"
)


def awaited_day(turns: Sequence[Said], number: int, moments: Sequence[datetime]) -> tuple[int, DateMention] | None:
    """The borrower's turn within the last two that tells on which day money comes to him, and that day; None where none does,
    or where turn `number` names a day of its own."""
    if _days_to_come(turns, number, moments):
        return None
    for earlier in range(number - 1, max(0, number - TURNS_BACK) - 1, -1):
        days = _days_to_come(turns, earlier, moments) if turns[earlier].speaker == BORROWER else []
        if days and days[-1].end is not None and days[-1].start is not None:
            text, end = turns[earlier].text, days[-1].span[1]
            is_day = days[-1].end - days[-1].start <= AT_MOST
            if is_day and MONEY_COMES.search(text[end : end + REACH]):
                return earlier, days[-1]
    return None


def _days_to_come(turns: Sequence[Said], number: int, moments: Sequence[datetime]) -> list[DateMention]:
    return [day for day in find_dates(turns[number].text, moments[number]) if day.kind == "future"]
