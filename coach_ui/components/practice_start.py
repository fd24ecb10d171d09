"""How an exercise is begun: what a lead asks for, what goes on, a free choice of debtor and level."""

from __future__ import annotations

import streamlit as st

from coach_ui.components.plain_text import plain
from coach_ui.components.practice_links import TALK, go_to, link
from coach_ui.components.practice_words import kind_name, level_name
from coach_ui.session import desk, now, user
from heyue.desk.practice_record import PracticeRecord
from heyue.names import names_of
from heyue.practice.levels import LEVELS, levels
from heyue.practice.records import BY_KIND, BY_SURPRISE, BY_WEAKNESS, Assignment, PracticeTalk
from heyue.practice.skills import Advice
from heyue.review.scorecard import default_scorecard

CHOICES = {
    BY_SURPRISE: ("给我惊喜", "任意一位；对方是哪一类，结束时由您来猜"),
    BY_WEAKNESS: ("按我的短板", "练您得分最低的一项；类型同样由您来猜"),
    BY_KIND: ("按类型", "自己选对方是哪一类"),
}
MOST_RUNNING = 5


def show_start(record: PracticeRecord) -> None:
    """Draw what waits and what may be chosen."""
    for each in record.assigned:
        if each.talk_id is None:
            _asked(each)
    _advice(record.advice)
    _choice(record.advice)
    _running([each for each in record.talks if each.finished_at is None])


def _asked(asked: Assignment) -> None:
    is_late = asked.is_late(now().date())
    what = "指定的一位借款人" if asked.persona else "惊喜" if asked.kind is None else kind_name(asked.kind)
    with st.container(border=True, horizontal=True, vertical_alignment="center"):
        st.markdown(
            f"**主管布置**　{what} · {level_name(asked.level)} · {asked.due_on:%m月%d日}前完成"
            + ("　**⚠ 已过期限**" if is_late else "")
        )
        if st.button("开始", key=f"assigned:{asked.assignment_id}", icon=":material/play_arrow:"):
            go_to(desk().start_assigned(user(), asked.assignment_id, now()))


def _advice(advice: Advice) -> None:
    if advice.section is None:
        st.info(
            f"还没有成绩。建议从“{kind_name(advice.kind)}”、{level_name(advice.level)}级开始。",
            icon=":material/school:",
        )
    else:
        section = default_scorecard().sections[advice.section]
        st.info(
            f"您最近“{section}”一项得分最低，建议练{level_name(advice.level)}级，选“按我的短板”。",
            icon=":material/school:",
        )


def _choice(advice: Advice) -> None:
    left, right = st.columns(2, gap="large")
    with left:
        by: str = st.radio(
            "怎样选对手", list(CHOICES), format_func=lambda each: CHOICES[each][0],
            captions=[what for _, what in CHOICES.values()],
        )  # fmt: skip
        kinds = names_of("practice_kind")
        kind = st.selectbox("类型", list(kinds), format_func=kinds.__getitem__) if by == BY_KIND else None
    with right:
        level: str = st.radio(
            "级别", LEVELS, LEVELS.index(advice.level), format_func=level_name,
            captions=[levels()[each].what for each in LEVELS],
        )  # fmt: skip
    if st.button("开始练习", type="primary", icon=":material/play_arrow:"):
        go_to(desk().start_practice(user(), by, level, now(), kind))


def _running(talks: list[PracticeTalk]) -> None:
    if not talks:
        return
    st.markdown("##### 还没有结束的练习")
    for each in talks[::-1][:MOST_RUNNING]:
        kind = kind_name(each.kind) if each.is_kind_known else "类型待猜"
        label = f"{each.started_at:%m月%d日 %H:%M} · {kind} · {level_name(each.level)} · 已说到第 {each.turn_count} 句"
        link(plain(label), ":material/resume:", {TALK: each.talk_id})
