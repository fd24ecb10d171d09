"""Signals: what a message says so plainly that no model needs to weigh it.

They override the intent model (bot/components/intent.py), so each prefers precision to recall: words are
data (data/signals.yml), every pattern has its near misses, and tests/data/signals.jsonl holds both.
"""

from __future__ import annotations

import re
from functools import cache
from typing import NamedTuple

from heyue.understanding.dialect import standard_text
from heyue.understanding.lexicon import load_data

GAP = "〇"
MEDIA_NAMES = (
    r"语音(?:消息|通话|聊天)?|图片|照片|位置|视频(?:通话|聊天)?|文件|链接|表情(?:包)?|动画表情|名片|音频|截图|红包|转账|聊天记录|小程序"
    r"|voice|image|photo|location|video|file|sticker|link"
)
EMOJI = (
    "\u00a9\u00ae\u203c\u2049\u2122\u2139\u2194-\u21aa\u231a-\u23ff\u25aa-\u25fe\u2600-\u27bf\u2934\u2935\u2b05-\u2b55"
    "\u3030\u303d\u3297\u3299\ufe0f\u200d\u20e3\U0001f000-\U0001faff\U000e0020-\U000e007f"
)
WECHAT_FACES = (
    r"[\[【](?:微笑|撇嘴|色|发呆|得意|流泪|害羞|闭嘴|睡|大哭|尴尬|发怒|调皮|呲牙|惊讶|难过|囧|抓狂|吐|偷笑|愉快|白眼|傲慢|困|惊恐|憨笑"
    r"|悠闲|咒骂|疑问|嘘|晕|衰|骷髅|敲打|再见|擦汗|抠鼻|鼓掌|坏笑|右哼哼|鄙视|委屈|快哭了|阴险|亲亲|可怜|笑脸|生病|脸红|破涕为笑|恐惧|失望"
    r"|无语|嘿哈|捂脸|奸笑|机智|皱眉|耶|吃瓜|加油|汗|天啊|emm|社会社会|旺柴|好的|打脸|哇|翻白眼|666|让我看看|叹气|苦涩|裂开|嘴唇|爱心|心碎"
    r"|拥抱|强|弱|握手|胜利|抱拳|勾引|拳头|ok|合十|啤酒|咖啡|蛋糕|玫瑰|凋谢|菜刀|炸弹|便便|月亮|太阳|庆祝|礼物|發|福|烟花|爆竹|猪头|跳跳"
    r"|发抖|转圈)[\]】]"
)
_MEDIA_ONLY = re.compile(
    rf"(?:[\[【<(](?:{MEDIA_NAMES})[\]】>)]\s*(?:\d{{1,3}}\s*(?:\"|″|''|秒|s)?)?[\s,.!?。，！？~]*)+"
)
_EMOJI_ONLY = re.compile(rf"(?:[{EMOJI}]|{WECHAT_FACES}|[\s,.!?。，！？~～]|\d(?=\u20e3|\ufe0f\u20e3))+")
_SILENT = re.compile(r"[\W_]*")
_ID_TAIL = r"(\d{3}[\dx])"
_ID_LEAD = (
    r"(?:(?:是我|对|好|好的|嗯|行|本人|我是|我的|[你您]记(?:一下|下|好|着)?|您好|你好|那|确认)[,.，。、!！ ]*)*"
    r"(?:我)?(?:的)?(?:身份证|证件|id)?(?:号码?)?(?:的)?(?:最?(?:后|末|尾)(?:面|头|边|那)?(?:四|4)(?:位|个|码)?(?:数)?|尾号|尾数|尾码|末尾|后面|后头)?"
    r"(?:数字|数|号码)?(?:应该|好像)?(?:是|为|系)?[\s，、:：]*"
)
_ID_TRAIL = r"(?:[，、 ])?(?:这个|这四个|这四位)?(?:了|吧|哈|啊|呀|哦|呢|嘛|没错|对吧|对吗|可以了吧|行了吧|行吗|行不|够了吧|要得不|请?核对|你?记一?下来?|唔该|没错吧|你?(?:看|核|查|核对|对)一?下?(?:吧|对不对?|对吗|是不是|下)?|[，、 ])*"
_ID_ONLY = re.compile(rf"{_ID_LEAD}{_ID_TAIL}{_ID_TRAIL}")
_ID_NAMED = re.compile(
    rf"(?:身份证|证件号|(?:后|末|尾)(?:面|头|边|那)?(?:四|4)(?:位|个|码)|尾号)[^\d，。！？]{{0,8}}{_ID_TAIL}(?![\dx元块万千])"
)
_ID_WHOLE = re.compile(r"(?<!\d)\d{14}(\d{3}[\dx])(?![\dx])")
_FOUR = re.compile(r"(?<![\dx.])\d{3}[\dx](?![\dx.])")
_ROUND = re.compile(r"\d\d00|[12][09]\d\d")  # as likely an amount or a year
_ABOUT_MONEY = re.compile(
    r"[还付转给块元万千百钱到号月年利息欠扣收少共款账单贷存交缴打借期蚊kw%％?？\d吗么呢]|多少|先|剩|电话|手机"
)
LONGEST_ASIDE = 12
_SPOKEN_DIGITS = str.maketrans("零〇一二三四五六七八九幺两", "0012345678912")
_SPOKEN_TAIL = re.compile(
    r"[零〇一二三四五六七八九幺\d][ ,，、.-]*(?:[零〇一二三四五六七八九幺两\d][ ,，、.-]*){2}(?:[零〇一二三四五六七八九幺\d]|x|叉|艾克斯)"
)


