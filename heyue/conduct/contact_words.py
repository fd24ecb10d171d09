"""What the words of a message that goes out must and must not say, as far as the contact gate asks."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal

from heyue.conduct.contact_policy import ContactPolicy
from heyue.money import FEN_PER_YUAN
from heyue.understanding.amounts import find_amounts
from heyue.understanding.script import simplify

# a sum with its unit: a bare number may be a telephone, a day, a number of a paragraph
NUMERALS = "零〇一二三四五六七八九十百千万两壹贰叁肆伍陆柒捌玖拾佰仟"
NUMBER = rf"(?:[0-9][0-9,]*(?:\.[0-9]+)?(?:\s*[万千百]\s*[0-9{NUMERALS}]*)?|[{NUMERALS}]+)"
SUM = re.compile(rf"¥\s*{NUMBER}|{NUMBER}\s*[多来几余]?\s*(?:元|块|圆|人民币|RMB)", re.IGNORECASE)


def sums_fen(text: str) -> Iterator[int]:
    """Every sum of money in a text, in fen; one that cannot be read is 0, which no ledger has."""
    for found in SUM.finditer(simplify(text).replace("，", ",")):
        read = [mention.amount for mention in find_amounts(found[0].replace(",", ""))]
        for amount in read or ["0"]:
            yield int(Decimal(amount) * FEN_PER_YUAN) if amount[:1].isdigit() else 0


def demands(text: str, policy: ContactPolicy) -> bool:
    """Whether a text asks for payment or for a date of it, rather than tell facts."""
    return policy.words["demand"].search(simplify(text)) is not None


def names_consequences(text: str, policy: ContactPolicy) -> bool:
    """Whether a text speaks of suits, courts, lawyers or the credit record, which a bot does not bring up."""
    return policy.words["consequences"].search(simplify(text)) is not None


def says(text: str, what: str, policy: ContactPolicy) -> bool:
    """Whether a text names what contact_gate.yml calls so: human_option, opt_out_option, official_channel."""
    return policy.words[what].search(simplify(text)) is not None
