"""Comments on single turns and on the whole talk."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from coach_ui.components import review_draft
from coach_ui.components.flag_review import turn_words
from coach_ui.components.plain_text import plain
from heyue.desk.live import OpenTalk


def show_notes(number: int, talk: OpenTalk) -> None:
    """Draw the comments, and boxes to write some."""
    work = review_draft.work(number)
    for turn, text in work.comments.items():
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(f"**{plain(turn_words(talk, turn))}**  \n{plain(text)}")
            st.button(
                "去掉", type="tertiary", icon=":material/delete:", key=f"note.drop:{number}:{turn}",
                on_click=review_draft.put_comment, args=(number, turn, ""),
            )  # fmt: skip
    turn = st.selectbox(
        "点评哪一句",
        range(len(talk.turns)),
        format_func=lambda each: turn_words(talk, each),
        key=f"note.turn:{number}",
    )
    _area(
        "对这一句的点评", f"note.text:{number}:{turn}", work.comments.get(turn, ""),
        lambda text: review_draft.put_comment(number, turn, text),
    )  # fmt: skip
    st.divider()
    _area(
        "总评（催收员会看到）", f"note.whole:{number}", work.note,
        lambda text: review_draft.change(number, note=text.strip()),
    )  # fmt: skip


def _area(label: str, key: str, text: str, put: Callable[[str], None]) -> None:
    st.session_state[key] = text

    def written() -> None:
        put(st.session_state[key])

    st.text_area(label, key=key, on_change=written, max_chars=1000, height=100)
