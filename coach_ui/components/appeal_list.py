"""The scores of a collector, and the appeals that wait for a lead; the chosen one is opened below."""

from __future__ import annotations

from math import ceil

import streamlit as st

from coach_ui.components.review_words import points_of, talk_line
from coach_ui.session import desk, now, user
from heyue.desk.appeals import PAGE_SCORES, Score
from heyue.names import name_of
from heyue.records import ListedTalk
from heyue.review.records import Appeal

TALK, PAGE, RULED = "talk", "appeals.page", "appeals.ruled"


def choose_score() -> None:
    """List the scores of the person's own talks."""
    page = st.session_state.setdefault(PAGE, 0)
    scores, total = desk().scores(user(), page)
    st.caption("这里是您的会话的最终评分。对评分不认可，可以在期限内申诉一次。")
    if not scores:
        st.info("您的会话还没有最终评分。评完后会出现在这里。", icon=":material/inbox:")
        return
    by_talk = {each.talk.conversation.conversation_id: each for each in scores}
    _choose("选一段会话", {here: score_line(each) for here, each in by_talk.items()})
    pages = ceil(total / PAGE_SCORES)
    if pages > 1:
        st.selectbox(
            "第几页", range(pages), format_func=lambda each: f"第 {each + 1} 页，共 {pages} 页", key=PAGE
        )


def score_line(score: Score) -> str:
    """One score in a line."""
    line = f"{talk_line(score.talk)} · {points_of(score.review)}"
    if score.appeal is not None:
        return f"{line} · 申诉：{name_of('appeal_state', score.appeal.state)}"
    may = score.may_be_appealed(now())
    return f"{line} · " + (f"可申诉至 {score.appeal_until:%m-%d %H:%M}" if may else "申诉期已过")


def choose_appeal() -> None:
    """List the appeals, those that wait first."""
    waiting = desk().open_appeals(user())
    shown = waiting
    if st.toggle("看已裁定的", key=RULED):
        shown = desk().ruled_appeals(user())
    st.caption(f"{len(waiting)} 个申诉等待裁定。裁定是最终的。")
    if not shown:
        st.info("没有这样的申诉。", icon=":material/inbox:")
        return
    _choose(
        "选一个申诉", {talk.conversation.conversation_id: appeal_line(each, talk) for each, talk in shown}
    )


def appeal_line(appeal: Appeal, talk: ListedTalk) -> str:
    """One appeal in a line."""
    due = f"裁定期限 {appeal.due_at:%m-%d %H:%M}" + ("（已超期）" if now() > appeal.due_at else "")
    return f"{talk_line(talk)} · {name_of('appeal_state', appeal.state)} · {due if appeal.ruled_at is None else ''}"


def _choose(label: str, lines: dict[str, str]) -> None:
    """Offer the lines; the address of the page says which is open."""
    here = st.query_params.get(TALK)
    options = list(lines)
    chosen = st.selectbox(
        label, options, options.index(here) if here in options else None, format_func=lines.__getitem__,
        placeholder="请选择",
    )  # fmt: skip
    if chosen is not None and chosen != here:
        st.query_params[TALK] = chosen
