"""What somebody has practised: the skills over time, the exercises, the way to the certificate."""

from __future__ import annotations

import streamlit as st

from coach_ui.components.practice_certificate import CERTIFICATE
from coach_ui.components.practice_charts import show_skills
from coach_ui.components.practice_links import TALK, link
from coach_ui.components.practice_words import table_of
from heyue.desk.practice_record import PracticeRecord
from heyue.names import name_of
from heyue.practice.records import PracticeTalk
from heyue.practice.skills import skills
from heyue.review.scorecard import default_scorecard


def show_record(record: PracticeRecord) -> None:
    """Draw it."""
    if not record.talks:
        st.info("还没有练习。从“开始练习”选一位借款人。", icon=":material/inbox:")
        return
    if record.finished:
        _summary(record)
    st.markdown("##### 全部练习")
    _list(record.talks[::-1], record.login)


def _summary(record: PracticeRecord) -> None:
    sections = default_scorecard().sections
    means = "　".join(f"{sections[section]} **{points:g}**" for section, points in record.skills.items())
    passed = sum(bool(each.is_passed) for each in record.finished)
    st.markdown(f"完成 **{len(record.finished)}** 次，合格 **{passed}** 次。")
    st.markdown("##### 能力变化")
    st.caption(f"各项得分，空着的格子是那次没有用到的项目。最近 {skills().latest} 次平均：")
    st.markdown(means)
    show_skills(record.finished)
    link("成绩单", ":material/workspace_premium:", {CERTIFICATE: record.login})


def _list(talks: list[PracticeTalk], login: str) -> None:
    event = st.dataframe(
        table_of(talks), hide_index=True, on_select="rerun", selection_mode="single-row",
        key=f"practice.list:{login}",
    )  # fmt: skip
    rows = [row for row in event.selection.rows if row < len(talks)]
    if not rows:
        st.caption("点选一行，可以打开那次练习。")
        return
    chosen = talks[rows[0]]
    link(
        f"打开 {chosen.started_at:%m月%d日 %H:%M} 的练习（{name_of('practice_ending', chosen.how)}）",
        ":material/open_in_full:",
        {TALK: chosen.talk_id},
    )
