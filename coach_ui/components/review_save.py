"""Whose a review is, and how it is claimed, saved and finished."""

from __future__ import annotations

import streamlit as st

from coach_ui.components import review_draft
from coach_ui.components.plain_text import plain
from coach_ui.components.review_words import question_of
from coach_ui.navigation import entries
from coach_ui.refusals import in_chinese
from coach_ui.session import desk, now, user
from heyue.conduct.rules import rules
from heyue.desk.review_work import OpenReview, Saved, SavedElsewhere, SaveVerdict, Unfinished
from heyue.errors import Refused
from heyue.review.records import CLAIMED, DONE
from heyue.review.scorecard import Scorecard

SAID = "review.said"


def show_state(opened: OpenReview) -> None:
    """Say who has the review, and offer to claim it, or to load what was saved elsewhere."""
    review = opened.review
    if said := st.session_state.pop(SAID, None):
        st.success(said, icon=":material/check_circle:")
    if opened.may_edit:
        _stale(opened)
    elif review.state == DONE:
        st.page_link(entries()["review"].file, label="回到质检队列", icon=":material/arrow_back:")
        if review.is_vetoed is None:
            st.info("这段会话还有人在盲评，评完之前不显示别人的结果。", icon=":material/visibility_off:")
    else:
        is_others = review.state == CLAIMED
        words = (
            f"由 {plain(review.reviewer or '')} 点评。超过一天没有保存会自动退回。"
            if is_others
            else "还没有人领取。"
        )
        st.info(words, icon=":material/person:")
        if st.button("领取", type="primary", icon=":material/front_hand:") and claim(review.review_id):
            st.rerun()


def claim(number: int) -> bool:
    """Take a review: whether it is the person's now. Why not is said."""
    try:
        other = desk().claim_review(user(), number, now())
    except Refused as refusal:
        st.warning(in_chinese(refusal), icon=":material/block:")
        return False
    if other is not None:
        st.warning(f"{plain(other.handler)} 已先一步领取，请换一段。", icon=":material/person:")
        return False
    review_draft.forget(number)
    return True


def _stale(opened: OpenReview) -> None:
    draft = review_draft.draft_of(opened)
    if draft.revision == opened.review.revision:
        return
    st.warning(
        "这份点评已在别处（另一个窗口）保存过。您这里的改动没有覆盖它，也还没有保存。请核对后载入最新内容。",
        icon=":material/sync_problem:",
    )
    if st.button("放弃这里的改动，载入最新内容", icon=":material/sync:"):
        review_draft.begin(opened)
        st.rerun()


def show_save(number: int, card: Scorecard) -> None:
    """The buttons below a review in the making, and what keeps it from being finished."""
    draft = review_draft.current(number)
    with st.container(horizontal=True, vertical_alignment="center"):
        save = st.button("保存草稿", icon=":material/save:", disabled=not draft.is_changed)
        finish = st.button("完成点评", type="primary", icon=":material/task_alt:")
        release = st.button("退回", type="tertiary", help="退回队列，已写的内容会删除")
        st.caption("有未保存的改动" if draft.is_changed else "已保存")
    if save or finish:
        _save(number, card, finish)
    if release:
        _release(number)


def _save(number: int, card: Scorecard, is_final: bool) -> None:
    draft = review_draft.current(number)
    try:
        verdict = desk().save_review(user(), number, draft.work, draft.revision, now(), is_final)
    except Refused as refusal:
        st.error(in_chinese(refusal), icon=":material/error:")
        return
    _answer(number, card, verdict, is_final)


def _answer(number: int, card: Scorecard, verdict: SaveVerdict, is_final: bool) -> None:
    if isinstance(verdict, Unfinished):
        st.error(_left_words(card, verdict), icon=":material/pending_actions:")
    elif isinstance(verdict, SavedElsewhere):
        st.rerun()  # the page says so, and offers what was saved
    elif isinstance(verdict, Saved):
        review_draft.was_saved(number, verdict.review.revision)
        st.session_state[SAID] = "点评已完成。" if is_final else "草稿已保存。"
        st.rerun()


def _left_words(card: Scorecard, left: Unfinished) -> str:
    lines = ["还不能完成："]
    if left.missing.flags:
        flags = "；".join(f"第{each.turn + 1}句 {rules()[each.rule].name}" for each in left.missing.flags)
        lines.append(f"- 违规提示没有判定：{flags}")
    if left.missing.items:
        lines.append("- 评分表没有答完：" + "；".join(question_of(card, each) for each in left.missing.items))
    if left.contradictory:
        items = "；".join(question_of(card, each) for each in left.contradictory)
        lines.append(f"- 与已确认的违规矛盾，应答“否”或驳回违规：{items}")
    return "\n".join(lines)


def _release(number: int) -> None:
    try:
        desk().release_review(user(), number, now())
    except Refused as refusal:
        st.error(in_chinese(refusal), icon=":material/error:")
        return
    review_draft.forget(number)
    st.rerun()
