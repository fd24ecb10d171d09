"""Who has a conversation, and how it changes hands: taken over with a brief, given back with a note."""

from __future__ import annotations

import streamlit as st

from coach_ui.components.plain_text import plain
from coach_ui.components.sending import is_lost, note_words, sending_words
from coach_ui.components.talk_panel import promise_line
from coach_ui.session import desk, now, user
from heyue.desk.live import OpenTalk
from heyue.names import name_of

LAST_TURNS = 4
DIALOG, BRIEF, HAND_BACK = "live.dialog", "brief", "hand_back"


def show_holder(talk: OpenTalk) -> None:
    """Say who speaks for the lender, and offer what the person at the screen may do about it."""
    conversation = talk.conversation
    is_mine = conversation.holder == "human" and conversation.handler == user().login
    may_take = conversation.holder != "human" and user().role.may("take_over")
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(_holder_words(talk, is_mine))
        if may_take and st.button("接手", type="primary", icon=":material/front_hand:"):
            _take_over(talk)
        if is_mine and conversation.origin == "bot" and st.button("交回机器人", icon=":material/smart_toy:"):
            st.session_state[DIALOG] = HAND_BACK
            st.rerun()


def _holder_words(talk: OpenTalk, is_mine: bool) -> str:
    conversation = talk.conversation
    if is_mine:
        return ":material/support_agent: **您已接手，机器人不再说话。**"
    if conversation.holder == "human":
        return f":material/support_agent: 由 {plain(conversation.handler or '同事')} 处理。"
    words = "**机器人已转人工，等待接手。**" if conversation.holder == "handing_over" else "机器人正在交谈。"
    return f":material/smart_toy: {words}"


def _take_over(talk: OpenTalk) -> None:
    other = desk().take_over(user(), talk.conversation.conversation_id, now())
    if other is not None:
        st.warning(f"{other.handler} 已先一步接手。", icon=":material/person:")
        return
    st.session_state[DIALOG] = BRIEF
    st.rerun()


def show_dialog(talk: OpenTalk) -> None:
    """Open the dialog that a click has asked for. From the page itself: a part that refreshes itself would close it."""
    asked = st.session_state.pop(DIALOG, None)
    if asked == BRIEF:
        _brief(talk)
    elif asked == HAND_BACK:
        _hand_back(talk.conversation.conversation_id)


@st.dialog("接手简报")
def _brief(talk: OpenTalk) -> None:
    """All that one has to know before the first word, on one screen."""
    is_verified = talk.conversation.dialogue.get("verified")
    st.markdown(f"**身份** {'已核实为本人' if is_verified else '尚未核实：不要提及债务'}")
    st.markdown("**约定** " + ("；".join(promise_line(each) for each in talk.promises) or "还没有"))
    if talk.reading is not None:
        kinds = {"原因": "reason", "类型": "debtor_type", "处境": "situation"}
        found = [f"**{name}** {name_of(kind, getattr(talk.reading, kind))}" for name, kind in kinds.items()]
        st.markdown("　".join(found))
    if talk.note:
        st.markdown(f"**备注** {plain(note_words(talk.note))}")
    st.markdown("**最近几句**")
    for turn in talk.turns[-LAST_TURNS:]:
        lost = f"　:red[（{plain(sending_words(turn) or '')}）]" if is_lost(turn) else ""
        st.markdown(f"- {name_of('speaker', turn.speaker)}：{plain(turn.text)}{lost}")
    if st.button("开始回复", type="primary"):
        st.rerun()


@st.dialog("交回机器人")
def _hand_back(conversation_id: str) -> None:
    """Ask for a note before the bot speaks again.

    A form: what is typed goes with the click, where a button that waits for the box to be left would wait for ever when the
    page draws itself anew at that moment.
    """
    with st.form("hand_back", border=False):
        note = st.text_area("给下一位同事的备注", max_chars=300)
        is_given_back = st.form_submit_button("交回", type="primary")
    if is_given_back and not note.strip():
        st.error("请先写一句备注，下一位同事好接着谈。", icon=":material/edit_note:")
    elif is_given_back:
        desk().hand_back(user(), conversation_id, now(), note.strip())
        st.rerun()
