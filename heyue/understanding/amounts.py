"""Find the sums of money a message names: 三千五, 3k5, 1.5万, 壹仟圆, 一半, 最低, 全部."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from typing import Any

from heyue.understanding.lexicon import load_data
from heyue.understanding.numerals import whole_number
from heyue.understanding.script import Plain, plain_text

LEAST_BARE = 50  # a smaller number without a unit is seldom a sum
HAN = "零〇一二三四五六七八九十百千万两俩廿壹贰叁肆伍陆柒捌玖拾佰仟"
UNITS = {"万": 10_000, "千": 1000, "百": 100}
ONE = "[0-9一二三四五六七八九两]"
# what ends a run of numerals: "六千八|一次给齐", "六千|五月十五号"
NO_MORE = "一(?:次|把|笔|起|块(?:儿|(?=[给还付转打存交结]))|共|定|直|样|并|分(?=不|钱|都|也)|毛(?=不|钱|都|也)|哈|下)|(?:十[一二]?|[一二三四五六七八九])月(?!供|租|薪|付)|[一二]?十[一二三四五六七八九]?号|[一二三四五六七八九]号"
ABOUT = "(?:多|来|几|出头|左右)?"
TRIGGER = re.compile(f"[0-9{HAN}半文低全清齐次把笔完掉晒都本所统利剩余尾平账光]")


@dataclass(frozen=True)
class AmountMention:
    """A sum that a text names, and where. `amount`: yuan as a decimal string, "full", "half" or "minimum".

    `rest`: what is left after another sum ("剩下的"): full as an answer to how much; beside a day it names no sum.
    """

    amount: str
    text: str
    span: tuple[int, int]
    rest: bool = False

    def as_dict(self) -> dict[str, Any]:
        return {"amount": self.amount, "text": self.text, "span": list(self.span), "rest": self.rest}

    @staticmethod
    def from_dict(raw: dict[str, Any]) -> AmountMention:
        span = (raw["span"][0], raw["span"][1])
        return AmountMention(raw["amount"], raw["text"], span, raw.get("rest", False))


@dataclass(frozen=True)
class Sum:
    """A sum found in the plain text."""

    amount: str
    begin: int
    stop: int
    rest: bool = False


def find_amounts(text: str) -> list[AmountMention]:
    """All sums that `text` names, in order, whatever they are about."""
    plain = plain_text(text)
    return [amount_mention(plain, each) for each in sums_in(plain.text)]


def amount_mention(plain: Plain, found: Sum) -> AmountMention:
    """What was found, as the caller gets it: words and span are those of the original text."""
    span = plain.span(found.begin, found.stop)
    return AmountMention(found.amount, plain.said(found.begin, found.stop), span, found.rest)


def sums_in(text: str) -> list[Sum]:
    """The sums in a plain text, in order. A number beats a word; of words the earlier, then the longer."""
    if TRIGGER.search(text) is None:
        return []
    found: list[Sum] = []
    taken = bytearray(len(text))  # by place, so that thousands of sums are not held against each other
    for each in (*numbers_in(text), *sorted(words_in(text), key=lambda each: (each.begin, -each.stop))):
        if not any(taken[each.begin : each.stop]):
            taken[each.begin : each.stop] = b"\1" * (each.stop - each.begin)
            found.append(each)
    return adjoined(sorted(found, key=lambda each: each.begin))


def adjoined(found: list[Sum]) -> list[Sum]:
    """ "全部结清" is one sum."""
    kept: list[Sum] = []
    for each in found:
        last = kept[-1] if kept else None
        if last is not None and last.stop == each.begin and (last.amount, each.amount) == ("full", "full"):
            kept[-1] = Sum("full", last.begin, each.stop, last.rest)
        else:
            kept.append(each)
    return kept


def words_in(text: str) -> Iterator[Sum]:
    """全部, 一半, 最低, 剩下的."""
    for name, pattern in word_patterns():
        for match in pattern.finditer(text):
            yield Sum("full" if name == "rest" else name, *match.span(), rest=name == "rest")


@cache
def word_patterns() -> list[tuple[str, re.Pattern[str]]]:
    words = load_data("amounts.yml")
    return [
        (name, re.compile(words[name].replace("| ", "|"))) for name in ("minimum", "half", "rest", "full")
    ]


Value = Callable[["re.Match[str]"], "Decimal | None"]


def numbers_in(text: str) -> Iterator[Sum]:
    """The sums said as numbers."""
    pattern, not_money = number_pattern()
    position = 0
    while match := pattern.search(text, position):
        position = match.end()
        if hotline().match(text, match.start()) or (not_money.match(text, match.end()) and not match["yuan"]):
            continue
        value = next(value_of for way, value_of in VALUES.items() if match[way] is not None)(match)
        if value is not None and value > 0:
            yield Sum(f"{value:.2f}", match.start(), match.end())


@cache
def hotline() -> re.Pattern[str]:
    """Where a number begins that is rung up, not paid."""
    return re.compile(load_data("amounts.yml")["hotline"])


@cache
def number_pattern() -> tuple[re.Pattern[str], re.Pattern[str]]:
    """One expression for all ways of saying a number, each alternative named after its function in VALUES."""
    words = load_data("amounts.yml")
    yuan = rf"{ABOUT}(?P<yuan>{words['yuan']})?"
    start = r"(?<![0-9.:/])"
    ways = (
        rf"{start}(?P<w>[0-9]{{1,6}}(?:\.[0-9]{{1,4}})?) ?[万wW](?![a-zA-Z])(?P<w2>(?!{NO_MORE}){ONE}(?![0-9.万百个号月])千?)?(?P<w3>[零]?[0-9]{{3,4}})?(?P<ten_thousands>)",
        rf"{start}(?P<k>[0-9]{{1,6}}(?:\.[0-9]{{1,3}})?) ?[千kK](?![a-zA-Z]|万[别不莫])(?P<k2>{ONE}(?![0-9.个号月])百?)?(?P<k3>[0-9]{{3}})?(?P<thousands>)",
        rf"{start}(?P<b>[0-9]{{1,2}})百(?P<b2>{ONE}(?![0-9个号月])十?)?(?P<hundreds>)",
        rf"(?P<sign>[¥￥] ?)?{start}(?<![0-9]\-)(?P<n>[0-9]{{1,3}}(?:,[0-9]{{3}})+(?:\.[0-9]{{1,2}})?(?![0-9])|[0-9]{{1,9}}(?:\.[0-9]{{1,2}})?)(?![0-9])(?P<digits>)",
        rf"(?<![{HAN}0-9第])(?P<m>[一二三四五六七八九十两俩]{{1,3}}[万千百])(?P<m2>[1-9])(?:(?<=万[1-9])千)?(?![0-9.:/万千百个号月日天年成%])(?P<mixed>)",
        rf"(?<![{HAN}0-9第])(?P<i>[万千百][一二三四五六七八九])(?![{HAN}个分])(?P<implied>)",
        rf"(?<![{HAN}0-9第])(?P<o>[百千万])把(?=块|元)(?P<about_one>)",
        rf"(?<![第周])(?<!百分之)(?<!千儿)(?<!星期)(?<!礼拜)(?P<h>[{HAN}](?:(?!{NO_MORE})[{HAN}]){{0,15}})(?P<half>半(?!个|天|年|月))?(?P<han>)",
    )
    jiao = f"(?:(?!{NO_MORE})(?P<jiao>{ONE})(?:[毛角](?:(?P<fen>{ONE})分?)?)?(?!(?!{NO_MORE})[0-9{HAN}]|[个号月天期次笔]))?"
    ways_with_tail = "|".join(ways)
    return re.compile(f"(?:{ways_with_tail}){yuan}(?(yuan){jiao}|)(?:整|正)?"), re.compile(words["not_money"])


def ten_thousands(match: re.Match[str]) -> Decimal | None:
    """2w, 1.5万, 2万5, 2万5千."""
    rest = single((match["w2"] or "").removesuffix("千")) * 1000 + (
        whole_number(match["w3"].lstrip("零")) or 0 if match["w3"] else 0
    )
    return Decimal(match["w"]) * 10_000 + rest


def thousands(match: re.Match[str]) -> Decimal | None:
    """3k, 3k5, 2.5千, 2千5百."""
    return (
        Decimal(match["k"]) * 1000
        + single((match["k2"] or "").removesuffix("百")) * 100
        + int(match["k3"] or 0)
    )


def hundreds(match: re.Match[str]) -> Decimal | None:
    return Decimal(match["b"]) * 100 + single((match["b2"] or "").removesuffix("十")) * 10


def mixed(match: re.Match[str]) -> Decimal | None:
    """一万2, 三千5: a numeral of each script."""
    return Decimal((whole_number(match["m"]) or 0) + int(match["m2"]) * UNITS[match["m"][-1]] // 10)


# a bare number here is a day, an account or a count, not a sum
NO_SUM_BEFORE = re.compile(
    r"(?:第|号码|尾号|后四位|卡号|工号|单号|编号|验证码|电话|(?<![每个])月|年|周|星期|礼拜|[a-zA-Z:/\-.]|[0-9] )$"
)
NO_SUM_AFTER = re.compile(
    r" ?(?:[号日天点时分期次]|月(?![底初中末])|年(?![前底])|周(?![一二三四五六日末])|[:：/.\-][0-9]|-|[a-zA-Z])"
)


PAYING = ("还", "付", "转", "给", "交", "存", "打")


def digits(match: re.Match[str]) -> Decimal | None:
    """3000, 3,000.50, ¥88, 八块五 after a number; without a unit only where it looks like a sum."""
    value = Decimal(match["n"].replace(",", ""))
    if match["yuan"] or match["sign"]:
        return value + small_change(match)
    text = match.string
    if len(match["n"]) > 6 + 3 * ("." in match["n"]) + match["n"].count(",") or match["n"].startswith("0"):
        return None
    if NO_SUM_BEFORE.search(text[max(0, match.start() - 4) : match.start()]) or NO_SUM_AFTER.match(
        text, match.end()
    ):
        return None
    paid = text[max(0, match.start() - 1) : match.start()] in PAYING
    return value if value >= (10 if paid else LEAST_BARE) else None


def implied(match: re.Match[str]) -> Decimal | None:
    """千二 is 1,200; 万二 12,000. 万一 is "in case"."""
    return None if match["i"] in ("万一", "百一", "千一") else Decimal(whole_number("一" + match["i"]) or 0)


def about_one(match: re.Match[str]) -> Decimal:
    """千把块: a thousand or so."""
    return Decimal(UNITS[match["o"]])


# words that only look like a sum
NO_HAN_SUM = frozenset(
    ("千万", "百万", "一百一", "百百", "十万火", "百十", "万千", "万万", "千百", "百千", "百十万")
)
IDIOM = re.compile(
    "火急|方百计|恩万谢|真万确|分感谢|分抱歉|忙之中|辛万苦|难万险|不得已|家姓|货|般|度|变|倍|个(?:放心|不|道歉)|思不得|里挑一"
)


# around a small number without a unit that is paid: "先给五十算了"; not of "打五十个电话"
PAID_BEFORE = re.compile("[还付转给存打凑](?:你们?|您|恁|上|个|点)?$")
SAID_ALL = re.compile("$|[,。!?~…]| |吧|呗|算了|先|意思|行|再|嘛|哈|啊")
# no exact sum: 两三千, 七八百, 百八十; two sums in one run: 二百五两百七
SEVERAL = re.compile(
    "(?<![十百千万])[一二两三四五六七八][二三四五六七八九](?=[十百千万])|百[^千万]*百|千[^万]*千|^[百千]八"
)


def han(match: re.Match[str]) -> Decimal | None:
    """三千五, 两万半, 壹仟, 五十块. A lone unit ("千万别"), a number without unit or 元 is no sum."""
    said = match["h"].replace("俩", "两")
    if said in NO_HAN_SUM and not match["yuan"] and not (said == "一百一" and is_paid(match)):
        return None
    has_unit = re.search("[百千万佰仟]", said) is not None
    if not match["yuan"] and (not (has_unit or ("十" in said and is_paid(match))) or IDIOM.match(match.string, match.end())):
        return None
    if said[0] in "百千万佰仟" and not re.match("百[八十]|[万千]把", said):
        return None
    value = whole_number(said)
    if value is None or SEVERAL.search(said):
        return None
    unit = UNITS.get(said[-1], 0)
    return Decimal(value + (unit // 2 if match["half"] else 0)) + small_change(match)


def small_change(match: re.Match[str]) -> Decimal:
    """What stands after the yuan: 五, 五毛, 五毛五."""
    return Decimal(10 * single(match["jiao"]) + single(match["fen"])) / 100


def is_paid(match: re.Match[str]) -> bool:
    """A number is what is paid and nothing more: "先给五十算了", "明天转三十", "还你一百一"."""
    return (
        PAID_BEFORE.search(match.string[max(0, match.start() - 5) : match.start()]) is not None
        and SAID_ALL.match(match.string, match.end()) is not None
    )


def single(said: str | None) -> int:
    """A single numeral; 0 when there is none."""
    return (whole_number(said) or 0) if said else 0


VALUES: dict[str, Value] = {
    "ten_thousands": ten_thousands,
    "thousands": thousands,
    "hundreds": hundreds,
    "digits": digits,
    "mixed": mixed,
    "implied": implied,
    "about_one": about_one,
    "han": han,
}
