"""外联计划: plan, preview, start and pause reminders; how far they are and what came of them."""

from __future__ import annotations

import streamlit as st

from coach_ui.components.campaign_form import DONE, show_new
from coach_ui.components.campaign_list import show_campaigns
from coach_ui.components.template_table import show_templates
from coach_ui.session import desk, user


def main() -> None:
    """Draw the page."""
    st.title("外联计划")
    if done := st.session_state.pop(DONE, None):
        st.success(done, icon=":material/check_circle:")
    if not desk().pushing:
        st.warning("还没有配置短信或微信的发送服务：可以计划和预览，启动后也不会发送。", icon=":material/cloud_off:")
    st.caption("提醒和承诺跟进只在已启动的计划里进行（或由运维执行 heyue remind），否则机器人不会主动联系任何人。承诺跟进要在“发什么”里选上。")
    plans, words = st.tabs(["计划", "消息模板"])
    with plans:
        show_new()
        show_campaigns(desk().campaigns(user()))
    with words:
        show_templates()


main()
