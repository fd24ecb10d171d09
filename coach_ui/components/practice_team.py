"""For leads: who practises how, and the exercises that they ask people for."""

from __future__ import annotations

from datetime import timedelta

import pandas as pd
import streamlit as st

from coach_ui.components.plain_text import plain
from coach_ui.components.practice_certificate import conclusion
from coach_ui.components.practice_record import show_record
from coach_ui.components.practice_words import kind_name, level_name, passed_word
from coach_ui.refusals import in_chinese
from coach_ui.session import desk, now, user
from heyue.desk.practice_record import PracticeRecord
from heyue.errors import Refused
from heyue.names import names_of
from heyue.practice.levels import LEVELS
from heyue.practice.persona import KINDS, personas
from heyue.practice.records import Assignment
from heyue.practice.skills import skills

DAYS, MOST_DAYS = 7, 90
TOLD = "practice.told"


def show_team(team: list[PracticeRecord]) -> None:
    """Draw it."""
    if told := st.session_state.pop(TOLD, None):
        st.success(told, icon=":material/check_circle:")
    if not team:
        st.info("还没有做对练的学员或催收员。管理员可以在“用户”里新增。", icon=":material/inbox:")
        return
    st.table(progress_of(team).set_index("姓名"), border="horizontal")
    _assign(team)
    _assigned(team)
    st.markdown("##### 看一个人")
    chosen = st.selectbox("谁", team, format_func=lambda each: each.name)
    show_record(chosen)


def progress_of(team: list[PracticeRecord]) -> pd.DataFrame:
    """One line a person."""
    return pd.DataFrame([_progress(each) for each in team])


def _progress(record: PracticeRecord) -> dict[str, str]:
    done, today = record.finished, now().date()
    latest = [each.points for each in done if each.points is not None][-skills().latest :]
    waiting = [each for each in record.assigned if each.talk_id is None]
    late = sum(each.is_late(today) for each in waiting)
    return {
        "姓名": plain(record.name),
        "完成": str(len(done)),
        "合格": str(sum(bool(each.is_passed) for each in done)),
        f"最近 {skills().latest} 次平均": f"{sum(latest) / len(latest):.0f}" if latest else "—",
        "练过的类型": f"{len({each.kind for each in done})}/{len(KINDS)}",
        "最近一次": f"{done[-1].finished_at:%m-%d}" if done else "—",
        "布置未做": f"{len(waiting)}" + (f"（⚠ 过期 {late}）" if late else ""),
        "成绩单": conclusion(record),
    }


def _assign(team: list[PracticeRecord]) -> None:
    with st.expander("布置练习", icon=":material/assignment_add:"):
        names = {each.login: each.name for each in team}
        logins = st.multiselect(
            "给谁", list(names), format_func=names.__getitem__, placeholder="选一位或几位"
        )
        left, middle, right = st.columns(3)
        kinds: dict[str | None, str] = {None: "惊喜", **dict(names_of("practice_kind").items())}
        kind = left.selectbox("类型", list(kinds), format_func=kinds.__getitem__)
        who: dict[str | None, str] = {None: "任意一位"} | {
            each.id: f"{each.name}，{each.trade}" for each in personas().values() if each.kind == kind
        }
        persona_id = left.selectbox("哪一位", list(who), format_func=who.__getitem__, disabled=kind is None)
        level = middle.selectbox("级别", LEVELS, format_func=level_name)
        today = now().date()
        due_on = right.date_input(
            "截止日期", today + timedelta(days=DAYS), today, today + timedelta(days=MOST_DAYS)
        )
        if st.button("布置", type="primary", disabled=not logins, icon=":material/send:"):
            try:
                desk().assign_practice(user(), logins, level, due_on, now(), kind, persona_id)
            except Refused as refusal:
                st.error(in_chinese(refusal), icon=":material/error:")
                return
            st.session_state[TOLD] = f"已布置给 {len(logins)} 人，他们会在“对练”里看到。"
            st.rerun()


def _assigned(team: list[PracticeRecord]) -> None:
    asked = [(record.name, each) for record in team for each in record.assigned]
    if not asked:
        return
    with st.expander(f"已布置的练习（{len(asked)}）", icon=":material/assignment:"):
        for name, each in asked:
            words, action = st.columns([6, 1], vertical_alignment="center")
            words.markdown(f"**{plain(name)}**　{assignment_line(each)}")
            if each.talk_id is None and action.button("取消", key=f"unassign:{each.assignment_id}"):
                desk().unassign_practice(user(), each.assignment_id, now())
                st.rerun()


def assignment_line(asked: Assignment) -> str:
    """What is asked and what came of it."""
    debtor = personas().get(asked.persona or "")
    who = f"（{debtor.name}）" if debtor else ""
    what = f"{'惊喜' if asked.kind is None else kind_name(asked.kind)}{who} · {level_name(asked.level)}"
    if asked.talk_id is not None:
        points = "—" if asked.points is None else f"{asked.points:g} 分"
        return f"{what}　完成，{points}，{passed_word(asked.is_passed)}"
    return f"{what}　{asked.due_on:%m月%d日}前" + ("　**⚠ 已过期限**" if asked.is_late(now().date()) else "")
