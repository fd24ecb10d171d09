"""A new campaign: what is to be written, to whom; looked at before it is kept."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from coach_ui.components.outreach_plan import show_plan
from coach_ui.refusals import in_chinese
from coach_ui.session import desk, now, user
from heyue.desk.outreach import Wanted
from heyue.errors import Refused
from heyue.names import name_of, names_of

DONE = "campaigns.done"
ALL_CREDITORS = "全部机构"
IMAGINED = frozenset({"sms", "wechat"})  # for a preview where no channel is configured
USUAL_PURPOSES, USUAL_STAGES = ("reminder", "promise"), ("early", "middle", "late", "handover")


def show_new() -> None:
    """The form, and below it what it would do."""
    with st.expander("新建计划", icon=":material/add:"):
        with st.form("campaign", border=False):
            name = st.text_input("名称", max_chars=60, placeholder="例如：十一月早期提醒")
            wanted = _wanted()
            look, keep = st.columns(2)
            is_looked_at = look.form_submit_button("预览", icon=":material/visibility:", width="stretch")
            is_kept = keep.form_submit_button("保存计划", type="primary", icon=":material/save:", width="stretch")
        if is_looked_at:
            preview(wanted)
        if is_kept:
            _keep(name, wanted)


def _wanted() -> Wanted:
    """What is to be written, and to whom."""
    purposes = st.pills(
        "发什么", list(names_of("purpose")), selection_mode="multi", default=USUAL_PURPOSES,
        format_func=lambda each: name_of("purpose", each),
    )  # fmt: skip
    stages = st.pills(
        "哪些阶段", list(names_of("stage")), selection_mode="multi", default=USUAL_STAGES,
        format_func=lambda each: name_of("stage", each),
    )  # fmt: skip
    creditor = st.selectbox("机构", [ALL_CREDITORS, *desk().creditors(user())])
    return Wanted(frozenset(purposes), frozenset(stages), None if creditor == ALL_CREDITORS else creditor)


def preview(wanted: Wanted) -> None:
    """Who would get what now; nothing is written."""
    as_if = frozenset() if desk().pushing else IMAGINED
    with st.spinner("正在预览…"):
        steps = desk().preview(user(), replace(wanted, as_if=as_if), now())
    how = "按已配置短信和微信预览" if as_if else "预览"
    st.caption(f"{how}逾期最久的 {len(steps)} 个案件；时间和内容以发送时的合规检查为准。")
    show_plan(steps)


def _keep(name: str, wanted: Wanted) -> None:
    try:
        desk().add_campaign(user(), name, wanted.purposes, wanted.stages, wanted.creditor, now())
    except Refused as refusal:
        st.error(in_chinese(refusal), icon=":material/error:")
        return
    st.session_state[DONE] = f"已保存：{name.strip()}。启动后才会发送。"
    st.rerun()
