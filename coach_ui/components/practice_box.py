"""Where a trainee writes what he says next: checked while typing, said by Enter; and what the level suggests."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from coach_ui import drafts
from coach_ui.away import refreshed
from coach_ui.components.reply_box import clear_if_sent, draft_of, mark_sent, show_broken_rules, typing_script
from coach_ui.components.suggestion_list import show_lines
from coach_ui.refusals import in_chinese
from coach_ui.session import desk, now, user
from heyue.desk.practice import LONGEST_LINE
from heyue.errors import Refused
from heyue.practice.levels import levels

LABEL, SEND = "您说", "说出去"
ENTER = (Path(__file__).parent / "enter.js").read_text(encoding="utf-8")
REFUSED = "practice.refused"


@refreshed(None)
def show_box(talk_id: str) -> None:
    """Draw the box and what is wrong with the draft."""
    clear_if_sent()
    if refused := st.session_state.pop(REFUSED, None):
        st.error(refused, icon=":material/error:")
    text = drafts.area(
        LABEL, draft_of(talk_id), height=84, max_chars=LONGEST_LINE,
        placeholder="像平时那样说。Enter 说出去，Shift+Enter 换行。",
    )  # fmt: skip
    st.html(
        f"<script>{typing_script(LABEL)}{ENTER.replace('__LABEL__', LABEL).replace('__SEND__', SEND)}</script>",
        unsafe_allow_javascript=True,
    )
    broken = desk().practice_warnings(user(), talk_id, text)
    if st.button(SEND, type="primary", icon=":material/send:") and text.strip():
        _say(talk_id, text)
    show_broken_rules(talk_id, broken)
    if broken:
        st.caption("练习中仍可以说出去，看看会有什么后果；评分会记下来。")


def _say(talk_id: str, text: str) -> None:
    try:
        desk().practise_line(user(), talk_id, text, now())
    except Refused as refusal:
        st.session_state[REFUSED] = in_chinese(refusal)
    else:
        mark_sent(talk_id)
    st.rerun()


def show_hints(talk_id: str, level: str) -> None:
    """Lines that could be said next, as many as the level gives, for who asks for them."""
    if not levels()[level].hints:
        st.caption(f"{levels()[level].name}级没有提示。")
        return
    if st.toggle("显示提示", key="practice.hints", help="提示从话术库里来，放入后可以再改。"):
        show_lines(talk_id, [each._asdict() for each in desk().practice_hints(user(), talk_id)], may_use=True)
