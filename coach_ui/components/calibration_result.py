"""A calibration: who has judged, all answers side by side, the spread of the scores, what was agreed upon."""

from __future__ import annotations

import altair as alt
import pandas as pd
import streamlit as st

from coach_ui import drafts
from coach_ui.components.plain_text import plain
from coach_ui.components.review_words import points_of
from coach_ui.components.side_by_side import show_judgements
from coach_ui.navigation import entries
from coach_ui.session import desk, now, user
from heyue.desk.calibration import OpenCalibration
from heyue.names import name_of
from heyue.review.records import DONE, Calibration
from heyue.review.scorecard import default_scorecard

TOLD = "calibration.told"


def show_calibration(found: OpenCalibration) -> None:
    """Draw it, as far as the person may see it."""
    own = found.review_of(user())
    if own is not None and own.state != DONE:
        st.info("请独立评分。所有人评完之前，看不到别人的答案。", icon=":material/visibility_off:")
        st.page_link(
            entries()["review_talk"].file, label="去评分", icon=":material/rate_review:",
            query_params={"review": str(own.review_id)},
        )  # fmt: skip
    for review in found.reviews:
        st.markdown(
            f"- {plain(review.reviewer or '')}：{name_of('review_state', review.state)}，{points_of(review)}"
        )
    if found.judgements is None:
        st.caption("所有人评完或主管结束校准后，这里并排显示全部答案。")
    elif found.judgements:
        _spread(found)
        show_judgements(default_scorecard(), found.judgements, found.calibration.conversation_id)
    _note(found.calibration)


def _spread(found: OpenCalibration) -> None:
    """How far the scores lie apart."""
    points = [(each.reviewer, each.points) for each in found.reviews if each.points is not None]
    alpha = "无法计算" if found.alpha is None else f"{found.alpha:.2f}"
    values = [value for _, value in points]
    apart = f"分数 {min(values):g}–{max(values):g}，相差 {max(values) - min(values):g} 分。" if values else ""
    st.markdown(f"**{apart}** 逐项一致性 Krippendorff α = {alpha}（1 为完全一致，0 相当于随机）。")
    rows = pd.DataFrame(points, columns=["质检员", "得分"])
    chart = alt.Chart(rows).encode(
        y=alt.Y("质检员:N", title=None),
        x=alt.X(
            "得分:Q",
            scale=alt.Scale(domain=[0, 100], nice=False),
            axis=alt.Axis(values=list(range(0, 101, 20))),
        ),
        tooltip=["质检员", "得分"],
    )
    dots = chart.mark_point(size=120, filled=True, opacity=1) + chart.mark_text(dy=-14, fontSize=13).encode(
        text="得分:Q"
    )
    st.altair_chart(dots.properties(height=70 + 40 * len(rows)))


def _note(calibration: Calibration) -> None:
    st.markdown("##### 讨论结论")
    if told := st.session_state.pop(TOLD, None):
        st.success(told, icon=":material/check_circle:")
    if not user().role.may("assign"):
        st.text(calibration.note or "主管还没有写结论。")
        return
    name = f"calibration:{calibration.conversation_id}:{calibration.revision}"
    if not drafts.kept(name) and calibration.note:
        drafts.put(name, calibration.note)
    text = drafts.area("结论（参加的人都能看到）", name, max_chars=2000)
    with st.container(horizontal=True):
        keep = st.button("保存结论", icon=":material/save:")
        close = calibration.closed_at is None and st.button(
            "保存并结束校准", help="没有评完的点评会取消，答案对参加的人公开", icon=":material/lock:"
        )
    if keep or close:
        _write(calibration, text, bool(close))


def _write(calibration: Calibration, text: str, is_closing: bool) -> None:
    if desk().note_calibration(
        user(), calibration.conversation_id, text, calibration.revision, now(), is_closing
    ):
        st.session_state[TOLD] = "已保存。"
        st.rerun()
    st.error(
        "别人刚刚保存过结论，您写的没有覆盖它。请复制您的文字，刷新页面后再改。",
        icon=":material/sync_problem:",
    )
