"""Figures and the contacts behind them, to take away in a file. That somebody does is audited."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

import pandas as pd
import streamlit as st

from coach_ui.components.contact_list import columns
from coach_ui.components.figures import SPLITS, split
from coach_ui.components.table_files import CSV, XLSX, csv_of, xlsx_of
from coach_ui.session import desk, now, user

DETAILS = "会话"


def offer_files(
    contacts: pd.DataFrame, since: datetime, until: datetime, first: Mapping[str, pd.DataFrame] | None = None
) -> None:
    """Two buttons: a workbook with every split, and the contacts as CSV. The files are made when they are asked for.

    Args:
        first: sheets that stand before the others, by their names.
    """
    person = user()
    if not person.role.may("export"):
        return
    last = until - timedelta(days=1)
    name = f"heyue-{since:%Y%m%d}-{last:%Y%m%d}"

    def workbook() -> bytes:
        desk().note_export(person, f"{name}.xlsx", len(contacts), now())
        return xlsx_of({**(first or {}), **tables_of(contacts)})

    def text() -> bytes:
        desk().note_export(person, f"{name}.csv", len(contacts), now())
        return csv_of(details_of(contacts))

    with st.container(horizontal=True):
        st.download_button(
            "导出 XLSX", workbook, f"{name}.xlsx", XLSX, icon=":material/download:", on_click="ignore"
        )
        st.download_button(
            "导出 CSV", text, f"{name}.csv", CSV, icon=":material/download:", on_click="ignore"
        )


def details_of(contacts: pd.DataFrame) -> pd.DataFrame:
    """One line a contact; no personal data of borrowers."""
    return pd.DataFrame({"会话编号": list(contacts["conversation_id"])} | columns(contacts))


def tables_of(contacts: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """The sheets of the workbook: each split, and the contacts."""
    splits = {f"按{name}": split(contacts, by).rename_axis(name).reset_index() for by, name in SPLITS.items()}
    return splits | {DETAILS: details_of(contacts)}
