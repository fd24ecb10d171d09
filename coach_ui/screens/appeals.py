"""申诉: collectors read how they were scored and object; leads rule on what they object to."""

from __future__ import annotations

import streamlit as st

from coach_ui.components.appeal_list import choose_appeal, choose_score
from coach_ui.components.bubbles import show_bubbles
from coach_ui.components.flag_review import remarks_of
from coach_ui.components.ruling import show_appeal, show_ruling
from coach_ui.components.scored_work import show_work
from coach_ui.session import desk, now, user
from heyue.desk.appeals import OpenScore
from heyue.review.records import UnknownReview
from heyue.review.scorecard import default_scorecard

OPENED, TALK = "appeals.opened", "talk"


def main() -> None:
    """Draw the page."""
    st.title("申诉")
    if user().role.may("rule_on_appeals"):
        choose_appeal()
    else:
        choose_score()
    conversation_id = st.query_params.get(TALK)
    if not conversation_id:
        return
    try:
        opened = open_once(conversation_id)
    except UnknownReview:
        st.warning("这段会话还没有最终评分，或者不是您的会话。", icon=":material/search_off:")
        return
    show(opened)


def open_once(conversation_id: str) -> OpenScore:
    """The score; the look is audited when it is opened, not each time the page is drawn."""
    if st.session_state.get(OPENED) == conversation_id:
        return desk().refresh_score(user(), conversation_id, now())
    opened = desk().open_score(user(), conversation_id, now())
    st.session_state[OPENED] = conversation_id
    return opened


def show(opened: OpenScore) -> None:
    """The talk on the left; the score and the appeal on the right."""
    words, panel = st.columns([5, 6], gap="medium")
    with words:
        show_bubbles(opened.talk.turns, opened.talk.reading, 620, remarks_of(opened.talk, opened.work))
    with panel:
        if user().role.may("rule_on_appeals"):
            st.subheader("申诉")
            show_ruling(opened)
            st.subheader("评分")
        show_work(default_scorecard(), opened.score.review, opened.work)
        if not user().role.may("rule_on_appeals"):
            st.subheader("申诉")
            show_appeal(opened)


main()
