"""Days and sums as a debtor says them, so that the readers read back exactly what was meant."""

from __future__ import annotations

from datetime import date
from random import Random

from heyue.money import FEN_PER_YUAN, yuan_from_fen

NEAR_DAYS = ("今天", "明天", "后天")
WEEKDAYS = "一二三四五六日"
DIGITS = "零一二三四五六七八九"


def spoken_day(day: date, today: date, choice: Random) -> str:
    """后天, 下周五, 12月5号: the forms of contracts.md section 2 that mean this day only."""
    ahead = (day - today).days
    if 0 <= ahead < len(NEAR_DAYS):
        return NEAR_DAYS[ahead]
    forms = [f"{day.month}月{day.day}号"]
    weeks = ((day - today).days + today.weekday()) // 7
    if weeks in (0, 1):
        forms.append(("这周", "下周")[weeks] + WEEKDAYS[day.weekday()])
    return choice.choice(forms)


def spoken_sum(amount_fen: int, choice: Random) -> str:
    """500元, 500块, 五百块; an odd sum with its fen."""
    yuan, fen = divmod(amount_fen, FEN_PER_YUAN)
    if fen:
        return f"{yuan_from_fen(amount_fen)}元"
    forms = [f"{yuan}元", f"{yuan}块"]
    if yuan < 1_000 and yuan % 100 == 0:
        forms.append(f"{_han(yuan // 100)}百块")
    if yuan < 10_000 and yuan % 1_000 == 0:
        forms.append(f"{_han(yuan // 1_000)}千块")
    return choice.choice(forms)


def _han(digit: int) -> str:
    return "两" if digit == 2 else DIGITS[digit]
