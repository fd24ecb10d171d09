"""What the collector's line before asks: days that answer something else than when he will pay are no promise.

"他什么时候方便？" - "下礼拜吧"; "工资几号发？" - "10号，两千出头"; "您是哪天还的？" - "二十号，两千六"; "三天之内给您答复" - "三天之内，盖章".
"""

from __future__ import annotations

import re
from datetime import datetime

from heyue.coaching.talk_cues import talk_cue
from heyue.understanding.dates import find_dates

CLAUSE = re.compile("[^，。？?！!；;]+")


def answers_something_else(asked: str, text: str, at: datetime) -> bool:
    """Whether the days in a borrower's turn `text`, said at `at`, answer a line of the collector's that does not ask for a payment to come."""
    if talk_cue("asks_how_he_paid").search(asked):
        return talk_cue("not_paid").search(text) is None
    if talk_cue("pays").search(text) or talk_cue("asks_when_paying_suits").search(asked):
        return False
    if talk_cue("asks_for_another_day").search(asked):
        return True
    said = {(day.start, day.end) for day in find_dates(text, at)}
    return bool(said) and said <= own_deadlines(asked, at)


def own_deadlines(line: str, at: datetime) -> set[tuple[object, object]]:
    """The days by which a collector will answer, look into something or ring up."""
    return {
        (day.start, day.end)
        for clause in CLAUSE.findall(line)
        if talk_cue("own_deadline").search(clause)
        for day in find_dates(clause, at)
    }
