"""Practice in charts: the tension turn by turn, two branches in one, the skills over the exercises."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import altair as alt
import pandas as pd
import streamlit as st

from coach_ui.components.practice_words import causes_of
from heyue.practice.debtor import Turn
from heyue.practice.records import PracticeTalk
from heyue.practice.report import CurvePoint
from heyue.review.scorecard import default_scorecard

TURN, TENSION, CAUSE, LINE, WHO, BRANCH = "第几句", "紧张度", "什么引起的", "原话", "谁说的", "哪一支"
NUMBER, SECTION, POINTS, DAY = "第几次", "项目", "得分", "日期"
SHOWN_EXERCISES = 12
CHANGED = 0.005  # what is less does not show in the figures


def show_curve(curve: Sequence[CurvePoint], turns: Sequence[Turn]) -> None:
    """Draw the tension after every turn; a touch says what moved it."""
    rows = pd.DataFrame(
        [
            {
                TURN: point.turn + 1,
                TENSION: point.tension,
                CAUSE: causes_of(point.moved, "tension") or "—",
                LINE: turns[point.turn].text,
                WHO: "您" if turns[point.turn].speaker == "collector" else "对方",
            }
            for point in curve
        ]
    )
    chart = alt.Chart(rows).encode(
        x=_turn_axis(), y=_tension_axis(), tooltip=[TURN, WHO, LINE, TENSION, CAUSE]
    )
    points = chart.mark_point(filled=True, size=70, opacity=1).encode(
        shape=alt.Shape(f"{WHO}:N", sort=["您", "对方"], legend=alt.Legend(orient="top", title=None)),
        color=alt.Color(f"{WHO}:N", sort=["您", "对方"], legend=alt.Legend(orient="top", title=None)),
    )
    st.altair_chart((chart.mark_area(opacity=0.18) + chart.mark_line() + points).properties(height=240))


def moves_table(curve: Sequence[CurvePoint], turns: Sequence[Turn]) -> pd.DataFrame:
    """What each of the trainee's lines moved, in words."""
    rows, before = [], curve[0].tension if curve else 0.0
    for point in curve:
        change, before = point.tension - before, point.tension
        if turns[point.turn].speaker == "collector":
            is_same = abs(change) < CHANGED  # also where it could not fall or rise any further
            rows.append(
                {
                    "句": point.turn + 1,
                    LINE: turns[point.turn].text,
                    "紧张度变化": "不变" if is_same else f"{change:+.2f}".replace("-", "−"),
                    CAUSE: "—" if is_same else causes_of(point.moved, "tension") or "—",
                    "信任、意愿": "；".join(
                        filter(None, (_gauge(point, "trust", "信任"), _gauge(point, "willingness", "意愿")))
                    )
                    or "—",
                }
            )
    return pd.DataFrame(rows)


def _gauge(point: CurvePoint, gauge: str, name: str) -> str:
    total = sum(each.delta for each in point.moved if each.gauge == gauge)
    return f"{name} {total:+.2f}".replace("-", "−") if abs(total) >= CHANGED else ""


def show_tensions(curves: Mapping[str, Sequence[float]]) -> None:
    """Draw the tension of several branches in one chart."""
    rows = pd.DataFrame(
        [
            {BRANCH: name, TURN: number + 1, TENSION: tension}
            for name, curve in curves.items()
            for number, tension in enumerate(curve)
        ]
    )
    chart = alt.Chart(rows).encode(
        x=_turn_axis(), y=_tension_axis(), tooltip=[BRANCH, TURN, alt.Tooltip(TENSION, format=".2f")],
        color=alt.Color(f"{BRANCH}:N", sort=list(curves), legend=alt.Legend(orient="top", title=None)),
        strokeDash=alt.StrokeDash(f"{BRANCH}:N", sort=list(curves), legend=None),
        shape=alt.Shape(f"{BRANCH}:N", sort=list(curves), legend=None),
    )  # fmt: skip
    st.altair_chart((chart.mark_line() + chart.mark_point(filled=True, size=50)).properties(height=220))


def show_skills(talks: Sequence[PracticeTalk]) -> None:
    """Draw the points of each section over the latest exercises, as numbers on a scale of colour."""
    sections = default_scorecard().sections
    first = max(len(talks) - SHOWN_EXERCISES, 0)
    rows = pd.DataFrame(
        [
            {
                NUMBER: first + number + 1,
                SECTION: sections[section],
                POINTS: points,
                DAY: f"{talk.finished_at or talk.started_at:%m-%d %H:%M}",
            }
            for number, talk in enumerate(talks[first:])
            for section, points in talk.sections.items()
            if points is not None and section in sections
        ],
        columns=[NUMBER, SECTION, POINTS, DAY],
    )
    chart = alt.Chart(rows).encode(
        x=alt.X(f"{NUMBER}:O", axis=alt.Axis(labelAngle=0)),
        y=alt.Y(f"{SECTION}:N", scale=alt.Scale(domain=list(sections.values())), title=None),
        tooltip=[NUMBER, DAY, SECTION, POINTS],
    )
    fields = chart.mark_rect().encode(
        color=alt.Color(
            f"{POINTS}:Q", scale=alt.Scale(domain=[0, 100], range=["#F6E3D3", "#CFE6E2"]), legend=None
        )
    )
    numbers = chart.mark_text(fontSize=13, color="#22302F").encode(text=alt.Text(f"{POINTS}:Q", format=".0f"))
    st.altair_chart((fields + numbers).properties(height=36 * len(sections) + 40))


def _turn_axis() -> alt.X:
    return alt.X(f"{TURN}:O", axis=alt.Axis(labelAngle=0, labelOverlap=True))


def _tension_axis() -> alt.Y:
    return alt.Y(f"{TENSION}:Q", scale=alt.Scale(domain=[0, 1]), axis=alt.Axis(values=[0, 0.5, 1]))
