"""Drafts: what somebody has typed and not sent. It outlives a change of page and a session that runs out."""

from __future__ import annotations

from typing import Any

import streamlit as st

BOX, KEPT, NUMBER = "draft.box.", "draft.kept.", "draft.number."


def gather() -> None:
    """Keep what stands in the text boxes now, before a page is drawn without them. Once at the start of each run."""
    for name in [key.removeprefix(KEPT) for key in st.session_state if isinstance(key, str) and key.startswith(KEPT)]:
        if (box := _box(name)) in st.session_state:
            st.session_state[KEPT + name] = st.session_state[box]


def area(label: str, name: str, **options: Any) -> str:
    """A text area whose text is kept under `name`, such as "reply:" with the conversation's id.

    Args:
        options: what st.text_area takes besides label, value and key.
    """
    box = _box(name)
    if box not in st.session_state:
        st.session_state[box] = kept(name)
    text: str = st.text_area(label, key=box, **options)
    st.session_state[KEPT + name] = text
    return text


def kept(name: str) -> str:
    """The draft of this name, or an empty text."""
    text: str = st.session_state.get(KEPT + name, "")
    return text


def put(name: str, text: str) -> None:
    """Write into a draft, such as a suggestion. In a callback, or before its text area is drawn.

    The text comes in a box of its own: a part of the page that draws itself again at this moment still sends what stood in
    the one before, which would undo it.
    """
    st.session_state[KEPT + name] = text
    st.session_state[NUMBER + name] = st.session_state.get(NUMBER + name, 0) + 1


def drop(name: str) -> None:
    """Forget a draft that was sent. In a callback, or before its text area is drawn."""
    st.session_state[KEPT + name] = st.session_state[_box(name)] = ""


def _box(name: str) -> str:
    """The key of the text area in which a draft stands."""
    return f"{BOX}{name}.{st.session_state.get(NUMBER + name, 0)}"
