"""The queue as a table: fifty a page; the chosen line is claimed, opened, assigned or given back."""

from __future__ import annotations

from math import ceil

import pandas as pd
import streamlit as st

from coach_ui.components import review_draft
from coach_ui.components.review_filters import PAGE
from coach_ui.components.review_save import claim
from coach_ui.components.review_words import points_of
from coach_ui.navigation import entries
from coach_ui.refusals import in_chinese
from coach_ui.session import desk, now, user
from heyue.desk.review_queue import PAGE_REVIEWS, QueuePage
from heyue.errors import Refused
from heyue.names import name_of
from heyue.review.records import CLAIMED, DONE, QUEUED, ListedReview, Review


def show_list(page: QueuePage) -> None:
    """Draw the table, what can be done with the chosen line, and the way to other pages."""
    if not page.lines:
        st.info(
            "没有符合条件的点评。换一个视图或放宽条件；新结束的会话会自动进入队列。", icon=":material/inbox:"
        )
        return
    event = st.dataframe(
        table_of(page.lines), hide_index=True, on_select="rerun", selection_mode="single-row",
        key=f"review.list:{st.session_state.get(PAGE, 0)}",
    )  # fmt: skip
    rows = [row for row in event.selection.rows if row < len(page.lines)]
    if rows:
        show_actions(page.lines[rows[0]])
    else:
        st.caption("点选一行，就可以领取、打开或指派。")
    _pages(page)


def table_of(lines: list[ListedReview]) -> pd.DataFrame:
    """The lines as a person reads them."""
    return pd.DataFrame([fields_of(each) for each in lines])


def fields_of(line: ListedReview) -> dict[str, str]:
    """One line by the names of its columns; no personal data but masked names stand in it."""
    review, talk = line.review, line.talk
    here, reading = talk.conversation, talk.reading
    return {
        "时间": f"{here.started_at:%Y-%m-%d %H:%M}",
        "为什么要评": name_of("review_cause", review.why),
        "轮次": name_of("review_round", review.round),
        "状态": name_of("review_state", review.state),
        "质检员": review.reviewer or "—",
        "得分": points_of(review),
        "借款人": talk.borrower_name or "—",
        "渠道": name_of("channel", here.channel),
        "催收员": here.handler or "机器人",
        "类型": name_of("debtor_type", reading.debtor_type if reading else None),
        "处境": name_of("situation", reading.situation if reading else None),
        "违规提示": str(reading.flag_count) if reading else "—",
        "最高紧张度": f"{reading.peak_tension:.2f}" if reading else "—",
        "机器把握": f"{reading.confidence:.0%}" if reading else "—",
    }


def show_actions(line: ListedReview) -> None:
    """What may be done with a review."""
    review = line.review
    with st.container(border=True, horizontal=True, vertical_alignment="bottom"):
        if st.button("打开", icon=":material/open_in_full:"):
            open_review(review.review_id)
        if (
            review.state != DONE
            and review.reviewer != user().login
            and st.button("领取并打开", type="primary", icon=":material/front_hand:")
        ):
            claim_and_open(review)
        if (
            review.state == CLAIMED
            and review.reviewer == user().login
            and st.button("退回", help="退回队列，已写的内容会删除", icon=":material/undo:")
        ):
            attempt_release(review)
        if user().role.may("assign"):
            _assign(review)


def _assign(review: Review) -> None:
    st.page_link(
        entries()["calibration"].file, label="用于校准", icon=":material/balance:",
        query_params={"new": review.conversation_id},
    )  # fmt: skip
    if review.state == DONE:
        return
    people = desk().reviewers(user())
    chosen = st.selectbox("指派给", people, format_func=lambda each: each.name, width=200)
    if st.button("指派", icon=":material/assignment_ind:"):
        try:
            desk().assign_review(user(), review.review_id, chosen.login, now())
        except Refused as refusal:
            st.warning(in_chinese(refusal), icon=":material/block:")
            return
        st.rerun()


def claim_and_open(review: Review) -> None:
    """Take a review and go to its page, or say why not."""
    if claim(review.review_id):
        open_review(review.review_id)


def attempt_release(review: Review) -> None:
    """Give a review back, or say why not."""
    try:
        desk().release_review(user(), review.review_id, now())
    except Refused as refusal:
        st.warning(in_chinese(refusal), icon=":material/block:")
        return
    review_draft.forget(review.review_id)
    st.rerun()


def open_review(number: int) -> None:
    """Go to the page of a review."""
    st.switch_page(entries()["review_talk"].file, query_params={"review": str(number)})


def _pages(queue: QueuePage) -> None:
    page = st.session_state.setdefault(PAGE, 0)
    more = " 份以上" if queue.is_more else " 份"
    if page == 0 and not queue.has_next:
        st.caption(f"共 {queue.total}{more}")
        return
    of_all = "" if queue.is_more else f" / {ceil(queue.total / PAGE_REVIEWS)}"
    newer, here, older = st.columns(3)
    newer.button("上一页", disabled=page == 0, on_click=_turn, args=(-1,), width="stretch")
    here.markdown(f"第 {page + 1}{of_all} 页，共 {queue.total}{more}", text_alignment="center")
    older.button("下一页", disabled=not queue.has_next, on_click=_turn, args=(1,), width="stretch")


def _turn(step: int) -> None:
    st.session_state[PAGE] += step


def next_free(lines: list[ListedReview]) -> Review | None:
    """The first review that waits for somebody."""
    return next((each.review for each in lines if each.review.state == QUEUED), None)
