"""The menu: which pages there are, and which of them a person sees. A page whose file is not there is left out."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import streamlit as st
import yaml
from streamlit.navigation.page import StreamlitPage

from heyue.access.people import User
from heyue.access.roles import PUBLIC_PAGES

HERE = Path(__file__).parent
# Not "pages": a folder of that name beside app.py is opened by Streamlit itself, past sign-in and roles, until some
# session has run app.py.
SCREENS = HERE / "screens"
HOME = "welcome"


@dataclass(frozen=True)
class PageEntry:
    """One page of navigation.yml."""

    name: str
    title: str
    icon: str
    about: str
    group: str
    listed: bool = True

    @property
    def file(self) -> Path:
        return SCREENS / f"{self.name}.py"


@cache
def entries() -> dict[str, PageEntry]:
    """Every page whose file is there, by name, in the order of the menu."""
    groups = yaml.safe_load((HERE / "navigation.yml").read_text(encoding="utf-8"))
    found = [PageEntry(**page, group=group["group"]) for group in groups for page in group["pages"]]
    return {entry.name: entry for entry in found if entry.file.is_file()}


def may_open(user: User | None, name: str) -> bool:
    """Whether the person, or a visitor who has not signed in, opens this page."""
    return name in PUBLIC_PAGES if user is None else user.role.may_open(name)


def menu_of(user: User | None) -> list[PageEntry]:
    """The pages in the person's menu. A visitor sees the home page too: it shows the sign-in form."""
    return [
        entry
        for entry in entries().values()
        if entry.listed and (may_open(user, entry.name) or (user is None and entry.name == HOME))
    ]


def current_page(user: User | None) -> tuple[PageEntry, StreamlitPage]:
    """Show the person's menu and say which page the address asks for, allowed or not."""
    shown = menu_of(user)
    groups: dict[str, list[StreamlitPage]] = {}
    for entry in entries().values():
        title = "登录" if user is None and entry.name == HOME else entry.title
        page = st.Page(
            entry.file, title=title, icon=f":material/{entry.icon}:", url_path=entry.name,
            default=entry.name == HOME, visibility="visible" if entry in shown else "hidden",
        )  # fmt: skip
        groups.setdefault(entry.group, []).append(page)
    page = st.navigation(groups, expanded=True)
    return entries()[page.url_path or HOME], page
