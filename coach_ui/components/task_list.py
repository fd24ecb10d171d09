"""What the bot has given to people, one block each: taken, looked into, done or given back."""

from __future__ import annotations

import streamlit as st

from coach_ui.components.campaign_list import attempt
from coach_ui.components.plain_text import plain
from coach_ui.components.sending import reason_words
from coach_ui.components.talk_panel import case_lines, show_promises
from coach_ui.navigation import entries
from coach_ui.refusals import in_chinese
from coach_ui.session import desk, now, user
from heyue.access.people import User
from heyue.desk.tasks import OpenTask
from heyue.desk.unsent import ANSWER
from heyue.errors import Refused
from heyue.names import name_of
from heyue.store.task_queries import HumanTask

SHOWN = 20
OPENED = "task.opened"


def show_tasks(tasks: list[HumanTask], people: list[User]) -> None:
    """One block a task, one's own first.

    Args:
        people: to whom the user may give a task.
    """
    if not tasks:
        st.info("没有需要人工跟进的案件。", icon=":material/task_alt:")
    for task in tasks[:SHOWN]:
        with st.container(border=True, key=f"task.{task.task_id}"):
            show_task(task, people)
    if len(tasks) > SHOWN:
        st.caption(f"还有 {len(tasks) - SHOWN} 个，处理完上面的再显示。")


def show_task(task: HumanTask, people: list[User]) -> None:
    """What is to be done, why, who does it, and what the user may do about it."""
    is_mine = task.assignee == user().login
    whose = ":green-badge[我的]" if is_mine else f":gray-badge[{plain(task.assignee)}]" if task.assignee else ":orange-badge[待领取]"
    st.markdown(f"**{plain(task.case_id)}**　{plain(task.borrower_name)}　{name_of('outreach_action', task.task)}　{task.at:%m-%d %H:%M}　{whose}")
    st.caption(reason_of(task))
    with st.container(horizontal=True):
        if not task.assignee and st.button("领取", key=f"take.{task.task_id}", type="primary", icon=":material/front_hand:"):
            attempt(lambda: desk().take_task(user(), task.task_id, now()), f"{task.case_id}：已领取。")
        if is_mine or user().role.may("assign"):
            _show_deeds(task)
        if people:
            _show_people(task, people)
    opened: OpenTask | None = st.session_state.get(OPENED)
    if opened and opened.task.task_id == task.task_id and (is_mine or user().role.may("assign")):
        _show_case(opened)


def reason_of(task: HumanTask) -> str:
    """Why a person has to look after it."""
    if task.task == ANSWER:
        return f"机器人的回答没有送达：{reason_words(task.why)}。借款人在等回复。"
    reason = desk().outreach_policy.reasons.get(task.why)
    return f"{reason.says}（{reason.rule}）" if reason else task.why


def _show_deeds(task: HumanTask) -> None:
    number = task.task_id
    if task.conversation_id and st.button("打开会话", key=f"talk.{number}", icon=":material/forum:"):
        st.session_state.pop(OPENED, None)
        st.switch_page(entries()["live"].file, query_params={"talk": task.conversation_id})
    if st.button("查看案件", key=f"case.{number}", icon=":material/folder_open:"):
        _open(number, is_masked=True)
    done = "已处理" if task.task == ANSWER else "已处理，人工继续"
    if st.button(done, key=f"mine.{number}", icon=":material/check:"):
        attempt(lambda: desk().finish_task(user(), number, False, now()), f"{task.case_id}：已处理。")
    if task.task != ANSWER and st.button("交回自动外联", key=f"back.{number}", icon=":material/smart_toy:"):
        attempt(lambda: desk().finish_task(user(), number, True, now()), f"{task.case_id}：已交回自动外联。")


def _show_people(task: HumanTask, people: list[User]) -> None:
    with st.popover("指派", icon=":material/person_add:"):
        chosen = st.selectbox("指派给", people, format_func=lambda each: f"{each.name}（{each.login}）", key=f"to.{task.task_id}")
        if st.button("确认指派", key=f"assign.{task.task_id}", type="primary"):
            deed = f"{task.case_id}：已指派给{chosen.name}。"
            attempt(lambda: desk().assign_task(user(), task.task_id, chosen.login, now()), deed)


def _open(number: int, is_masked: bool) -> None:
    """Look into the case of a task: audited now, not each time that the page is drawn."""
    try:
        st.session_state[OPENED] = desk().open_task(user(), number, now(), is_masked)
    except Refused as refusal:
        st.error(in_chinese(refusal), icon=":material/error:")
        return
    st.rerun()


def _show_case(opened: OpenTask) -> None:
    """The case of a task as it was when it was opened."""
    st.markdown(case_lines(opened.case, desk().policy.stage(opened.case.days_overdue(now().date())), now()))
    if opened.stops:
        st.warning("停止提醒：" + "、".join(name_of("stop", state) for state in opened.stops))
    show_promises(opened.promises)
    if opened.is_masked and user().role.may("unmask") and st.button(
        "显示个人信息", help="会记入审计", icon=":material/visibility:"
    ):  # fmt: skip
        _open(opened.task.task_id, is_masked=False)
