"""Who sits before this screen. Pages ask here for the person, the desk and the time."""

from __future__ import annotations

from datetime import datetime
from typing import TypeVar

import streamlit as st

from coach_ui import cookie
from heyue.access.people import Disabled, SignedIn, UnknownEmail, User
from heyue.desk import Desk, desk_of_process
from heyue.desk.access import SignInVerdict
from heyue.settings import ZONE

TOKEN, LAST, ENDED = "session.token", "session.last", "session.ended"
SIGNED_OUT, RAN_OUT = "signed_out", "ran_out"
Verdict = TypeVar("Verdict")


def desk() -> Desk:
    """The use cases, over the store of this process."""
    return desk_of_process()


def now() -> datetime:
    """The time."""
    return datetime.now(ZONE)


def user() -> User:
    """The person who is signed in. When the session has ended meanwhile, the sign-in form takes the page's place."""
    found = visitor()
    return found if found is not None else st.rerun()


def visitor() -> User | None:
    """The same for a public page, where it may be nobody."""
    token = st.session_state.get(TOKEN)
    return desk().who(token, now()) if token else None


def restore() -> User | None:
    """The person whom this tab or the browser's cookie belongs to; None when somebody has to sign in."""
    if st.session_state.get(ENDED) == SIGNED_OUT:
        return None
    token = st.session_state.get(TOKEN) or cookie.token()
    found = desk().visit(token, now()) if token else None
    if found is not None:
        _take(found, token or "")
    elif st.session_state.pop(TOKEN, None):
        st.session_state[ENDED] = RAN_OUT
    return found


def last() -> User | None:
    """Who was signed in in this tab last. For the menu while the store is away; what may be done is asked of user()."""
    found: User | None = st.session_state.get(LAST)
    return found


def sign_in(login: str, password: str) -> SignInVerdict:
    """Sign in with a password; on success the next run of the page is the person's."""
    return _remembered(desk().sign_in(login, password, now()))


def sign_in_by_email(email: str) -> SignedIn | Disabled | UnknownEmail:
    """The same for somebody whose e-mail address an identity provider has proved."""
    return _remembered(desk().sign_in_by_email(email, now()))


def sign_out() -> None:
    """End the session, here and in the browser's cookie."""
    if token := st.session_state.get(TOKEN):
        desk().sign_out(token, now())
    st.session_state.clear()
    st.session_state[ENDED] = SIGNED_OUT


def ended() -> str | None:
    """Why this tab has nobody signed in any more: signed_out, ran_out, or None when nobody ever was."""
    ended: str | None = st.session_state.get(ENDED)
    return ended


def keep_cookie() -> None:
    """Let the browser remember the session, or forget it after signing out."""
    if token := st.session_state.get(TOKEN):
        cookie.keep(token)
    elif ended() == SIGNED_OUT:
        cookie.forget()


def _remembered(verdict: Verdict) -> Verdict:
    if isinstance(verdict, SignedIn):
        _take(verdict.user, verdict.token)
    return verdict


def _take(user: User, token: str) -> None:
    """Remember the person in this tab. What somebody else left in it, drafts too, is none of theirs."""
    before = last()
    if before is not None and before.login != user.login:
        st.session_state.clear()
    st.session_state.pop(ENDED, None)
    st.session_state[TOKEN], st.session_state[LAST] = token, user
