"""The contacts behind a figure, fifty a page, each with the way to its transcript."""

from __future__ import annotations

from math import ceil

import pandas as pd
import streamlit as st

from coach_ui.components.figures import label_of
from heyue.names import name_of

PAGE_ROWS = 50
OPEN = "打开"


def show_contacts(contacts: pd.DataFrame, what: str) -> None:
    """List the contacts. `what`: of which figure they are."""
    st.subheader(f"{what}：{len(contacts)} 次联系")
    if contacts.empty:
        st.info("没有这样的会话。换一个数字，或者放宽上面的筛选。", icon=":material/search_off:")
        return
    pages = ceil(len(contacts) / PAGE_ROWS)
    page = st.selectbox(
        "第几页", range(pages), format_func=lambda number: f"第 {number + 1} 页，共 {pages} 页"
    )
    rows = contacts.iloc[page * PAGE_ROWS : (page + 1) * PAGE_ROWS]
    st.dataframe(
        listed(rows),
        hide_index=True,
        column_config={OPEN: st.column_config.LinkColumn(OPEN, display_text="查看会话")},
    )


def listed(rows: pd.DataFrame) -> pd.DataFrame:
    """The rows as a person reads them; no personal data stands in them."""
    return pd.DataFrame({OPEN: [link_of(each) for each in rows["conversation_id"]]} | columns(rows))


def link_of(conversation_id: str) -> str:
    """The address of the transcript."""
    return f"talk?talk={conversation_id}"


def columns(rows: pd.DataFrame) -> dict[str, list[str]]:
    """What a list or a file tells of each contact."""
    return {
        "时间": [f"{each:%Y-%m-%d %H:%M}" for each in rows["started_at"]],
        "渠道": _labels(rows, "channel"),
        "接待": list(rows["handler"]),
        "结果": [name_of("contact_outcome", each) for each in rows["outcome"]],
        "承诺": [name_of("promise_state", each) if isinstance(each, str) else "" for each in rows["promise"]],
        "逾期阶段": _labels(rows, "stage"),
        "借款人类型": _labels(rows, "debtor_type"),
        "处境": [name_of("situation", each if isinstance(each, str) else None) for each in rows["situation"]],
        "原因": _labels(rows, "reason"),
        "最高紧张度": ["" if pd.isna(each) else f"{each:.2f}" for each in rows["peak_tension"]],
        "停止提醒": ["、".join(name_of("stop", each) for each in marks) for marks in rows["marks"]],
    }


def _labels(rows: pd.DataFrame, by: str) -> list[str]:
    return [label_of(by, each if isinstance(each, str) else None) for each in rows[by]]
