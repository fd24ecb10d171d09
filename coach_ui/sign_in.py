"""The sign-in form, in the place of any page that needs a person."""

from __future__ import annotations

from datetime import datetime

import streamlit as st

from coach_ui import provider, session
from coach_ui.navigation import entries
from heyue.access.people import Disabled, LockedUntil, SignedIn, TooManyAttempts, UnknownEmail, WrongPassword
from heyue.launch.demonstration import USERS_FILE
from heyue.settings import Settings

TRY_IT = "try_it"
BEFORE = {
    session.RAN_OUT: "登录已过期，请重新登录。您刚才写的内容还在，登录后继续。",
    session.SIGNED_OUT: "您已退出。",
}


def show() -> None:
    """Draw the form; whoever signs in goes on with the page that was asked for."""
    _, middle, _ = st.columns([1, 2, 1])
    with middle:
        st.title("和约 · 催收教练")
        st.write("合规、体面地提醒还款，看得见每一次承诺。")
        if why := session.ended():
            st.info(BEFORE[why], icon=":material/info:")
        _password_form()
        _provider()
        _first_steps()


def _password_form() -> None:
    with st.form("sign_in", enter_to_submit=True):
        login = st.text_input("登录名", autocomplete="username", max_chars=64)
        password = st.text_input("密码", type="password", autocomplete="current-password", max_chars=128)
        if st.form_submit_button("登录", type="primary", width="stretch"):
            _answer(session.sign_in(login, password))


def _provider() -> None:
    """The way over the lender's identity provider, and its answer when somebody comes back from there."""
    if not provider.is_configured():
        return
    email = provider.proved_email(st.user.to_dict(), session.now())
    if email and session.ended() is None:
        _answer(session.sign_in_by_email(email))
    st.button("用单位账号登录", icon=":material/badge:", width="stretch", on_click=st.login)


def _answer(verdict: SignedIn | WrongPassword | LockedUntil | TooManyAttempts | Disabled | UnknownEmail) -> None:
    """Go on after signing in, or say why not."""
    if isinstance(verdict, SignedIn):
        st.rerun()
    st.error(_words(verdict, session.now()), icon=":material/error:")


def _words(verdict: object, now: datetime) -> str:
    if isinstance(verdict, LockedUntil):
        minutes = max(1, -int((now - verdict.until).total_seconds() // 60))
        return f"密码错误次数过多，已锁定。请在 {verdict.until:%H:%M} 之后（约 {minutes} 分钟）再试，或请管理员重设密码。"
    if isinstance(verdict, TooManyAttempts):
        return "刚才登录失败的次数太多，系统暂停登录。请一分钟后再试；如果一直这样，请告诉管理员。"
    if isinstance(verdict, Disabled):
        return "这个用户已停用。如有疑问，请联系管理员。"
    if isinstance(verdict, UnknownEmail):
        return "您的单位账号还没有开通教练系统，请联系管理员登记您的邮箱。"
    return "登录名或密码不对。"


def _first_steps() -> None:
    """What somebody can do who has just started the product."""
    if TRY_IT in entries():
        entry = entries()[TRY_IT]
        st.page_link(entry.file, label="不登录，先体验", icon=f":material/{entry.icon}:")
    users_file = Settings.from_environment().data_folder / USERS_FILE
    if users_file.is_file():
        st.caption(f"演示用户的登录名和密码见启动窗口，或文件 {users_file}")
