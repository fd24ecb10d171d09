"""How a calibration is begun and chosen."""

from __future__ import annotations

import streamlit as st

from coach_ui.components.review_words import talk_line
from coach_ui.refusals import in_chinese
from coach_ui.session import desk, now, user
from heyue.errors import Refused, UnknownConversation
from heyue.records import ListedTalk
from heyue.review.records import Calibration

TALK, BEGUN = "talk", "calibration.begun"


def show_new(conversation_id: str) -> None:
    """Let a lead choose a talk and who judges it."""
    if begun := st.session_state.pop(BEGUN, None):
        st.success(begun, icon=":material/check_circle:")
    with st.expander("开始一次校准", expanded=bool(conversation_id)):
        people = desk().reviewers(user())
        here = st.text_input(
            "会话编号", conversation_id, max_chars=32, help="在“质检”页选一行，点“用于校准”会自动填入"
        )
        chosen = st.multiselect(
            "谁来评（至少两位）", people, people, format_func=lambda each: each.name, placeholder=""
        )
        if st.button("开始校准", type="primary", disabled=not here.strip(), icon=":material/balance:"):
            _begin(here.strip(), [each.login for each in chosen])


def _begin(here: str, logins: list[str]) -> None:
    try:
        desk().open_calibration(user(), here, logins, now())
    except UnknownConversation:
        st.error("没有这个编号的会话。", icon=":material/search_off:")
        return
    except Refused as refusal:
        st.error(in_chinese(refusal), icon=":material/error:")
        return
    st.session_state[BEGUN] = "校准已开始，参加的人会在这一页看到。"
    st.query_params[TALK] = here
    st.rerun()


def choose_calibration(found: list[tuple[Calibration, ListedTalk]]) -> str | None:
    """Which calibration is shown; the address of the page says so. None while there is none."""
    if not found:
        st.info("还没有校准。主管可以选一段会话，请几位质检员各自盲评，再一起对照。", icon=":material/inbox:")
        return None
    lines = {each.conversation_id: _line(each, talk) for each, talk in found}
    options = list(lines)
    here = st.query_params.get(TALK)
    chosen: str = st.selectbox(
        "选一次校准", options, options.index(here) if here in options else 0, format_func=lines.__getitem__
    )
    return chosen


def _line(calibration: Calibration, talk: ListedTalk) -> str:
    state = "已结束" if calibration.closed_at else f"已评 {calibration.done}/{calibration.reviewers}"
    return f"{calibration.opened_at:%Y-%m-%d} · {talk_line(talk)} · {state}"
