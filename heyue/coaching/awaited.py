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
# what brings money; not what only begins with the same verb (放假, 结婚, 打官司)
EVENT = re.compile(
    "放(?![假学])|发(?![车货短消])|结(?!婚)|打(?![疫官电针工听])|开(?![学会车])|领(?![证结])|拿(?!药)|下来|到[账手卡]|卖|拉(?!肚)|收(?!快递)|批(?!假)|赔|退|给|付|分(?!期)|点|过|捉|补|解(?!决)|剪"
)
VERBS = "[放发到结卖拉收批赔退给领打付分点过捉补拿开解剪]"
COME_ABOUT = re.compile(f"一({VERBS})|({VERBS})(?:了|到|完|下来|出来|进来|过来|回来|走)")  # "他一结", "打了卡", "退到手"
ARRIVES = re.compile("一到|到账|到手|到卡|上卡|落[卡账袋]|进[卡账]|入账")
ARRIVING = frozenset("打放发下到退赔")  # what brings money that "arrives": "25号打卡" … "一到卡上就还"
MONEY = re.compile("(?<![没花])[钱款]|工资|薪|押金|账|补[贴偿助]|奖金|[赔保]|票子|费(?=.{0,3}退)|布|[猪羊牛鱼菜果货]|[一二三四五六七八九两0-9][万千百]")
# the borrower pays, somebody else is paid, or nothing comes
NO_EVENT = re.compile(
    "[给还转打付划存交汇]给?(?:你|您|恁|贵)(?!看|讲|说|听|发|拍)|[还打付给结发转存放](?=[0-9一二三四五六七八九两])|我(?:就|再|先|会|一定|肯定|来|可以|能)*[还转打付划](?!了|过|不|电话)|"
    "(?:要|得)给|给(?:工人|孩子|娃|房东|客户|他|她)|学费|房租|网贷|花呗|随礼|又没|上[次回]|原先|本来|当初|别"
)
NOT_SO = re.compile("[不没。！？]")
REMAINDER = re.compile("剩下|余下|余款|还差|剩余|其余")


def awaited_day(turns: Sequence[Said], number: int, moments: Sequence[datetime]) -> tuple[int, DateMention] | None:
    """An earlier turn of the borrower that tells on which day the money comes that turn `number` waits for, and that day.

    None where there is none, where turn `number` names a day to come itself or speaks of what is left, or where the earlier turn
    speaks of paying.
    """
    waits = turns[number].text[:READ_CHARACTERS]
    events = {verb for found in COME_ABOUT.findall(waits) for verb in found if verb}
    events |= ARRIVING if ARRIVES.search(waits) else set()
    if not events or _days_to_come(waits, moments[number]):
        return None
    for earlier in range(number - 1, max(0, number - TURNS_BACK) - 1, -1):
        told = turns[earlier].text[:READ_CHARACTERS]
        if turns[earlier].speaker != BORROWER:
            if REMAINDER.search(told):
                return None
        elif moments[number] - moments[earlier] < SITTING and MONEY.search(told) and not NO_EVENT.search(told):
            for day in _days_to_come(told, moments[earlier])[-1:]:
                if _is_short(day) and _comes_about(told[day.span[1] : day.span[1] + REACH], events):
                    return earlier, day
    return None


def _comes_about(words: str, events: set[str]) -> bool:
    """The words after a day say that one of the events comes then, and do not deny it ("5号发不了", "5号不发")."""
    said = NOT_SO.split(words, maxsplit=1)[0]
    return any(found[0][0] in events and words[found.end() : found.end() + 1] != "不" for found in EVENT.finditer(said))


def _days_to_come(text: str, at: datetime) -> list[DateMention]:
    return [day for day in find_dates(text, at) if day.kind == "future"]


def _is_short(day: DateMention) -> bool:
    return day.start is not None and day.end is not None and day.end - day.start <= AT_MOST
