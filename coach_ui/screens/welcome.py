"""The home page: what the person can do here."""

from __future__ import annotations

import streamlit as st

from coach_ui import session
from coach_ui.navigation import HOME, menu_of


def main() -> None:
    """Greet, and show the way to each page."""
    user = session.user()
    st.title(f"您好，{user.name}")
    st.write(f"您的角色是**{user.role.name}**。下面是您可以使用的页面。")
    columns = st.columns(2)
    for number, entry in enumerate(each for each in menu_of(user) if each.name != HOME):
        with columns[number % 2].container(border=True, key=f"card_{entry.name}"):
            st.page_link(entry.file, label=f"**{entry.title}**", icon=f":material/{entry.icon}:")
            st.caption(entry.about)


main()
