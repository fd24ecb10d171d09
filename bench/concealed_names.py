"""How many names of people are marks before words are sent to a language model: `python -m bench.concealed_names`.

Names of our own making (common surnames and given names), each in phrasings in which borrowers name others. His own name is known to the
product and always found; these are names that it has never seen.
"""

from __future__ import annotations

from datetime import datetime
from random import Random

from heyue.language_model.concealed import Concealed
from heyue.settings import ZONE
from heyue.understanding.linear_text import SURNAMES

AT = datetime(2026, 11, 26, 10, tzinfo=ZONE)
GIVEN = ["志强", "丽娟", "子轩", "欣怡", "玉兰", "国栋", "思远", "伟", "芳", "磊", "静", "秀英", "建平", "晓燕", "雨桐", "浩然", "桂英", "海涛", "文博", "佳", "婷婷", "春花", "德明", "永福", "梓涵", "翠花", "少华", "立新", "红梅", "一鸣"]
PHRASINGS = (
    "我叫{0}，你们找错人了", "这钱是{0}借的，不是我", "你们去找{0}吧", "{0}欠我的没还", "我老公{0}在外地", "昨天{0}给我打电话了",
    "我跟{0}一起做生意", "钱都借给{0}了", "{0}，你认识吗", "担保人是{0}", "让{0}来还", "我不是{0}", "这是{0}的电话", "{0}说下周给我钱", "你问{0}就知道了",
)  # fmt: skip
NAMES, SEED = 200, 3


def main() -> None:
    """Print how many were found."""
    choice = Random(SEED)
    names = [choice.choice(SURNAMES) + choice.choice(GIVEN) for _ in range(NAMES)]
    missed = sum(stays(name, phrasing) for name in names for phrasing in PHRASINGS)
    print(f"{NAMES * len(PHRASINGS)} names, {missed} not found")


def stays(name: str, phrasing: str) -> bool:
    """Whether the name, or the given name of two characters, is still there."""
    sent = Concealed(AT, {}).conceal(phrasing.format(name))
    return name in sent or (len(name) > 2 and name[1:] in sent)


if __name__ == "__main__":
    main()
