"""The way from contact to kept promise, drawn: the kept rate first and largest."""

from __future__ import annotations

from pathlib import Path

import altair as alt
import pandas as pd
import streamlit as st

from coach_ui.components.figures import CONTACTS, STEPS, groups, percent, share_of
from heyue.insight.figures import Share

STYLES = Path(__file__).parent / "figures.css"
KEPT = STEPS[-1]


def show_headline(contacts: pd.DataFrame) -> None:
    """The four shares, each with its count and what chance leaves of it."""
    st.html(STYLES)
    first, *others = st.columns([3, 2, 2, 2])
    with first.container(border=True, height="stretch"):
        kept = share_of(contacts, KEPT)
        name, value = f'<p class="name">{KEPT.rate}</p>', f'<p class="value">{percent(kept)}</p>'
        st.html(f'<div class="heyue-first">{name}{value}</div>')
        st.caption(detail(kept), help=KEPT.help)
    for step, place in zip(reversed(STEPS[:-1]), others, strict=True):
        share = share_of(contacts, step)
        with place.container(border=True, height="stretch"):
            st.metric(step.rate, percent(share), help=step.help)
            st.caption(detail(share))


def detail(share: Share) -> str:
    """The counts, and where the true share lies."""
    counts = f"{share.hits} / {share.total}"
    if share.interval is None:
        return counts
    low, high = share.interval
    return f"{counts}  \n95%区间 {100 * low:.0f}–{100 * high:.0f}%"


def show_funnel(contacts: pd.DataFrame) -> None:
    """The counts of the steps as bars, with their numbers in words."""
    shares = {step: share_of(contacts, step) for step in STEPS}
    rows = pd.DataFrame(
        [(CONTACTS, len(contacts), str(len(contacts)))]
        + [
            (step.name, share.hits, f"{share.hits}（{step.rate} {percent(share)}）")
            for step, share in shares.items()
        ],
        columns=["步骤", "次数", "说明"],
    )
    room = alt.Scale(domain=[0, len(contacts) * 1.3])  # for the words after the longest bar
    chart = alt.Chart(rows).encode(
        y=alt.Y("步骤:N", sort=list(rows["步骤"]), title=None), x=alt.X("次数:Q", axis=None, scale=room),
        tooltip=["步骤", "说明"],
    )  # fmt: skip
    words = chart.mark_text(align="left", dx=6, fontSize=14, color=ink()).encode(text="说明:N")
    st.altair_chart((chart.mark_bar(height=26) + words).properties(height=40 * len(rows)))


def show_kept_by_week(contacts: pd.DataFrame) -> None:
    """The kept rate of each week with its interval, for weeks in which enough promises came due."""
    shares = {label: share_of(of_week, KEPT) for label, of_week in groups(contacts, "week")}
    rows = pd.DataFrame(
        [
            (label, share.value, *share.interval, share.total)
            for label, share in shares.items()
            if share.interval is not None
        ],
        columns=["周", KEPT.rate, "低", "高", "到期"],
    )
    if len(rows) < 2:
        return
    bounds, in_percent = alt.Scale(domain=[0, 1]), alt.Axis(format="%")
    chart = alt.Chart(rows).encode(x=alt.X("周:N", title=None, axis=alt.Axis(labelAngle=0)))
    rate = alt.Y(f"{KEPT.rate}:Q", title=f"{KEPT.rate}与95%区间", scale=bounds, axis=in_percent)
    reach = chart.mark_rule(strokeWidth=2, color=ink()).encode(y=alt.Y("低:Q", scale=bounds), y2="高:Q")
    points = chart.mark_line(point=alt.OverlayMarkDef(size=70)).encode(
        y=rate, tooltip=["周", alt.Tooltip(f"{KEPT.rate}:Q", format=".0%"), "到期"]
    )
    st.altair_chart((points + reach).properties(height=220))


def ink() -> str:
    """The colour of text in the theme that the person sees; charts know of its other colours by themselves."""
    return str(st.get_option(f"theme.{st.context.theme.type or 'light'}.textColor") or "black")
