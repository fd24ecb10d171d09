"""Numbers as people write them: 25, 二十五, 廿五, 两千三, 壹仟, 二零二七."""

from __future__ import annotations

DIGITS = {
    **{c: i for i, c in enumerate("零一二三四五六七八九")}, "〇": 0, "两": 2, "俩": 2, "仨": 3, "壹": 1, "贰": 2, "叁": 3,
    "肆": 4, "伍": 5, "陆": 6, "柒": 7, "捌": 8, "玖": 9,
}  # fmt: skip
UNITS = {"十": 10, "拾": 10, "百": 100, "佰": 100, "千": 1000, "仟": 1000, "万": 10_000}
TENS = {"廿": 20, "卅": 30}
KNOWN = frozenset(DIGITS) | frozenset(UNITS) | frozenset(TENS)
MOST_DIGITS = 12  # longer runs are account numbers
MOST_NUMERALS = 16  # 九千九百九十九万九千九百九十九


def whole_number(said: str) -> int | None:
    """The whole number that `said` stands for, or None. A last digit after a unit counts by a tenth of it: 三千五."""
    if not said or len(said) > (MOST_DIGITS if said.isascii() else MOST_NUMERALS):
        return None
    if said.isascii():
        return int(said) if said.isdigit() else None
    if not KNOWN.issuperset(said):
        return None
    if all(character in DIGITS for character in said):
        return int("".join(str(DIGITS[character]) for character in said))
    return _with_units(said)


def _with_units(said: str) -> int:
    """`total` above the last 万, `section` below it, `digit` still waiting for its unit, `gap` after a 零."""
    total, section, digit, last_unit, gap = 0, 0, 0, 1, False
    for character in said:
        if character in TENS:
            section, last_unit = section + TENS[character], 10
        elif character in DIGITS:
            digit, gap = DIGITS[character], gap or character in "零〇"
        elif UNITS[character] == 10_000:
            total = (total + section + digit or 1) * 10_000
            section, digit, last_unit, gap = 0, 0, 10_000, False
        else:
            last_unit = UNITS[character]
            section, digit, gap = section + (digit or 1) * last_unit, 0, False
    tail = digit * (last_unit // 10 if last_unit > 10 and not gap else 1)
    return total + section + tail
