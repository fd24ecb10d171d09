"""看板: from contact to kept promise, what stands in the way, and the talks behind every number."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime

import pandas as pd
import streamlit as st

from coach_ui.components.contact_filters import choose_span, filtered
from coach_ui.components.contact_list import show_contacts
from coach_ui.components.contacts import breaks_between, contacts_between
from coach_ui.components.export import offer_files
from coach_ui.components.funnel import show_headline
from coach_ui.components.views import (
    Chosen,
    show_breaks,
    show_causes,
    show_complaints,
    show_reach,
    show_way,
)
from coach_ui.session import now, user

VIEWS: Mapping[str, Callable[[pd.DataFrame], Chosen]] = {
    "从触达到兑现": show_way, "原因与类型": show_causes, "触达时段": show_reach, "投诉与退订": show_complaints,
}  # fmt: skip
BREAKS = "违规提示"


def main() -> None:
    """Draw the page."""
    st.title("看板")
    since, until = choose_span(now().date())
    contacts = contacts_between(user(), since, until)
    if contacts.empty:
        st.info("这段时间还没有会话。换一个时段，或者先在“导入”页导入会话。", icon=":material/event_busy:")
        return
    contacts = filtered(contacts)
    if contacts.empty:
        st.info("没有符合这些条件的会话。请放宽筛选。", icon=":material/filter_alt_off:")
        return
    show_headline(contacts)
    chosen = show_view(contacts, since, until)
    what, behind = chosen or ("全部", contacts)
    if chosen is None:
        st.caption("点一下上面表里的任何一个数字，下面就列出它背后的会话。")
    show_contacts(behind, what)
    offer_files(contacts, since, until)


def show_view(contacts: pd.DataFrame, since: datetime, until: datetime) -> Chosen:
    """The view that is asked for, and what was chosen in it."""
    names = [*VIEWS, BREAKS]
    name = st.segmented_control("看什么", names, default=names[0], label_visibility="collapsed") or names[0]
    if name == BREAKS:
        return show_breaks(contacts, breaks_between(user(), since, until))
    return VIEWS[name](contacts)


main()
