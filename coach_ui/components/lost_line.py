"""What a collector is told at once when his line did not reach the borrower, and how he says it again."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from coach_ui.components.plain_text import plain
from coach_ui.components.reply_box import put_line
from coach_ui.components.sending import is_lost, lost_because
from heyue.records import Turn


def show_lost_line(conversation_id: str, turns: Sequence[Turn]) -> None:
    """Say of the collector's last line that it did not arrive, if so, and offer to put it back into the reply box."""
    last = next((turn for turn in reversed(turns) if turn.speaker == "collector"), None)
    if last is None or last.sending is None or not is_lost(last):
        return
    with st.container(key="lost_line"):
        st.error(f"您 {last.at:%H:%M} 的话没有送达：{plain(lost_because(last.sending))}。", icon=":material/sms_failed:")
        if st.button(
            "放回回复框", key=f"again:{last.turn_id}", on_click=put_line, args=(conversation_id, last.text),
            icon=":material/keyboard_return:",
        ):  # fmt: skip
            st.rerun()
