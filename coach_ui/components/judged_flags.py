"""Flags that were rejected, or that only a reviewer saw, each with the way to its review."""

from __future__ import annotations

from math import ceil

import pandas as pd
import streamlit as st

from heyue.conduct.rules import rules
from heyue.review.records import JudgedFlag

PAGE_ROWS = 50
ANY = "全部"


def show_judged(flags: list[JudgedFlag], key: str, empty: str) -> None:
    """List the flags of one rule or of all, the latest first, fifty a page. `empty`: what is said where there are none."""
    if not flags:
        st.info(empty, icon=":material/inbox:")
        return
    named = sorted({each.rule for each in flags})
    rule, place = st.columns(2)
    chosen = rule.selectbox(
        "规则",
        [None, *named],
        format_func=lambda each: rules()[each].name if each else ANY,
        key=f"judged.rule:{key}",
    )
    shown = [each for each in reversed(flags) if chosen in (None, each.rule)]
    pages = ceil(len(shown) / PAGE_ROWS)
    page = place.selectbox(
        "第几页",
        range(pages),
        format_func=lambda each: f"第 {each + 1} 页，共 {pages} 页",
        key=f"judged.page:{key}:{chosen}",
    )
    rows = shown[page * PAGE_ROWS : (page + 1) * PAGE_ROWS]
    st.dataframe(
        pd.DataFrame(
            {
                "打开": [f"review_talk?review={each.review_id}" for each in rows],
                "规则": [rules()[each.rule].name for each in rows],
                "哪一句": [f"第{each.turn + 1}句" for each in rows],
                "会话编号": [each.conversation_id for each in rows],
            }
        ),
        hide_index=True,
        column_config={"打开": st.column_config.LinkColumn("打开", display_text="查看点评")},
        key=f"judged.list:{key}",
    )
