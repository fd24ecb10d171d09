"""A talk as bubbles: the borrower's on the left, the lender's side on the right, telling words marked, flags below."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path
from typing import Any

import streamlit as st

from coach_ui.components.sending import is_lost, sending_words
from heyue.conduct.rules import rules
from heyue.names import name_of
from heyue.records import TalkReading, Turn

STYLES = Path(__file__).parent / "bubbles.css"
Remarks = Mapping[int, Sequence[str]]  # by turn, from 0


def show_bubbles(
    turns: Sequence[Turn], reading: TalkReading | None, height: int = 430, remarks: Remarks | None = None,
    beside: Mapping[int, str] | None = None,
) -> None:  # fmt: skip
    """Draw the turns in a box that scrolls, the last turn in sight.

    Args:
        remarks: what a review says below the turns in place of the machine's flags; such a talk is read from its
            beginning.
        beside: what stands beside the time of a turn, by turn.
    """
    details, notes = reading.details if reading else {}, beside or {}
    shown = _flags(details) if remarks is None else remarks
    bubbles = [
        _bubble(number, turn, _of_turn(details, "evidence", number), shown.get(number, ()), notes.get(number))
        for number, turn in enumerate(turns)
    ]
    st.html(STYLES)
    label = f"会话内容，共 {len(turns)} 句"
    order = "from-the-end" if remarks is None else ""
    st.html(
        f'<div class="heyue-scroll {order}" style="height: {height}px" tabindex="0">'
        f'<div class="heyue-talk" role="log" aria-label="{label}">{"".join(bubbles)}</div></div>'
    )


def _of_turn(details: dict[str, Any], name: str, number: int) -> list[dict[str, Any]]:
    return [each for each in details.get(name, []) if each["turn"] == number]


def _flags(details: dict[str, Any]) -> Remarks:
    found: dict[int, list[str]] = {}
    for each in details.get("violations", []):
        found.setdefault(each["turn"], []).append(f"⚠ {rules()[each['rule']].name}")
    return found


def _bubble(
    number: int, turn: Turn, evidence: list[dict[str, Any]], remarks: Sequence[str], beside: str | None
) -> str:
    side = "borrower" if turn.speaker == "borrower" else "lender"
    words = "".join(f'<p class="heyue-flag">{escape(each)}</p>' for each in remarks)
    side += " lost" if is_lost(turn) else ""
    return (
        f'<div class="heyue-turn {side}" data-turn="{number}"><p class="heyue-who">{name_of("speaker", turn.speaker)} · {turn.at:%m-%d %H:%M}'
        f" · 第{number + 1}句{f' · {escape(beside)}' if beside else ''}</p>"
        f'<p class="heyue-said">{_marked(turn.text, [each["text"] for each in evidence])}</p>{_sending(turn)}{words}</div>'
    )


def _sending(turn: Turn) -> str:
    """Where a line of the lender's side stands on its way."""
    words = sending_words(turn)
    if words is None:
        return ""
    mark = "✕ " if is_lost(turn) else ""
    return f'<p class="heyue-sending">{mark}{escape(words)}</p>'


def _marked(text: str, evidence: list[str]) -> str:
    """The text with the words that tell the type marked."""
    telling = sorted({words for words in evidence if words}, key=len, reverse=True)
    if not telling:
        return _escaped(text)
    pieces = re.split("(" + "|".join(map(re.escape, telling)) + ")", text)
    return "".join(
        f'<mark title="判断类型的依据">{_escaped(piece)}</mark>' if piece in telling else _escaped(piece)
        for piece in pieces
    )


def _escaped(text: str) -> str:
    return escape(text).replace("\n", "<br>")
