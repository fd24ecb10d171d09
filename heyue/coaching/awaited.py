"""The day of an event that a conditional promise waits for, told one or two turns before it in the same sitting.

"押金这个月20号退" … "退到手我先转给你": the event's day is the promise's, and it stays conditional (contracts.md section 2).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime, timedelta

from heyue.coaching.asked import asked_before, days_to_come
from heyue.coaching.talk_cues import talk_cue
from heyue.coaching.transcript import BORROWER, Said
from heyue.coaching.turn_reading import READ_CHARACTERS, SITTING
from heyue.understanding.dates import DateMention

TURNS_BACK = 2
AT_MOST = timedelta(days=4)  # a longer span is no day on which something comes
REACH = 16  # characters after the day in which the event is told
ARRIVING = frozenset("打放发下到退赔")  # what brings money that "arrives": "25号打卡" … "一到卡上就还"
NOT_SO = re.compile("[不没。！？]")


def awaited_day(turns: Sequence[Said], number: int, moments: Sequence[datetime]) -> tuple[int, DateMention] | None:
    """An earlier turn of the borrower that tells on which day the money comes that turn `number` waits for, and that day.

    None where there is none, where turn `number` names a day to come itself or speaks of what is left, or where the earlier turn
    speaks of paying.
    """
    waits = turns[number].text[:READ_CHARACTERS]
    events = {verb for found in talk_cue("has_come_about").findall(waits) for verb in found if verb}
    events |= ARRIVING if talk_cue("arrives").search(waits) else set()
    if not events or days_to_come(waits, moments[number]):
        return None
    for earlier in range(number - 1, max(0, number - TURNS_BACK) - 1, -1):
        told = turns[earlier].text[:READ_CHARACTERS]
        if turns[earlier].speaker != BORROWER:
            if talk_cue("more_to_come").search(told):
                return None
        elif moments[number] - moments[earlier] < SITTING and speaks_of_money(turns, earlier) and not talk_cue("no_event").search(told):
            for day in days_to_come(told, moments[earlier])[-1:]:
                if _is_short(day) and _comes_about(told[day.span[1] : day.span[1] + REACH], events):
                    return earlier, day
    return None


def speaks_of_money(turns: Sequence[Said], number: int) -> bool:
    """A turn speaks of money that comes, or the collector asked about it ("工钱什么时候结？" - "包工头说年底结")."""
    said = turns[number].text, asked_before(turns, number)
    return any(talk_cue("of_money").search(each[:READ_CHARACTERS]) for each in said)


def _comes_about(words: str, events: set[str]) -> bool:
    """The words after a day say that one of the events comes then, and do not deny it ("5号发不了", "5号不发")."""
    said = NOT_SO.split(words, maxsplit=1)[0]
    return any(found[0][0] in events and words[found.end() : found.end() + 1] != "不" for found in talk_cue("event").finditer(said))


def _is_short(day: DateMention) -> bool:
    return day.start is not None and day.end is not None and day.end - day.start <= AT_MOST
