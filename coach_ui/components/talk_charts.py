"""How a talk went, as charts: the types after each of the borrower's turns, and the tension after every turn."""

from __future__ import annotations

from typing import Any

import altair as alt
import pandas as pd
import streamlit as st

from heyue.names import name_of

SHOWN_TYPES = 3  # the likeliest ones; the others are too small to be read
TENSION_WORDS = ((0.34, "平和"), (0.67, "有些紧张"), (1.01, "很紧张"))


def tension_word(tension: float) -> str:
    """The tension (0 to 1) in words."""
    return next(word for limit, word in TENSION_WORDS if tension < limit)


def show_types(types: list[dict[str, Any]]) -> None:
    """Draw the probability of the likeliest types over the talk."""
    last = types[-1]["probabilities"]
    likeliest = sorted(last, key=last.__getitem__, reverse=True)[:SHOWN_TYPES]
    shown = [name_of("debtor_type", name) for name in likeliest]
    rows = pd.DataFrame(
        [
            {
                "第几句": each["turn"] + 1,
                "类型": name_of("debtor_type", name),
                "可能性": each["probabilities"][name],
            }
            for each in types
            for name in likeliest
        ]
    )
    chart = alt.Chart(rows).encode(
        x=alt.X("第几句:O", axis=alt.Axis(labelAngle=0, labelOverlap=True)),
        y=alt.Y("可能性:Q", title=None, scale=alt.Scale(domain=[0, 1]), axis=alt.Axis(format="%", values=[0, 0.5, 1])),
        color=alt.Color("类型:N", sort=shown, legend=alt.Legend(orient="top", title=None, columns=2)),
        shape=alt.Shape("类型:N", sort=shown, legend=None),
        strokeDash=alt.StrokeDash("类型:N", sort=shown, legend=None),
        tooltip=["第几句", "类型", alt.Tooltip("可能性", format=".0%")],
    )
    st.altair_chart((chart.mark_line() + chart.mark_point(filled=True, size=60)).properties(height=230))


def show_tension(tension: list[float]) -> None:
    """Draw the tension curve."""
    rows = pd.DataFrame({"第几句": range(1, len(tension) + 1), "紧张度": tension})
    chart = alt.Chart(rows).encode(
        x=alt.X("第几句:O", axis=alt.Axis(labelAngle=0, labelOverlap=True)),
        y=alt.Y("紧张度:Q", scale=alt.Scale(domain=[0, 1]), axis=alt.Axis(values=[0, 0.5, 1])),
        tooltip=["第几句", alt.Tooltip("紧张度", format=".2f")],
    )
    st.altair_chart((chart.mark_area(opacity=0.25) + chart.mark_line(point=True)).properties(height=130))
