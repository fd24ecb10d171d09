"""An appeal as the collector makes it and as the lead rules on it."""

from __future__ import annotations

import streamlit as st

from coach_ui import drafts
from coach_ui.components.review_words import question_of
from coach_ui.refusals import in_chinese
from coach_ui.session import desk, now, user
from heyue.desk.appeals import LONGEST_WORDS, OpenScore
from heyue.errors import Refused
from heyue.names import name_of
from heyue.review.records import OPEN, Appeal
from heyue.review.scorecard import NO, YES, default_scorecard

DONE = "appeals.done"


def show_appeal(opened: OpenScore) -> None:
    """The collector's own appeal, or a box to make one."""
    _say_done()
    score = opened.score
    if score.appeal is not None:
        _show(score.appeal)
    elif score.may_be_appealed(now()):
        _ask(opened)
    else:
        st.info(f"申诉期已于 {score.appeal_until:%Y-%m-%d %H:%M} 结束。", icon=":material/event_busy:")


def _say_done() -> None:
    if done := st.session_state.pop(DONE, None):
        st.success(done, icon=":material/check_circle:")


def _show(appeal: Appeal) -> None:
    st.markdown(f"**{name_of('appeal_state', appeal.state)}** · {appeal.at:%Y-%m-%d %H:%M} 提出")
    st.text(f"理由：{appeal.grounds}")
    if appeal.ruled_at is None:
        st.caption(f"主管须在 {appeal.due_at:%Y-%m-%d %H:%M} 之前裁定。")
    else:
        st.text(f"裁定（{appeal.ruled_at:%Y-%m-%d %H:%M}，最终）：{appeal.ruling}")


def _ask(opened: OpenScore) -> None:
    here = opened.score.review.conversation_id
    name = f"appeal:{here}"
    st.caption(f"可申诉至 {opened.score.appeal_until:%Y-%m-%d %H:%M}，只能申诉一次。")
    grounds = drafts.area(
        "申诉理由", name, max_chars=LONGEST_WORDS, placeholder="指出哪一项、哪一句，为什么。"
    )
    if st.button("提出申诉", type="primary", icon=":material/gavel:"):
        try:
            desk().appeal(user(), here, grounds, now())
        except Refused as refusal:
            st.error(in_chinese(refusal), icon=":material/error:")
            return
        st.session_state[DONE] = "申诉已提交。"
        st.rerun()


def show_ruling(opened: OpenScore) -> None:
    """The lead's side: the appeal, and a ruling where it waits for one."""
    _say_done()
    appeal = opened.score.appeal
    if appeal is None:
        st.info("这段会话没有申诉。", icon=":material/inbox:")
        return
    _show(appeal)
    if appeal.state == OPEN:
        _rule(opened, appeal)


def _rule(opened: OpenScore, appeal: Appeal) -> None:
    card = default_scorecard()
    wrong = [each.item for each in opened.work.answers if each.verdict == NO]
    changed = st.multiselect(
        "申诉成立时改为“是”的项目（可以不选）", wrong, format_func=lambda each: question_of(card, each), placeholder="",
        key=f"ruling.items:{appeal.appeal_id}", help="与之矛盾的违规会一并撤销，并按新答案重新计分。",
    )  # fmt: skip
    ruling = drafts.area("裁定理由", f"ruling:{appeal.appeal_id}", max_chars=LONGEST_WORDS)
    with st.container(horizontal=True):
        granted = st.button("申诉成立", type="primary", icon=":material/thumb_up:")
        upheld = st.button("维持原评分", icon=":material/thumb_down:")
    if granted or upheld:
        _decide(appeal, granted, ruling, dict.fromkeys(changed, YES))


def _decide(appeal: Appeal, is_granted: bool, ruling: str, changes: dict[str, str]) -> None:
    try:
        desk().rule_on_appeal(user(), appeal.appeal_id, is_granted, ruling, changes, now())
    except Refused as refusal:
        st.error(in_chinese(refusal), icon=":material/error:")
        return
    st.session_state[DONE] = "裁定已记录，双方都能看到。"
    st.rerun()
