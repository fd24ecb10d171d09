"""How far first and second reviews agree beyond chance, item by item."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd
import streamlit as st

from coach_ui.components.review_words import question_of
from heyue.review.agreement import Agreement
from heyue.review.scorecard import default_scorecard

FEWEST = 10  # double reviews below which a coefficient says little


def show_agreement(count: int, found: Mapping[str, Agreement]) -> None:
    """Draw the table, the items that agree least first."""
    if not count:
        st.info("还没有两人都评完的会话。抽中双评的会话评完后，这里显示一致性。", icon=":material/inbox:")
        return
    st.caption(
        f"根据最近 {count} 段两人盲评的会话。κ（Cohen）和 α（Krippendorff）：1 为完全一致，0 相当于随机。"
        + (f"不足 {FEWEST} 段，数字仅供参考。" if count < FEWEST else "")
    )
    card = default_scorecard()
    ordered = sorted(found.items(), key=lambda each: each[1].alike if each[1].alike is not None else 2)
    rows = [
        {
            "项目": question_of(card, item), "会话": str(each.units), "相同": _share(each.alike), "κ": _number(each.kappa),
            "α": _number(each.alpha),
        }
        for item, each in ordered
    ]  # fmt: skip
    st.table(pd.DataFrame(rows).set_index("项目"), border="horizontal")
    st.caption("“—”：所有人给出同一个答案或会话太少，系数没有定义。")


def _share(value: float | None) -> str:
    return "—" if value is None else f"{value:.0%}"


def _number(value: float | None) -> str:
    return "—" if value is None else f"{value:.2f}"
