"""质检: the queue of talks to be reviewed, who has which, and the scores."""

from __future__ import annotations

import streamlit as st

from coach_ui.components.review_export import offer_files
from coach_ui.components.review_filters import PAGE, choose_reviews
from coach_ui.components.review_list import claim_and_open, next_free, show_list
from coach_ui.session import desk, now, user
from heyue.review.records import FREE

FILL_SECONDS = 60


def main() -> None:
    """Draw the page."""
    st.title("质检")
    st.caption("有违规提示的、机器把握不足的全部进入队列，其余随机抽取；一部分由第二位质检员盲评。")
    person = user()
    fill_queue()
    wanted = choose_reviews()
    page = desk().review_queue(person, wanted, now(), st.session_state.setdefault(PAGE, 0))
    first = next_free(page.lines) if wanted.view == FREE else None
    if first is not None and st.button("领取下一段", type="primary", icon=":material/play_arrow:"):
        claim_and_open(first)
    show_list(page)
    if page.lines:
        offer_files(wanted, page)


@st.cache_data(ttl=FILL_SECONDS, show_spinner="正在抽取会话…")
def fill_queue() -> None:
    """Put the talks that have ended into the queue, at most once a minute for all who look."""
    desk().fill_queue(now())


main()
