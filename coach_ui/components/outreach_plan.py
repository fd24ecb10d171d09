"""A plan of outreach on the screen: who gets what and when, and who does not and why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import pandas as pd
import streamlit as st

from heyue.desk.outreach import PlannedStep
from heyue.names import channel_name, name_of, names_of

BEFORE = "未到期"


def show_plan(steps: Sequence[PlannedStep]) -> None:
    """The counts, then a line for each case."""
    if not steps:
        st.info("没有符合条件的案件。", icon=":material/inbox:")
        return
    counts = Counter(step.action for step in steps)
    shown = [action for action in names_of("outreach_action") if counts[action]]
    for action, place in zip(shown, st.columns(len(shown)), strict=True):
        place.metric(name_of("outreach_action", action), counts[action])
    if segments := sum(step.segments or 0 for step in steps):
        st.caption(f"短信共计费 {segments} 条（每条 70 字，超出后每 67 字一条，含签名）。")
    st.dataframe(rows_of(steps), hide_index=True, width="stretch", row_height=44)


def rows_of(steps: Sequence[PlannedStep]) -> pd.DataFrame:
    """The plan as a person reads it; names are masked, addresses are not in it."""
    return pd.DataFrame(
        [
            {
                "案件": step.case_id, "借款人": step.person, "阶段": stage_of(step), "做什么": deed_of(step),
                "渠道": channel_name(step.channel, step.segments), "时间": when(step),
                "内容或原因": why(step),
            }
            for step in steps
        ]
    )  # fmt: skip


def stage_of(step: PlannedStep) -> str:
    """How long it is overdue."""
    return BEFORE if step.days_overdue <= 0 else f"逾期{step.days_overdue}天"


def deed_of(step: PlannedStep) -> str:
    """What is done."""
    deed = name_of("outreach_action", step.action)
    return f"{deed}：{name_of('message_kind', step.kind)}" if step.kind else deed


def when(step: PlannedStep) -> str:
    """When it is sent, or from when it may change."""
    if step.not_before:
        return f"{step.not_before:%m-%d %H:%M}"
    return f"{step.until:%m-%d} 起再看" if step.until else ""


def why(step: PlannedStep) -> str:
    """The words of the message, or the reasons against it with their rules."""
    if step.message:
        return step.message.text.replace("\n", " ")
    return "；".join(f"{says}（{rule}）" for rule, says in step.why)
