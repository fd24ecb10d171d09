"""How long an SMS is: the segments that it is sent and paid in, and its words without what only makes it longer."""

from __future__ import annotations

import re
from collections.abc import Iterator

MOST_CHARACTERS = 500  # with the signature: the limit of Alibaba Cloud and Tencent Cloud; Twilio takes 1600
GSM_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
GSM_EXTENDED = frozenset("\f^{}\\[~]|€")  # each takes two places
ONE_GSM, EACH_GSM = 160, 153  # a single message; each of several, which carry a header
ONE_UCS2, EACH_UCS2 = 70, 67
BETWEEN_WIDE = re.compile(r"(?<=[^\x00-\x7f])[ \t]+|[ \t]+(?=[^\x00-\x7f])")


def segments(text: str) -> int:
    """How many segments a text takes. Source: 3GPP TS 23.038 and 23.040 (7-bit alphabet, UCS-2, concatenation)."""
    if is_gsm(text):
        return _packed([2 if each in GSM_EXTENDED else 1 for each in text], ONE_GSM, EACH_GSM)
    return _packed([len(each.encode("utf-16-be")) // 2 for each in text], ONE_UCS2, EACH_UCS2)


def signed(text: str, signature: str) -> str:
    """The text with the signature that a provider puts before it, in the brackets of China's carriers; none: as it is."""
    return f"【{signature}】{text}" if signature else text


def is_gsm(text: str) -> bool:
    """Whether all characters are of the 7-bit alphabet."""
    return all(each in GSM_BASIC or each in GSM_EXTENDED for each in text)


def _packed(places: list[int], alone: int, each: int) -> int:
    """Segments for characters of so many places; none is divided between two segments."""
    return 1 if sum(places) <= alone else sum(1 for _ in _breaks(places, each))


def _breaks(places: list[int], most: int) -> Iterator[int]:
    used = most + 1
    for number, width in enumerate(places):
        if used + width > most:
            yield number
            used = 0
        used += width


def compact(text: str) -> str:
    """The text in one line, without spaces that Chinese does not need."""
    line = " ".join(part.strip() for part in text.splitlines() if part.strip())
    return BETWEEN_WIDE.sub("", re.sub(r"\s+", " ", line)).strip()
