"""Users: who may use the coach."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from coach_ui import session
from coach_ui.refusals import in_chinese
from heyue.access.people import User
from heyue.access.roles import roles
from heyue.errors import Refused

DONE = "users.done"


def main() -> None:
    """The list, and forms to add somebody and to change somebody."""
    admin = session.user()
    people = session.desk().users(admin)
    st.title("用户")
    if done := st.session_state.pop(DONE, None):
        st.success(done, icon=":material/check_circle:")
    st.table({"登录名": [each.login for each in people], **columns(people)}, border="horizontal")
    change, add = st.tabs(["修改", "新增"])
    with change:
        change_form(admin, people)
    with add:
        add_form(admin)


def columns(people: list[User]) -> dict[str, list[str]]:
    """What the list shows beside the logins."""
    return {
        "姓名": [each.name for each in people],
        "角色": [each.role.name for each in people],
        "邮箱": [each.email or "—" for each in people],
        "状态": [state_of(each) for each in people],
    }


def state_of(user: User) -> str:
    """Whether the person can sign in."""
    if user.disabled_at:
        return f"{user.disabled_at:%Y-%m-%d} 停用"
    if user.locked_until and user.locked_until > session.now():
        return f"锁定至 {user.locked_until:%H:%M}"
    return "正常"


def change_form(admin: User, people: list[User]) -> None:
    """Change name, role, password, or whether the person may sign in."""
    chosen = st.selectbox("用户", people, format_func=lambda each: f"{each.login} · {each.name}")
    with st.form(f"change.{chosen.login}"):
        name = st.text_input("姓名", chosen.name, max_chars=60)
        password = st.text_input(
            "新密码（不改则留空）", type="password", autocomplete="new-password", max_chars=128
        )
        role, disabled = (None, None) if chosen.login == admin.login else role_and_state(chosen)
        if st.form_submit_button("保存", type="primary"):
            attempt(
                lambda: session.desk().change_user(
                    chosen.login, admin, session.now(), name=name, role=role, password=password or None,
                    disabled=disabled,
                ),
                f"已保存：{chosen.login}",
            )  # fmt: skip


def role_and_state(chosen: User) -> tuple[str, bool]:
    """What an admin may change of others only: else the last one could lock everybody out."""
    role = st.selectbox("角色", list(roles()), list(roles()).index(chosen.role.key), format_func=role_name)
    disabled = st.checkbox("停用", chosen.disabled_at is not None)
    st.caption("改角色、改密码或停用后，这个用户须重新登录。")
    return role, disabled


def add_form(admin: User) -> None:
    """Take in somebody new."""
    with st.form("add", clear_on_submit=False):
        login = st.text_input("登录名", max_chars=63, help="小写字母、数字和 . _ - @，例如 li.na")
        name = st.text_input("姓名", max_chars=60)
        role = st.selectbox("角色", list(roles()), format_func=role_name)
        email = st.text_input("邮箱（用单位账号登录时填写）", max_chars=254)
        password = st.text_input("密码", type="password", autocomplete="new-password", max_chars=128)
        if st.form_submit_button("新增", type="primary"):
            attempt(
                lambda: session.desk().add_user(
                    login, name, role, password or None, admin, session.now(), email or None
                ),
                f"已新增：{login}",
            )


def role_name(key: str) -> str:
    """A role as the screen calls it."""
    return roles()[key].name


def attempt(change: Callable[[], object], done: str) -> None:
    """Do it and draw the page anew, or say why it cannot be."""
    try:
        change()
    except Refused as refusal:
        st.error(in_chinese(refusal), icon=":material/error:")
    else:
        st.session_state[DONE] = done
        st.rerun()


main()
