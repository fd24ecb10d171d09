"""What the figures tell, one view at a time. Each draws itself and gives back which contacts were asked for."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from coach_ui.components import contact_tables as tables
from coach_ui.components.figures import DUE, SPLITS, STEPS, counts, groups, split
from coach_ui.components.funnel import show_funnel, show_kept_by_week
from coach_ui.components.pick import pick
from heyue.insight.contact import OUTCOMES
from heyue.names import name_of

Chosen = tuple[str, pd.DataFrame] | None
COLUMN_OF = {name: step.column for step in STEPS for name in (step.name, step.rate)} | {DUE: "judged"}
FOR_COACHING = "机器的提示未经复核可能有误。按人的数字只用于辅导和改进，不作为考核或处罚的依据。"


def show_way(contacts: pd.DataFrame) -> Chosen:
    """From contact to kept promise, and the same split by what is asked for."""
    show_funnel(contacts)
    by = st.segmented_control("按什么拆分", list(SPLITS), default="week", format_func=SPLITS.__getitem__)
    by = by or "week"
    if by == "week":
        show_kept_by_week(contacts)
    found = dict(groups(contacts, by))

    def behind(row: str, column: str) -> pd.DataFrame:
        here = found[row]
        return here[here[COLUMN_OF[column]]] if column in COLUMN_OF else here

    return pick(split(contacts, by), SPLITS[by], f"way.{by}", behind)


def show_causes(contacts: pd.DataFrame) -> Chosen:
    """Why payments are late, and which types the borrowers are of."""
    reached = contacts[contacts["contacted"]]
    left, right = st.columns(2)
    with left:
        st.subheader("逾期原因")
        reason = _counted(reached, "reason")
    with right:
        st.subheader("借款人类型")
        debtor_type = _counted(reached, "debtor_type")
    return reason or debtor_type


def _counted(contacts: pd.DataFrame, by: str) -> Chosen:
    found = dict(groups(contacts, by))
    return pick(counts(contacts, by), SPLITS[by], f"causes.{by}", lambda row, _: found[row])


def show_reach(contacts: pd.DataFrame) -> Chosen:
    """Whom the contacts reached, by the hour in which they began."""
    st.caption("按联系开始的钟点看结果。本人容易接听的时段，就是下次联系的时段（08:00–22:00 以内）。")
    found = tables.by_hour(contacts)
    outcomes = {name_of("contact_outcome", each): each for each in OUTCOMES}

    def behind(row: str, column: str) -> pd.DataFrame:
        here = found[row]
        return here[here["outcome"] == outcomes[column]] if column in outcomes else here

    return pick(tables.reach(found), "时段", "reach", behind)


def show_complaints(contacts: pd.DataFrame) -> Chosen:
    """Complaints, opt-outs, and whatever else stops reminders."""
    st.caption("机器人会话里提出的投诉、退订，以及其他停止提醒的情形。")
    found = tables.by_mark(contacts)
    if not found:
        st.info("这段时间没有投诉，也没有退订。", icon=":material/sentiment_satisfied:")
        return None
    return pick(tables.stopped(found, contacts), "情形", "complaints", lambda row, _: found[row])


def show_breaks(contacts: pd.DataFrame, breaks: pd.DataFrame) -> Chosen:
    """Rules that were broken, by rule and by who spoke."""
    here = breaks[breaks["conversation_id"].isin(contacts["conversation_id"])]
    if here.empty:
        st.info("这段时间的会话里没有违规提示。", icon=":material/verified_user:")
        return None
    st.subheader("按规则")
    by_rule = _flagged(tables.breaks_by_rule(here), contacts, "规则")
    st.subheader("按催收员")
    st.caption(FOR_COACHING)
    by_handler = _flagged(tables.breaks_by_handler(here, contacts), contacts, "催收员")
    return by_rule or by_handler


def _flagged(found: tables.Groups, contacts: pd.DataFrame, first: str) -> Chosen:
    def behind(row: str, column: str) -> pd.DataFrame:
        flags = tables.with_verdict(found[row], column)
        return contacts[contacts["conversation_id"].isin(flags["conversation_id"])]

    return pick(tables.judged(found), first, f"breaks.{first}", behind)
