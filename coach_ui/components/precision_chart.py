"""How often the flags of each rule were right, with what chance leaves of it."""

from __future__ import annotations

from collections.abc import Sequence

import altair as alt
import pandas as pd
import streamlit as st

from heyue.conduct.rules import rules
from heyue.names import name_of
from heyue.review.rule_health import RuleHealth

RULE, SHARE, LOW, HIGH, STATE = "规则", "准确率", "区间下限", "区间上限", "状态"
LABEL_PIXELS = 300


def show_precision(health: Sequence[RuleHealth]) -> None:
    """A chart and the same in figures, the least reliable rule first."""
    ordered = sorted(health, key=lambda each: (each.low, each.rule))
    rows = pd.DataFrame(
        [
            {
                RULE: rules()[each.rule].name, SHARE: each.precision, LOW: each.low, HIGH: each.high,
                STATE: name_of("rule_health", each.state),
            }
            for each in ordered
        ]
    )  # fmt: skip
    _chart(rows)
    st.table(
        pd.DataFrame(
            {
                RULE: rows[RULE],
                STATE: rows[STATE],
                SHARE: [
                    f"{each.precision:.0%}（95%区间 {each.low:.0%}–{each.high:.0%}）" for each in ordered
                ],
                "确认 / 已评": [f"{each.confirmed} / {each.hits}" for each in ordered],
            }
        ).set_index(RULE),
        border="horizontal",
    )


def _chart(rows: pd.DataFrame) -> None:
    bounds = alt.Scale(domain=[0, 1])
    chart = alt.Chart(rows).encode(
        y=alt.Y(f"{RULE}:N", sort=list(rows[RULE]), title=None, axis=alt.Axis(labelLimit=LABEL_PIXELS)),
        tooltip=[RULE, STATE, alt.Tooltip(f"{SHARE}:Q", format=".0%")],
    )
    reach = chart.mark_bar(height=6, opacity=0.45).encode(
        x=alt.X(f"{LOW}:Q", title=SHARE, scale=bounds, axis=alt.Axis(format="%")), x2=f"{HIGH}:Q"
    )
    points = chart.mark_point(size=110, filled=True, opacity=1).encode(
        x=alt.X(f"{SHARE}:Q", scale=bounds), shape=alt.Shape(f"{STATE}:N", title=STATE)
    )
    st.altair_chart((reach + points).properties(height=70 + 36 * len(rows)))
