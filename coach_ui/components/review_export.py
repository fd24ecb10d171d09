"""The list of reviews with scores and answers, to take away in a file. That somebody does is audited."""

from __future__ import annotations

import json
from collections.abc import Callable

import pandas as pd
import streamlit as st

from coach_ui.components.review_list import fields_of
from coach_ui.components.table_files import CSV, XLSX, csv_of, xlsx_of
from coach_ui.session import desk, now, user
from heyue.desk.review_queue import QueuePage
from heyue.names import name_of
from heyue.review.records import ListedReview, ReviewFilter
from heyue.review.scorecard import default_scorecard

JSONL = "application/x-ndjson"


def offer_files(wanted: ReviewFilter, page: QueuePage) -> None:
    """A button for each kind of file. The file is made when it is asked for; a list too long for one says so."""
    person = user()
    if not person.role.may("export"):
        return

    def lines(kind: str) -> list[ListedReview]:
        return desk().export_reviews(person, wanted, kind, now())

    kinds: dict[str, tuple[str, Callable[[], bytes]]] = {
        "xlsx": (XLSX, lambda: xlsx_of({"质检": table_of(lines("xlsx"))})),
        "csv": (CSV, lambda: csv_of(table_of(lines("csv")))),
        "jsonl": (JSONL, lambda: json_lines_of(lines("jsonl"))),
    }
    if page.is_more:
        st.caption(f"一个文件最多含列表最前的 {page.total:,} 条。其余的请用筛选（如按轮次、质检员、时段）分几次导出。")
    with st.container(horizontal=True):
        for kind, (mime, made) in kinds.items():
            st.download_button(
                f"导出 {kind.upper()}", made, f"heyue-reviews.{kind}", mime, icon=":material/download:",
                on_click="ignore",
            )  # fmt: skip


def table_of(lines: list[ListedReview]) -> pd.DataFrame:
    """One row a review: what the list shows, and the answer to each item."""
    items = {each.id: each.question for each in default_scorecard().items}
    rows = [
        {"会话编号": each.review.conversation_id, **fields_of(each)}
        | {
            question: name_of("verdict", each.verdicts[item]) if item in each.verdicts else ""
            for item, question in items.items()
        }
        for each in lines
    ]
    return pd.DataFrame(rows)


def json_lines_of(lines: list[ListedReview]) -> bytes:
    """One JSON object a review, with the identifiers of the contracts."""
    return "".join(json.dumps(_object(each), ensure_ascii=False) + "\n" for each in lines).encode()


def _object(line: ListedReview) -> dict[str, object]:
    review, here = line.review, line.talk.conversation
    return {
        "conversation": review.conversation_id, "case_id": here.case_id, "channel": here.channel,
        "handler": here.handler, "started_at": here.started_at.isoformat(), "round": review.round,
        "why": review.why, "state": review.state, "reviewer": review.reviewer,
        "saved_at": review.saved_at.isoformat() if review.saved_at else None,
        "scorecard": review.scorecard_version, "points": review.points, "vetoed": review.is_vetoed,
        "verdicts": dict(line.verdicts),
    }  # fmt: skip
