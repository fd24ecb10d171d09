"""待办: what the bot has given to people. Who does it takes it, looks into the case, and finishes it or gives it back."""

from __future__ import annotations

import streamlit as st

from coach_ui.components.campaign_form import DONE
from coach_ui.components.task_list import show_tasks
from coach_ui.session import desk, user


def main() -> None:
    """Draw the page."""
    st.title("待办")
    if done := st.session_state.pop(DONE, None):
        st.success(done, icon=":material/check_circle:")
    st.caption("机器人不再联系这些案件，等人接手。自己的排在前面；领取后可以查看案件，处理完再标记。")
    show_tasks(desk().tasks(user()), desk().task_takers(user()) if user().role.may("assign") else [])


main()
