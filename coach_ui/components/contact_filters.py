"""Which contacts a lead looks at: a span of time, and what they have in common."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta

import pandas as pd
import streamlit as st

from coach_ui.components.figures import SPLITS, label_of
from heyue.insight.figures import midnight

SPANS: Mapping[str, int | None] = {"近7天": 7, "近4周": 28, "近12周": 84, "近一年": 365, "自选": None}
USUAL = "近4周"
ALL = "全部"
FILTERED = ("channel", "stage", "debtor_type", "reason", "handler")


def choose_span(today: date) -> tuple[datetime, datetime]:
    """Ask for the time: its first moment, and the first moment after it."""
    left, right = st.columns([1, 2])
    chosen = left.selectbox("时段", list(SPANS), list(SPANS).index(USUAL))
    first, last = today - timedelta(days=(SPANS[chosen] or 28) - 1), today
    if SPANS[chosen] is None:
        days = right.date_input("从哪天到哪天", (first, last), max_value=today, format="YYYY-MM-DD")
        if len(days) == 2:  # one day only, while the other is still being chosen
            first, last = days
    return midnight(first), midnight(last + timedelta(days=1))


def filtered(contacts: pd.DataFrame) -> pd.DataFrame:
    """Ask what the contacts have in common, and leave the others out."""
    left = contacts
    for column, place in zip(FILTERED, st.columns(len(FILTERED)), strict=True):
        names = {label_of(column, None if pd.isna(key) else key): key for key in contacts[column].unique()}
        chosen = place.selectbox(SPLITS[column], [ALL, *sorted(names)], key=f"contacts.{column}")
        if chosen != ALL:
            key = names[chosen]
            left = left[left[column].isna() if pd.isna(key) else left[column] == key]
    return left
