"""对练: practise with a simulated debtor, see what the talk was worth, and what to practise next; leads assign and follow."""

from __future__ import annotations

import streamlit as st

from coach_ui.components.practice_branches import WITH, show_comparison
from coach_ui.components.practice_certificate import CERTIFICATE, show_certificate
from coach_ui.components.practice_links import TALK, home_link
from coach_ui.components.practice_record import show_record
from coach_ui.components.practice_review import show_review
from coach_ui.components.practice_start import show_start
from coach_ui.components.practice_talk import show_talk
from coach_ui.components.practice_team import show_team
from coach_ui.session import desk, now, user
from heyue.access.people import UnknownUser
from heyue.desk.base import NotAllowed
from heyue.desk.practice_replay import OpenPractice
from heyue.practice.records import UnknownPractice

OPENED = "practice.opened"


def main() -> None:
    """Draw the page: an exercise, a certificate, or the way into one."""
    wanted = st.query_params
    try:
        if CERTIFICATE in wanted:
            show_certificate(desk().practice_record(user(), wanted[CERTIFICATE] or None))
        elif TALK in wanted:
            show_exercise(wanted[TALK], wanted.get(WITH))
        else:
            show_home()
    except (UnknownPractice, UnknownUser, NotAllowed):
        st.title("对练")
        st.warning("没有这次对练，或者不是您的。", icon=":material/search_off:")
        home_link()


def show_home() -> None:
    """Begin one, one's own record, and for leads the team."""
    st.title("对练")
    st.caption("和模拟借款人练习。人物、案件都是虚构的；同样的话得到同样的回应，可以反复试。")
    person = user()
    is_lead = person.role.may("assign_practice")
    start, record, *rest = st.tabs(["开始练习", "我的练习", *(["团队"] if is_lead else [])])
    own = desk().practice_record(person)
    with start:
        show_start(own)
    with record:
        show_record(own)
    for tab in rest:
        with tab:
            show_team(desk().practice_team(person))


def show_exercise(talk_id: str, other_id: str | None) -> None:
    """One exercise: while it runs, side by side with another branch, or afterwards."""
    opened = open_once(talk_id)
    if other_id is not None:
        show_comparison(opened, desk().refresh_practice(user(), other_id))
    elif opened.talk.finished_at is not None:
        show_review(opened)
    elif opened.talk.login == user().login:
        show_talk(opened)
    else:
        st.title("对练")
        st.info("这次对练还没有结束，结束后可以看评分。", icon=":material/hourglass_top:")
        home_link()


def open_once(talk_id: str) -> OpenPractice:
    """The exercise; a look at somebody else's is audited when it is opened, not each time it is drawn."""
    if st.session_state.get(OPENED) == talk_id:
        return desk().refresh_practice(user(), talk_id)
    opened = desk().practice(user(), talk_id, now())
    st.session_state[OPENED] = talk_id
    return opened


main()