_FOLD = str.maketrans(",!?著", "，！？着")


class _Patterns(NamedTuple):
    say: re.Pattern[str]
    unless: re.Pattern[str] | None


@cache
def _patterns() -> dict[str, _Patterns]:
    raw = load_data("signals.yml")
    return {
        name: _Patterns(
            re.compile("|".join(f"(?:{pattern})" for pattern in rules["say"])),
            re.compile("|".join(f"(?:{pattern})" for pattern in rules["unless"]))
            if rules["unless"]
            else None,
        )
        for name, rules in raw.items()
    }


def signals_of(text: str) -> frozenset[str]:
    """Names of the signals in `text`.

    Returns:
        Any of media, silence, emoji_only, id_digits (the whole message is of that kind), self_harm, opt_out,
        human, deceased, insult, injection (the message says it).
    """
    plain = _plain(text)
    whole = _kind_of_whole(text, plain)
    if whole:
        return frozenset({whole})
    found = {name for name, patterns in _patterns().items() if _says(plain, patterns)}
    if _id_only(plain):
        found.add("id_digits")
    return frozenset(found)


def _plain(text: str) -> str:
    return standard_text(text).strip().translate(_FOLD)


def _kind_of_whole(text: str, plain: str) -> str | None:
    if _MEDIA_ONLY.fullmatch(plain):
        return "media"
    if plain and _EMOJI_ONLY.fullmatch(text.lower().strip()) and re.search(rf"[{EMOJI}\[【]", text):
        return "emoji_only"
    return "silence" if _SILENT.fullmatch(plain) else None


def near_misses_of(text: str) -> frozenset[str]:
    """Signals whose near misses stand in `text`: "我妈走了" is near deceased and tells of another death."""
    plain = _plain(text)
    return frozenset(
        name for name, rules in _patterns().items() if rules.unless and rules.unless.search(plain)
    )


def without_idioms(masked: str) -> str:
    """Masked text with "累死了", "死活" and the like blanked out, so that no model takes fright at them."""
    idioms = _patterns()["self_harm"].unless
    return idioms.sub(GAP, masked) if idioms else masked


def _says(plain: str, patterns: _Patterns) -> bool:
    if patterns.unless is not None:
        plain = patterns.unless.sub(GAP, plain)
    return patterns.say.search(plain) is not None


def id_digits_of(text: str) -> str | None:
    """The last four of an ID number ("5126", "844X") that `text` gives, or None.

    A bare four-digit number counts, although "3000" may as well be an amount: who asked decides that.
    """
    plain = _plain(text)
    only = _id_only(plain)
    if only:
        return only
    named = _ID_WHOLE.search(plain) or _ID_NAMED.search(_join_digits(plain))
    return named[1].upper() if named else None


def _id_only(plain: str) -> str | None:
    joined = _join_digits(plain.strip(" 。.!！~～?？,，"))
    match = _ID_ONLY.fullmatch(joined)
    if match:
        return match[1].upper()
    groups = _FOUR.findall(joined)
    rest = _FOUR.sub("", joined)
    if (
        groups
        and len(rest) <= LONGEST_ASIDE
        and not _ABOUT_MONEY.search(rest)
        and not _ROUND.fullmatch(groups[-1])
    ):
        return str(groups[-1]).upper()  # "4127不对 是3358": the last one counts
    return None


def _join_digits(plain: str) -> str:
    """Digits spoken or spaced one by one as one number: "五 一 二 六" -> "5126", "844叉" -> "844x"."""
    return _SPOKEN_TAIL.sub(_as_digits, plain)


def _as_digits(match: re.Match[str]) -> str:
    return (
        re.sub(r"[ ,，、.-]", "", match[0])
        .replace("叉", "x")
        .replace("艾克斯", "x")
        .translate(_SPOKEN_DIGITS)
    )
