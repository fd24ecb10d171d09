"""Exercises in the words of the screen."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import pandas as pd

from heyue.money import spoken_yuan
from heyue.names import name_of
from heyue.practice.levels import levels
from heyue.practice.persona import Persona
from heyue.practice.reactions import cause_name
from heyue.practice.records import PracticeTalk, Uttered
from heyue.practice.state import Agreed, Moved
from heyue.records import Turn

FEMALE = "女"
SHOWN_CAUSES = 3


def kind_name(kind: str | None) -> str:
    """A kind of debtor as the screen calls it."""
    return name_of("practice_kind", kind)


def level_name(level: str) -> str:
    """A level as the screen calls it."""
    return levels()[level].name


def address_of(persona: Persona) -> str:
    """How one addresses him before he is known better."""
    return f"{persona.name}{'女士' if persona.gender == FEMALE else '先生'}"


def promised_before(persona: Persona) -> str:
    """What became of earlier promises."""
    count = persona.case.broken_promises
    return f"{count} 次没有兑现" if count else "没有爽约"


def spent(seconds: float) -> str:
    """A length of time: 1 分 05 秒."""
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} 分 {rest:02d} 秒" if minutes else f"{rest} 秒"


def turns_of(talk: PracticeTalk, uttered: Sequence[Uttered]) -> list[Turn]:
    """The words as bubbles show them."""
    return [
        Turn(number, talk.talk_id, each.speaker, each.text, talk.time_of(each))
        for number, each in enumerate(uttered)
    ]


def times_of(uttered: Sequence[Uttered]) -> dict[int, str]:
    """How long the trainee took for each of his lines, by turn."""
    before = [0.0, *(each.seconds for each in uttered)]
    return {
        number: f"用时 {spent(each.seconds - before[number])}"
        for number, each in enumerate(uttered)
        if each.speaker != "borrower"
    }


def promise_line(promise: Agreed) -> str:
    """A promise in a line."""
    day = f"{promise.day:%m月%d日}" if promise.day else "日期未定"
    amount = spoken_yuan(promise.amount_fen) if promise.amount_fen is not None else "金额未定"
    return f"{day}还 {amount}" + ("（已复述确认）" if promise.is_concrete else "（没有复述确认）")


def causes_of(moved: Iterable[Moved], gauge: str) -> str:
    """What moved a gauge, the strongest first: 倾听 −0.21、催促 +0.16."""
    here = sorted((each for each in moved if each.gauge == gauge), key=lambda each: -abs(each.delta))
    return "、".join(
        f"{cause_name(each.cause)} {each.delta:+.2f}".replace("-", "−") for each in here[:SHOWN_CAUSES]
    )


def points_of(talk: PracticeTalk) -> str:
    """The score in words."""
    if talk.finished_at is None:
        return "未完成"
    return "—" if talk.points is None else f"{talk.points:g} 分"


def passed_word(is_passed: bool | None) -> str:
    """Whether an exercise was passed."""
    return "—" if is_passed is None else "合格" if is_passed else "未合格"


def table_of(talks: Sequence[PracticeTalk]) -> pd.DataFrame:
    """Exercises as a table, in the order given."""
    return pd.DataFrame(
        [
            {
                "日期": f"{each.started_at:%Y-%m-%d %H:%M}",
                "类型": kind_name(each.kind) if each.finished_at or each.is_kind_known else "结束后揭晓",
                "级别": level_name(each.level),
                "选法": name_of("practice_choice", each.chosen_by) + ("（重练）" if each.parent_id else ""),
                "结果": name_of("practice_ending", each.how),
                "得分": points_of(each),
                "是否合格": passed_word(each.is_passed),
            }
            for each in talks
        ]
    )
