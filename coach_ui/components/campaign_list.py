"""The campaigns: how far each is, what came of it, and what may be done with it."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from coach_ui.components.campaign_form import DONE, preview
from coach_ui.components.plain_text import plain
from coach_ui.refusals import in_chinese
from coach_ui.session import desk, now, user
from heyue.desk.campaign_outcomes import CampaignLine
from heyue.desk.campaigns import wanted_of
from heyue.errors import Refused
from heyue.money import spoken_yuan
from heyue.names import name_of, names_of
from heyue.store.campaign_queries import Campaign

COLOURS = {"draft": "gray", "running": "green", "paused": "orange", "ended": "gray"}
OUTCOMES = {
    "reached": ("触达", "收到至少一条消息的案件"), "answered": ("回复", "收到消息后，借款人说了话的案件"),
    "promised": ("承诺", "收到消息后，登记了还款承诺的案件"), "paid": ("还款", "收到消息后，有还款入账的案件"),
}  # fmt: skip


def show_campaigns(lines: list[CampaignLine]) -> None:
    """One block a campaign."""
    if not lines:
        st.info("还没有外联计划。在上面新建一个，先预览，再保存和启动。", icon=":material/inbox:")
    for line in lines:
        with st.container(border=True, key=f"campaign.{line.campaign.campaign_id}"):
            show_campaign(line)


def show_campaign(line: CampaignLine) -> None:
    """What it is, how far it is, what came of it."""
    campaign = line.campaign
    state = f":{COLOURS[campaign.state]}-badge[{name_of('campaign_state', campaign.state)}]"
    st.markdown(f"**{plain(campaign.name)}**　{state}")
    st.caption(about(campaign))
    show_outcome(line)
    show_buttons(campaign)


def about(campaign: Campaign) -> str:
    """What it writes and to whom."""
    purposes = "、".join(name for key, name in names_of("purpose").items() if key in campaign.purposes)
    stages = "、".join(name for key, name in names_of("stage").items() if key in campaign.stages)
    who = plain(campaign.creditor) if campaign.creditor else "全部机构"
    began = f"　{campaign.started_at:%m-%d %H:%M} 启动" if campaign.started_at else ""
    return f"{purposes}　·　{stages}　·　{who}　·　{campaign.created_by} 于 {campaign.created_at:%m-%d} 新建{began}"


def show_outcome(line: CampaignLine) -> None:
    """Messages by where they stand, and what borrowers did."""
    states = line.outcome.states
    if line.is_waiting:
        st.caption("消息较多，正在统计，几分钟后刷新可见。")
    if not states:
        return
    progress = "　".join(f"{name} {states[key]}" for key, name in names_of("message_state").items() if states[key])
    st.markdown(f"进度：共 {sum(states.values())} 条　{progress}")
    for (key, (name, about_it)), place in zip(OUTCOMES.items(), st.columns(len(OUTCOMES)), strict=True):
        place.metric(name, getattr(line.outcome, key), help=about_it)
    if line.outcome.paid_fen:
        st.caption(f"共入账 {spoken_yuan(line.outcome.paid_fen)}")
    if line.counted_at:
        st.caption(f"统计截至 {line.counted_at:%m-%d %H:%M}")


def show_buttons(campaign: Campaign) -> None:
    """Preview, start, pause, end: what is possible now."""
    number, (look, go, end) = campaign.campaign_id, st.columns(3)
    if campaign.state != "ended" and look.button("预览", key=f"look.{number}", icon=":material/visibility:", width="stretch"):
        preview(wanted_of(campaign))
    if campaign.state in ("draft", "paused"):
        label = "启动" if campaign.state == "draft" else "继续"
        if go.button(label, key=f"start.{number}", type="primary", icon=":material/play_arrow:", width="stretch"):
            attempt(lambda: desk().start_campaign(user(), number, now()), f"{campaign.name}：已启动，将在允许的时段内发送。")
    if campaign.state == "running" and go.button("暂停", key=f"pause.{number}", icon=":material/pause:", width="stretch"):
        attempt(lambda: desk().pause_campaign(user(), number, now()), f"{campaign.name}：已暂停，待发送的消息不再发出。")
    if campaign.state != "ended" and end.button("结束", key=f"end.{number}", icon=":material/stop:", width="stretch"):
        _end(campaign)


@st.dialog("结束计划")
def _end(campaign: Campaign) -> None:
    """Ask once more: an ended campaign does not start again."""
    st.write("结束后不能再启动，待发送的消息不再发出。")
    if st.button("确认结束", type="primary"):
        attempt(lambda: desk().end_campaign(user(), campaign.campaign_id, now()), f"{campaign.name}：已结束。")


def attempt(deed: Callable[[], object], done: str) -> None:
    """Do it and draw the page anew, or say why it cannot be."""
    try:
        deed()
    except Refused as refusal:
        st.error(in_chinese(refusal), icon=":material/error:")
        return
    st.session_state[DONE] = done
    st.rerun()
