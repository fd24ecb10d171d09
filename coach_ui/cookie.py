"""The browser's cookie with the session's token, so that a reload of the page needs no new sign-in.

Streamlit reads cookies but sets none: a few lines of JavaScript in the page do. The token is thus readable by scripts of
the page, of which there are none but Streamlit's and ours.
"""

from __future__ import annotations

import streamlit as st

from heyue.access.limits import limits

COOKIE_JS = """
export default function ({ data }) {
  const secure = location.protocol === "https:" ? "; Secure" : "";
  document.cookie = `${data.name}=${data.value}; Max-Age=${data.seconds}; Path=/; SameSite=Strict${secure}`;
}
"""


def token() -> str | None:
    """The token that the browser had when it opened this tab, or None."""
    found: str | None = st.context.cookies.get(_name())
    return found


def keep(token: str) -> None:
    """Let the browser keep the token."""
    _set(token, limits().session.longest_hours * 3600)


def forget() -> None:
    """Let the browser forget the token."""
    _set("", 0)


def _set(value: str, seconds: int) -> None:
    cookie = st.components.v2.component("heyue_cookie", js=COOKIE_JS)
    cookie(key="frame_cookie", data={"name": _name(), "value": value, "seconds": seconds}, height=1)


def _name() -> str:
    """A name of its own for each port: browsers share cookies among all ports of a machine."""
    return f"heyue_session_{st.get_option('server.port')}"
