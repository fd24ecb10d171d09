"""Lines that a collector could say next: each with its technique, to copy or to put into the reply box."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import streamlit as st

from coach_ui.components.reply_box import put_line
from coach_ui.session import desk, now, user
from heyue.coaching.playbook import techniques
from heyue.records import TalkReading
from heyue.settings import COACH

FITTED = "live.fitted"  # a conversation with its number of turns, and the suggestions that fit it


def show_suggestions(conversation_id: str, reading: TalkReading | None, may_use: bool) -> None:
    """Draw the suggestions; `may_use`: whether there is a reply box to put them into."""
    if reading is None or not reading.details["suggestions"]:
        show_lines(conversation_id, [], may_use)
        return
    talk = (conversation_id, reading.turn_count)
    of, fitted = st.session_state.get(FITTED, (None, []))
    show_lines(conversation_id, fitted if of == talk else reading.details["suggestions"], may_use)
    if of == talk:
        st.caption("措辞由AI生成，逐句检查过；没有通过检查的保持原句。发送前请再看一遍。")
    elif desk().may_word(COACH):
        st.button(
            "按这段对话改写", on_click=_fit, args=(talk,), icon=":material/auto_fix_high:",
            help="把遮掉姓名、号码、金额、日期的对话交给语言模型改写措辞，最多等几秒。",
        )  # fmt: skip


def _fit(talk: tuple[str, int]) -> None:
    """Have the suggestions worded anew. In a callback; they hold until the talk goes on."""
    st.session_state[FITTED] = (talk, desk().fitted_suggestions(user(), talk[0], now()))


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
