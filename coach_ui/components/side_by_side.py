"""What several reviewers answered, side by side, where they differ said in words."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd
import streamlit as st

from coach_ui.components.plain_text import plain
from coach_ui.components.review_words import points_of, question_of, verdict_name
from heyue.conduct.rules import rules
from heyue.desk.review_work import OtherReview
from heyue.names import name_of
from heyue.review.scorecard import Scorecard
from heyue.review.work import judgements

ITEM, ALIKE = "项目", "是否一致"
SAME, UNLIKE = "一致", "≠ 不一致"


def show_judgements(card: Scorecard, said: Mapping[str, Mapping[str, str]], key: str) -> None:
    """A table of the answers, one column a reviewer.

    Args:
        said: by the reviewer's name on the screen, the answer to each item.
    """
    only = st.toggle("只看不一致的", True, key=f"unlike:{key}")
    table = compared(card, said)
    shown = table[table[ALIKE] == UNLIKE] if only else table
    if shown.empty:
        st.info("全部一致。", icon=":material/done_all:")
    else:
        st.table(shown.set_index(ITEM), border="horizontal")


def compared(card: Scorecard, said: Mapping[str, Mapping[str, str]]) -> pd.DataFrame:
    """The answers as rows in the order of the card, and whether all are alike."""
    items = dict.fromkeys(
        [*(each.id for each in card.items), *(item for each in said.values() for item in each)]
    )
    rows = []
    for item in items:
        given = {name: each[item] for name, each in said.items() if item in each}
        if not given:
            continue
        words = {name: verdict_name(item, given[name]) if name in given else "—" for name in said}
        alike = SAME if len(set(given.values())) == 1 and len(given) == len(said) else UNLIKE
        rows.append({ITEM: question_of(card, item), **words, ALIKE: alike})
    return pd.DataFrame(rows, columns=[ITEM, *said, ALIKE])


def show_others(card: Scorecard, others: list[OtherReview]) -> None:
    """The other reviews of a talk, side by side, with what each remarked."""
    names = {name_of("review_round", each.review.round): each for each in others}
    show_judgements(
        card,
        {
            name: {item: said or "none" for item, said in judgements(each.work).items()}
            for name, each in names.items()
        },
        "others",
    )
    for name, each in names.items():
        with st.expander(f"{name}：{points_of(each.review)}"):
            broken = [
                f"第{flag.turn + 1}句 {rules()[flag.rule].name}"
                for flag in each.work.verdicts
                if flag.is_confirmed
            ]
            st.markdown("违规：" + ("；".join(broken) or "没有"))
            for turn, text in each.work.comments.items():
                st.markdown(f"- 第{turn + 1}句：{plain(text)}")
            if each.work.note:
                st.markdown(f"总评：{plain(each.work.note)}")
