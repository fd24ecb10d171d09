"""An exercise while it runs: the words, the box, the case; pause, go back a line, end it."""

from __future__ import annotations

import streamlit as st

from coach_ui.components.bubbles import show_bubbles
from coach_ui.components.plain_text import plain
from coach_ui.components.practice_box import show_box, show_hints
from coach_ui.components.practice_branches import compare_links
from coach_ui.components.practice_brief import show_brief
from coach_ui.components.practice_links import go_to, home_link
from coach_ui.components.practice_words import kind_name, level_name, spent, times_of, turns_of
from coach_ui.refusals import in_chinese
from coach_ui.session import desk, now, user
from heyue.coaching.transcript import COLLECTOR
from heyue.desk.practice_replay import OpenPractice
from heyue.errors import Refused
from heyue.practice.levels import levels
from heyue.practice.persona import KINDS, personas
from heyue.practice.records import PracticeTalk

TALK_HEIGHT = 400
ENDING = "practice.ending"  # the exercise whose end was asked for


def show_talk(opened: OpenPractice) -> None:
    """Draw it."""
    st.title("对练")
    talk = opened.talk
    known = f"{kind_name(talk.kind)} · " if talk.is_kind_known else ""
    seconds = opened.turns[-1].seconds if opened.turns else 0.0
    st.caption(
        f"{known}{level_name(talk.level)}：{levels()[talk.level].what}。已用 {spent(seconds)}，暂停不计时。"
    )
    words, case = st.columns([5, 3], gap="large")
    with case:
        if debtor := personas().get(talk.persona):  # None: he is there no more
            st.markdown("##### 案件")
            show_brief(debtor)
        if not opened.has_ended and talk.resumed_at is not None:
            show_hints(talk.talk_id, talk.level)
        compare_links(opened)
        home_link()
    with words:
        show_bubbles(turns_of(talk, opened.turns), None, TALK_HEIGHT, beside=times_of(opened.turns))
        if any(each.handwritten for each in opened.turns):
            st.caption("对方的部分措辞由AI生成，内容和走向不由它决定。")
        if not opened.turns:
            st.caption("对方在聊天里，由您先开口。")
        _state(opened)
        _actions(opened)


def _state(opened: OpenPractice) -> None:
    """The box; or why nothing can be said."""
    if opened.exercise is None:
        st.warning(
            "模拟借款人的数据更新过，这次对练只能查看。请结束它，开始新的对练。", icon=":material/update:"
        )
    elif opened.exercise.ended is not None:
        st.info(f"谈话结束了：{plain(opened.exercise.ended.why)}", icon=":material/call_end:")
    elif opened.talk.resumed_at is None:
        st.info("已暂停，不计时。", icon=":material/pause_circle:")
        if st.button("继续", type="primary", icon=":material/play_arrow:"):
            desk().resume_practice(user(), opened.talk.talk_id, now())
            st.rerun()
    elif not _is_ending(opened.talk):
        show_box(opened.talk.talk_id)


def _actions(opened: OpenPractice) -> None:
    talk = opened.talk
    if opened.has_ended or _is_ending(talk):
        with st.container(border=True):
            _finish(talk)
    with st.container(horizontal=True):
        has_spoken = any(each.speaker == COLLECTOR for each in opened.turns)
        if st.button(
            "撤回一句，换个说法", disabled=not has_spoken or opened.exercise is None, icon=":material/undo:",
            help="回到上一句之前，另走一支；原来的对话保留，可以对照。",
        ):  # fmt: skip
            go_to(desk().branch_practice(user(), talk.talk_id, now()))
        if opened.has_ended:
            return
        if talk.resumed_at is not None and st.button("暂停", icon=":material/pause:"):
            desk().pause_practice(user(), talk.talk_id, now())
            st.rerun()
        label = "还不结束" if _is_ending(talk) else "结束练习"
        st.button(label, icon=":material/stop_circle:", on_click=_toggle_ending, args=(talk,))


def _is_ending(talk: PracticeTalk) -> bool:
    return bool(st.session_state.get(ENDING) == talk.talk_id)


def _toggle_ending(talk: PracticeTalk) -> None:
    st.session_state[ENDING] = None if _is_ending(talk) else talk.talk_id


def _finish(talk: PracticeTalk) -> None:
    """The guess, and the way to the score."""
    guess = None
    if not talk.is_kind_known:
        guess = st.selectbox(
            "您觉得对方是哪一类？", KINDS, None, format_func=kind_name, placeholder="选一个，也可以不猜"
        )
    if not st.button("结束并看评分", type="primary", icon=":material/grading:"):
        return
    try:
        is_kept = desk().finish_practice(user(), talk.talk_id, guess, now())
    except Refused as refusal:
        st.error(in_chinese(refusal), icon=":material/error:")
        return
    if not is_kept:  # nothing was said
        st.query_params.clear()
    st.rerun()
