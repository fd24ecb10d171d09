"""The page while the store does not answer. It tries again by itself and goes on where one was."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import wraps
from typing import ParamSpec

import streamlit as st

from coach_ui import failing
from coach_ui.session import desk, now
from heyue.errors import StoreUnavailable

AGAIN_SECONDS = 2
AWAY = "away"
P = ParamSpec("P")


def show() -> None:
    """Say that the store is away, and try again every two seconds until it answers."""
    st.title("暂时连不上数据库")
    st.warning(
        "数据没有丢失，您写的草稿也还在。这一页每两秒自动重试，恢复后会回到原来的页面。",
        icon=":material/cloud_off:",
    )
    _try_again(now())


@st.fragment(run_every=AGAIN_SECONDS)
def _try_again(shown_at: datetime) -> None:
    if now() - shown_at >= timedelta(seconds=AGAIN_SECONDS / 2) and _answers():  # not while it is being drawn
        st.session_state.pop(AWAY, None)
        st.rerun()
    st.caption(f"上次尝试：{now():%H:%M:%S}。如果几分钟后仍未恢复，请联系系统管理员。")


def is_away() -> bool:
    """Whether the store has been found away and has not answered since."""
    return AWAY in st.session_state


def give_way() -> None:
    """Draw this page instead of the one that has found the store away."""
    st.session_state[AWAY] = True
    st.rerun()


def refreshed(every_seconds: float | None) -> Callable[[Callable[P, None]], Callable[P, None]]:
    """Make a part of a page draw itself again by itself: st.fragment that also knows what to do without the store.

    Args:
        every_seconds: None for a part that is drawn again only when somebody works in it.
    """

    def wrap(draw: Callable[P, None]) -> Callable[P, None]:
        @wraps(draw)
        def drawn(*words: P.args, **named: P.kwargs) -> None:
            try:
                draw(*words, **named)
            except StoreUnavailable:
                give_way()
            except Exception as error:  # Streamlit would print it with its words
                failing.show(error)

        fragment: Callable[P, None] = st.fragment(drawn, run_every=every_seconds)
        return fragment

    return wrap


def _answers() -> bool:
    """Whether the store can be written to."""
    try:
        with desk().store.transaction():
            return True
    except StoreUnavailable:
        return False
