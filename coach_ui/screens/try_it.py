"""体验: play the borrower of a demonstration case against the real bot, and see how the coach reads it."""

from __future__ import annotations

import streamlit as st

from coach_ui.away import refreshed
from coach_ui.components.bubbles import show_bubbles
from coach_ui.components.suggestion_list import show_suggestions
from coach_ui.components.talk_panel import show_promises, show_reading
from coach_ui.session import desk, now
from heyue.desk.trial import BotAway, DemonstrationCase

REFRESH_SECONDS = 0.7
FIRST_WORDS = ("你好，你是谁？", "我是本人", "下周五发工资，先还两千", "我真的没钱，最近失业了", "转人工")


def main() -> None:
    """Draw the page."""
    st.title("体验：扮演借款人")
    cases = desk().demonstration_cases(now())
    if not cases:
        st.info("库里没有演示案件。用 `heyue run` 在空库上启动会自动装入。", icon=":material/inbox:")
        return
    st.caption("案件和人物都是虚构的。左边与真实的机器人对话，右边是教练同时读到的内容。")
    chosen = st.selectbox("您扮演", cases, format_func=describe)
    talk, reading = st.columns([5, 4], gap="large")
    with talk:
        play(chosen)
    with reading:
        draw_reading(chosen)


def describe(case: DemonstrationCase) -> str:
    """A demonstration case in a line: who one plays, and what one needs to know."""
    return (
        f"{case.borrower_name} · {case.product} · 逾期 {case.days_overdue} 天 · 身份证后四位 {case.id_last4}"
    )


def play(case: DemonstrationCase) -> None:
    """The chat."""
    draw_talk(case)
    said = st.chat_input("像借款人那样回复…")
    st.caption("不知道说什么？试试：")
    with st.container(horizontal=True):
        for words in FIRST_WORDS:
            if st.button(words, type="tertiary"):
                said = words
    if said:
        try:
            desk().say_as_borrower(case.case_id, said, now())
        except BotAway:
            st.error("机器人没有应答。请确认 `heyue run` 正在运行，再试一次。", icon=":material/cloud_off:")
            return
        st.rerun()


@refreshed(REFRESH_SECONDS)
def draw_talk(case: DemonstrationCase) -> None:
    """What has been said, also by a human who has taken over."""
    talk = desk().trial_talk(case.case_id, now())
    if talk is None:
        st.info("还没有对话。先打个招呼吧。", icon=":material/waving_hand:")
        return
    if talk.conversation.holder != "bot":
        st.warning("机器人已让位给人工。催收员可以在“实时会话”里接手。", icon=":material/support_agent:")
    show_bubbles(talk.turns, talk.reading)


@refreshed(REFRESH_SECONDS)
def draw_reading(case: DemonstrationCase) -> None:
    """How the coach reads it."""
    talk = desk().trial_talk(case.case_id, now())
    if talk is None:
        st.caption("您说的每一句，教练都会在这里给出判断。")
        return
    reading, suggestions, promises = st.tabs(["判断", "建议", "约定"])
    with reading:
        show_reading(talk.reading)
    with suggestions:
        show_suggestions(talk.conversation.conversation_id, talk.reading, may_use=False)
    with promises:
        show_promises(talk.promises)


main()
