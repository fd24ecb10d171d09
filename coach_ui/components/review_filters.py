"""Which reviews the queue shows."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta

import streamlit as st

from heyue.conduct.rules import rules
from heyue.names import name_of, names_of
from heyue.records import TalkFilter
from heyue.review.records import FINISHED, FREE, MINE, OPEN_ONES, ReviewFilter
from heyue.settings import ZONE

VIEWS: Mapping[str, str] = {FREE: "待领取", MINE: "我的", OPEN_ONES: "全部未完成", FINISHED: "已完成"}
ANY = "全部"
PAGE, VIEW = "review.page", "review.view"


def choose_reviews() -> ReviewFilter:
    """Ask for the view and the filters. Whatever is changed, the list begins at its first page."""
    view = (
        st.segmented_control(
            "显示", list(VIEWS), default=FREE, format_func=VIEWS.__getitem__, label_visibility="collapsed", key=VIEW,
            on_change=first_page,
        )
        or FREE
    )  # fmt: skip
    words, why, round_, channel, handler = st.columns(5)
    said = words.text_input("会话里说过", on_change=first_page, max_chars=40, placeholder="例如 投诉")
    with why:
        cause = _choice("为什么要评", "review_cause")
    with round_:
        which = _choice("轮次", "review_round")
    with channel:
        over = _choice("渠道", "channel")
    who = handler.text_input("催收员", on_change=first_page, max_chars=64, help="登录名或姓名，须完整填写")
    with st.expander("更多条件"):
        talk = _more(TalkFilter(words=said.strip() or None, channel=over, handler=who.strip() or None))
    return ReviewFilter(view, cause, which, talk=talk)


def _more(talk: TalkFilter) -> TalkFilter:
    kind, situation, rule, since, until = st.columns(5)
    with kind:
        debtor_type = _choice("借款人类型", "debtor_type")
    with situation:
        where = _choice("处境", "situation")
    broken = rule.selectbox(
        "违规提示", [None, *rules()], format_func=lambda each: rules()[each].name if each else ANY,
        on_change=first_page,
    )  # fmt: skip
    first = since.date_input("从哪天", None, on_change=first_page, format="YYYY-MM-DD")
    last = until.date_input("到哪天", None, on_change=first_page, format="YYYY-MM-DD")
    left, right = st.columns(2)
    tension = left.slider("最高紧张度至少", 0.0, 1.0, 0.0, 0.05, on_change=first_page)
    sure = right.slider("机器把握至多", 0.0, 1.0, 1.0, 0.05, on_change=first_page)
    return TalkFilter(
        since=_midnight(first), until=_midnight(last + timedelta(days=1)) if last else None, channel=talk.channel,
        handler=talk.handler, debtor_type=debtor_type, situation=where, rule=broken,
        least_tension=tension or None, most_confidence=None if sure >= 1 else sure, words=talk.words,
    )  # fmt: skip


def _choice(label: str, kind: str) -> str | None:
    chosen: str | None = st.selectbox(
        label, [None, *names_of(kind)], format_func=lambda each: name_of(kind, each) if each else ANY,
        on_change=first_page,
    )  # fmt: skip
    return chosen


def _midnight(day: date | None) -> datetime | None:
    return datetime.combine(day, time(), ZONE) if day else None


def first_page() -> None:
    """Go back to the first page of the list."""
    st.session_state[PAGE] = 0
