"""会话: one transcript to read, as the figures link to it: its words, what the coach reads in it, what came of it."""

from __future__ import annotations

import streamlit as st

from coach_ui.components.bubbles import show_bubbles
from coach_ui.components.talk_panel import show_case, show_promises, show_reading
from coach_ui.session import desk, now, user
from heyue.desk.live import OpenTalk
from heyue.errors import UnknownConversation
from heyue.names import name_of

OPENED = "talk.opened"


def main() -> None:
    """Draw the page."""
    conversation_id = st.query_params.get("talk")
    if not conversation_id:
        st.title("会话")
        st.info("请从看板或周报里点“查看会话”打开一段会话。", icon=":material/arrow_back:")
        return
    try:
        talk = open_once(conversation_id)
    except UnknownConversation:
        st.title("会话")
        st.warning("这段会话不存在，或者不在您可以查看的范围内。", icon=":material/search_off:")
        return
    here = talk.conversation
    st.title(f"{name_of('channel', here.channel)}会话 {here.started_at:%Y-%m-%d %H:%M}")
    st.caption(f"会话编号 {here.conversation_id}　共 {here.turn_count} 句　个人信息已隐去，查看已记入审计")
    words, panel = st.columns([5, 4], gap="medium")
    with words:
        show_bubbles(talk.turns, talk.reading, height=640)
    with panel:
        draw_panel(talk)


def open_once(conversation_id: str) -> OpenTalk:
    """The conversation; the look is audited when it is opened, not each time the page is drawn."""
    if st.session_state.get(OPENED) == conversation_id:
        return desk().refresh_talk(user(), conversation_id, now())
    talk = desk().open_talk(user(), conversation_id, now())
    st.session_state[OPENED] = conversation_id
    return talk


def draw_panel(talk: OpenTalk) -> None:
    """The reading, the promises, the case."""
    show_reading(talk.reading)
    st.subheader("还款约定")
    show_promises(talk.promises)
    st.subheader("案件")
    at = talk.conversation.started_at
    stage = None if talk.case is None else desk().policy.stage(talk.case.days_overdue(at.date()))
    show_case(talk, stage, at)


main()
