"""What the tests of practice share: a moment, and talks that have come to where a test begins."""

from __future__ import annotations

from datetime import datetime

from heyue.practice.debtor import Exercise, begin
from heyue.practice.persona import Persona, personas
from heyue.settings import ZONE

AT = datetime(2026, 11, 26, 10, tzinfo=ZONE)
DAY = "12月3号"  # a week from AT


def of_kind(kind: str) -> list[Persona]:
    """The personas of one kind."""
    return [each for each in personas().values() if each.kind == kind]


def introduction(persona: Persona) -> str:
    return f"您好，我是{persona.case.creditor}的客服小李，工号1024，请问是{persona.name}本人吗？"


def informed(persona: Persona, level: str = "easy", seed: int = 1) -> Exercise:
    """A talk in which the debtor is verified and knows what it is about."""
    exercise = begin(persona, level, seed, AT)
    for line in (introduction(persona), "麻烦您报一下证件后四位，我核对一下。", "为了您的信息安全，请报后四位。"):
        if not exercise.state.verified:
            exercise = exercise.after(line, AT)
    return exercise.after("您有一笔账单逾期了。", AT)


def said(exercise: Exercise, *lines: str) -> Exercise:
    """The talk after these lines, or as many of them as it lasts."""
    for line in lines:
        if exercise.ended is None:
            exercise = exercise.after(line, AT)
    return exercise
