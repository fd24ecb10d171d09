"""Lines that a collector could say next: each with its technique, to copy or to put into the reply box."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import streamlit as st

from coach_ui.components.reply_box import put_line
from heyue.coaching.playbook import techniques
from heyue.records import TalkReading


def show_suggestions(conversation_id: str, reading: TalkReading | None, may_use: bool) -> None:
    """Draw the suggestions; `may_use`: whether there is a reply box to put them into."""
    show_lines(conversation_id, reading.details["suggestions"] if reading else [], may_use)


def show_lines(conversation_id: str, suggestions: Sequence[Mapping[str, str]], may_use: bool) -> None:
    """The same for suggestions by their fields text, technique and not_for."""
    if not suggestions:
        st.caption("还看不清这段会话，暂不建议。")
    for number, each in enumerate(suggestions):
        technique = techniques()[each["technique"]]
        st.markdown(f"**{technique.name}** · {technique.idea}")
        st.code(each["text"], language=None, wrap_lines=True)
        if each["not_for"]:
            st.caption(f"不适用：{each['not_for']}")
        if may_use and st.button(
            "放入回复框", key=f"use:{number}", on_click=put_line, args=(conversation_id, each["text"]),
            icon=":material/keyboard_return:",
        ):  # fmt: skip
            st.rerun()
