"""What outreach has given to people: cases to follow up, contact data to check."""

from __future__ import annotations

import streamlit as st

from coach_ui.components.campaign_list import attempt
from coach_ui.components.plain_text import plain
from coach_ui.session import desk, now, user
from heyue.names import name_of
from heyue.store.outreach_queries import HumanTask

SHOWN = 20


def show_tasks(tasks: list[HumanTask]) -> None:
    """One line a case, the oldest first."""
    if not tasks:
        st.info("没有需要人工跟进的案件。", icon=":material/task_alt:")
        return
    st.caption("机器人不再联系这些案件。处理后可以交回自动外联，或留给人工继续跟进。")
    reasons = desk().outreach_policy.reasons
    for task in tasks[:SHOWN]:
        with st.container(border=True, key=f"task.{task.task_id}"):
            reason = reasons.get(task.why)
            says = f"{reason.says}（{reason.rule}）" if reason else task.why
            st.markdown(f"**{plain(task.case_id)}**　{plain(task.borrower_name)}　{name_of('outreach_action', task.task)}　{task.at:%m-%d %H:%M}")
            st.caption(says)
            show_buttons(task)
    if len(tasks) > SHOWN:
        st.caption(f"还有 {len(tasks) - SHOWN} 个，处理完上面的再显示。")


def show_buttons(task: HumanTask) -> None:
    """Done, by a person or by the bot from here."""
    mine, back = st.columns(2)
    if mine.button("已处理，人工继续", key=f"mine.{task.task_id}", width="stretch"):
        attempt(lambda: desk().finish_task(user(), task.task_id, False, now()), f"{task.case_id}：已处理，由人工继续。")
    if back.button("交回自动外联", key=f"back.{task.task_id}", width="stretch"):
        attempt(lambda: desk().finish_task(user(), task.task_id, True, now()), f"{task.case_id}：已交回自动外联。")
