"""The ways between the parts of the practice page. What is shown stands in its address."""

from __future__ import annotations

import streamlit as st

from coach_ui.navigation import entries
from heyue.practice.records import PracticeTalk

TALK = "talk"


def home_link() -> None:
    """The way back to the beginning of the page."""
    link("回到对练首页", ":material/arrow_back:", {})


def link(label: str, icon: str, query: dict[str, str]) -> None:
    """A link within the page."""
    st.page_link(entries()["practice"].file, label=label, icon=icon, query_params=query)


def go_to(talk: PracticeTalk) -> None:
    """Show an exercise in place of what is shown."""
    st.query_params.from_dict({TALK: talk.talk_id})
    st.rerun()
