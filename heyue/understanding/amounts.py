"""Find the sums of money a message names: 三千五, 3k5, 1.5万, 壹仟圆, 一半, 最低, 全部."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from heyue.understanding.numerals import whole_number
from heyue.understanding.script import simplify

HAN = "零〇一二三四五六七八九十百千万两俩廿壹贰叁肆伍陆柒捌玖拾佰仟"
YUAN = "(?:元|块钱?|圆|塊|块|¥|rmb|RMB)"
SUM = re.compile(
    rf"(?P<wan>[0-9]+(?:\.[0-9]+)?)\s*(?:万|w|W)(?P<wan_tail>[0-9一二三四五六七八九](?![0-9万千百]))?(?P<wan_rest>[0-9一二三四五六七八九]千[0-9一二三四五六七八九]?)?{YUAN}?"
    rf"|(?P<k>[0-9]+(?:\.[0-9]+)?)\s*(?:千|k|K)(?P<k_tail>[0-9一二三四五六七八九](?![0-9百]))?{YUAN}?"
    rf"|(?P<bai>[0-9]+)百(?P<bai_tail>[0-9一二三四五六七八九](?![0-9]))?{YUAN}?"
    rf"|(?<![0-9.])(?P<money>[0-9]{{1,3}}(?:,[0-9]{{3}})+(?:\.[0-9]{{1,2}})?|[0-9]+(?:\.[0-9]{{1,2}})?)\s*{YUAN}(?P<jiao>[0-9一二三四五六七八九](?![0-9]))?"
    rf"|(?P<han>[{HAN}]*[百千万佰仟][{HAN}]*|[{HAN}]+(?={YUAN}))(?P<half>半)?{YUAN}?(?:整|钱)?"
    rf"|(?P<hand>[一两三四五六七八九])(?:个)?(?:大?洋|毛钱)"
    rf"|(?<![{HAN}0-9])(?P<implied>[万千百][一二三四五六七八九])(?![{HAN}])(?:{YUAN})?"
    r"|(?<![0-9.:/\-月号年周期后尾拜工X第])(?P<bare>[1-9][0-9]{1,5}(?:\.[0-9]{1,2})?)(?![0-9]*(?:[0-9号日月天点时分年期个次笔周家岁条楼栋室%xX:：/\-.]|小时|星期|多天|几天))"
)
NAMED = [
    ("minimum", re.compile("最低(?:还款)?(?:额|金额|那个|档)?(?!工资|生活|保障|温)|最低消费")),
    (
        "half",
        re.compile("(?:另外?|剩下?的?|其余|先还?|[还付给转])?一半(?!天|时|儿会)|半数|对半|百分之五十|50%"),
    ),
    (
        "full",
        re.compile(
            "全部|全额|全款|全数|全给|全还|全付|全清|全都|全结|全交|全转|全打|全存|全补|全(?=[,。!吧了]|$)|一次性(?:还清|结清|付清|搞定|弄完)?|结清|还清|付清|清掉|清账|清完|还完|还齐|补齐|交清|交齐|缴清|连本带[利息]|本息|一把(?:清|还)|所有的?(?:钱|欠款)?|都还(?:了|上|掉|清)?(?!没|不)|整笔|剩下的?(?:钱|部分|那些|全)?(?!一半)|余下的?|尾款(?!没|未|还没|拖|压|不)|该还的"
        ),
    ),
]
NOT_THESE = re.compile(
    r"^(?:多|几|来)?(?:天|号|日|个月|月|年|岁|次|遍|家|点|分钟|小时|公里|里|米|斤|人|位|台|条|楼|期|头)"
)


@dataclass(frozen=True)
class AmountMention:
    """A sum that a text names, and where. `amount`: yuan as a decimal string, "full", "half" or "minimum"."""

    amount: str
    text: str
    span: tuple[int, int]

    def as_dict(self) -> dict[str, Any]:
        return {"amount": self.amount, "text": self.text, "span": list(self.span)}

    @staticmethod
    def from_dict(raw: dict[str, Any]) -> AmountMention:
        return AmountMention(raw["amount"], raw["text"], (raw["span"][0], raw["span"][1]))


def find_amounts(text: str) -> list[AmountMention]:
    """All sums that `text` names, in order, whatever they are about."""
    plain = simplify(text)
    found: list[AmountMention] = []
    for match in SUM.finditer(plain):
        value = value_of(match)
        if value is None or value <= 0 or NOT_THESE.match(plain[match.end() :]):
            continue
        found.append(AmountMention(f"{value:.2f}", text[match.start() : match.end()], match.span()))
    for name, pattern in NAMED:
        for match in pattern.finditer(plain):
            if not any(match.start() < each.span[1] and each.span[0] < match.end() for each in found):
                found.append(AmountMention(name, text[match.start() : match.end()], match.span()))
    return sorted(found, key=lambda each: each.span)


def value_of(match: re.Match[str]) -> Decimal | None:
    """Yuan in a match of SUM, or None when it is no sum of money."""
    if match["wan"]:
        rest = digit(match["wan_tail"]) * 1000 + (
            whole_number(match["wan_rest"]) or 0 if match["wan_rest"] else 0
        )
        return Decimal(match["wan"]) * 10_000 + rest
    if match["k"]:
        return Decimal(match["k"]) * 1000 + digit(match["k_tail"]) * 100
    if match["bai"]:
        return Decimal(match["bai"]) * 100 + digit(match["bai_tail"]) * 10
    if match["money"]:
        return Decimal(match["money"].replace(",", "")) + Decimal(digit(match["jiao"])) / 10
    if match["han"]:
        return han_value(match["han"], match["half"])
    if match["implied"]:  # 千二 is 1,200
        return Decimal(whole_number("一" + match["implied"]) or 0)
    if match["bare"]:
        value = Decimal(match["bare"])
        return value if value >= 50 else None
    return None


def han_value(said: str, half: str | None) -> Decimal | None:
    """Yuan in Chinese numerals; 两万半 is 25000. A lone unit ("千万别") is no sum."""
    if said[0] in "百千万佰仟" or (len(said) > 1 and said[-2:] in ("千万", "百万") and len(said) == 2):
        return None
    value = whole_number(said)
    if value is None:
        return None
    unit = {"万": 10_000, "千": 1000, "百": 100}.get(said[-1], 0)
    return Decimal(value + (unit // 2 if half else 0))


def digit(said: str | None) -> int:
    """A single numeral; 0 when there is none."""
    return (whole_number(said) or 0) if said else 0
