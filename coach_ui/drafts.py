"""Drafts: what somebody has typed and not sent. It outlives a change of page and a session that runs out."""

from __future__ import annotations

from typing import Any

import streamlit as st

WIDGET, KEPT = "draft.widget.", "draft.kept."


def gather() -> None:
    """Keep what stands in the text boxes now, before a page is drawn without them. Once at the start of each run."""
    for key in list(st.session_state):
        if isinstance(key, str) and key.startswith(WIDGET):
            st.session_state[KEPT + key.removeprefix(WIDGET)] = st.session_state[key]


def area(label: str, name: str, **options: Any) -> str:
    """A text area whose text is kept under `name`, such as "reply:" with the conversation's id.

    Args:
        options: what st.text_area takes besides label, value and key.
    """
    if WIDGET + name not in st.session_state:
        st.session_state[WIDGET + name] = kept(name)
    text: str = st.text_area(label, key=WIDGET + name, **options)
    st.session_state[KEPT + name] = text
    return text


def kept(name: str) -> str:
    """The draft of this name, or an empty text."""
    text: str = st.session_state.get(KEPT + name, "")
    return text


def put(name: str, text: str) -> None:
    """Write into a draft, such as a suggestion. In a callback, or before its text area is drawn."""
    st.session_state[KEPT + name] = st.session_state[WIDGET + name] = text


def drop(name: str) -> None:
    """Forget a draft that was sent. In a callback, or before its text area is drawn."""
    put(name, "")
