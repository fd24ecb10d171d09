"""实时会话: which conversations run, who they are with, what would calm them; take one over, speak, give it back."""

from __future__ import annotations

import streamlit as st

from coach_ui.away import refreshed
from coach_ui.components.bubbles import show_bubbles
from coach_ui.components.conversation_list import show_list
from coach_ui.components.lost_line import show_lost_line
from coach_ui.components.reply_box import clear_if_sent, show_reply_box
from coach_ui.components.stop_panel import show_stops
from coach_ui.components.suggestion_list import show_suggestions
from coach_ui.components.take_over import show_dialog, show_holder
from coach_ui.components.talk_panel import show_case, show_promises, show_reading
from coach_ui.session import desk, now, user
from heyue.desk.live import OpenTalk
from heyue.errors import UnknownConversation

REFRESH_SECONDS = 0.7
TALK_HEIGHT = 330  # leaves room for the reply and what is wrong with it
UNMASKED, OPENED, HOLDER = "live.unmasked", "live.opened", "live.holder"


def main() -> None:
    """Draw the page."""
    st.title("实时会话")
    clear_if_sent()
    listing, talk, panel = st.columns([3, 5, 4], gap="medium")
    with listing:
        show_list()
    conversation_id = st.query_params.get("talk")
    if not conversation_id:
        with talk:
            st.info("从左边选一段会话。等人接手的、紧张的排在前面。", icon=":material/arrow_back:")
        return
    try:
        opened = open_once(conversation_id)
    except UnknownConversation:
        with talk:
            st.warning("这段会话不存在，或者已由其他同事接手。", icon=":material/person_off:")
        return
    st.session_state[HOLDER] = opened.conversation.holder
    show_dialog(opened)
    with talk:
        draw_talk(conversation_id)
        if holds(opened):
            show_reply_box(conversation_id)
    with panel:
        draw_panel(conversation_id)
        if opened.case is not None:
            show_stops(opened.case.case_id)


def open_once(conversation_id: str) -> OpenTalk:
    """The conversation; the look is audited when it is opened, not each time it is drawn."""
    if st.session_state.get(OPENED) == conversation_id:
        return seen(conversation_id)
    st.session_state.pop(UNMASKED, None)
    opened = desk().open_talk(user(), conversation_id, now())
    st.session_state[OPENED] = conversation_id
    return opened


def seen(conversation_id: str) -> OpenTalk:
    """The conversation as it stands."""
    is_masked = st.session_state.get(UNMASKED) != conversation_id
    return desk().refresh_talk(user(), conversation_id, now(), is_masked)


def holds(talk: OpenTalk) -> bool:
    """Whether the person at the screen speaks in it."""
    conversation = talk.conversation
    return conversation.origin == "bot" and conversation.holder == "human" and conversation.handler == user().login


@refreshed(REFRESH_SECONDS)
def draw_talk(conversation_id: str) -> None:
    """The words, and who has the conversation."""
    talk = still_there(conversation_id)
    show_holder(talk)
    show_bubbles(talk.turns, talk.reading, TALK_HEIGHT)
    if holds(talk):
        show_lost_line(conversation_id, talk.turns)
    if st.session_state[HOLDER] != talk.conversation.holder:
        st.rerun()  # the reply box comes or goes


@refreshed(REFRESH_SECONDS)
def draw_panel(conversation_id: str) -> None:
    """The reading, the suggestions, the case."""
    talk = still_there(conversation_id)
    reading, suggestions, case = st.tabs(["判断", "建议", "案件"])
    with suggestions:
        show_suggestions(conversation_id, talk.reading, holds(talk))
    with reading:
        show_reading(talk.reading)
    with case:
        days = talk.case.days_overdue(now().date()) if talk.case else None
        show_case(talk, None if days is None else desk().policy.stage(days), now())
        show_promises(talk.promises)
        offer_unmasking(conversation_id)


def still_there(conversation_id: str) -> OpenTalk:
    """The conversation; when somebody else has taken it meanwhile, the whole page is drawn again and says so."""
    try:
        return seen(conversation_id)
    except UnknownConversation:
        st.rerun()
        raise


def offer_unmasking(conversation_id: str) -> None:
    """Personal data on demand; the click is audited."""
    if not user().role.may("unmask") or st.session_state.get(UNMASKED) == conversation_id:
        return
    if st.button("显示个人信息", help="会记入审计", icon=":material/visibility:"):
        desk().unmask(user(), conversation_id, now())
        st.session_state[UNMASKED] = conversation_id
        st.rerun()


main()
