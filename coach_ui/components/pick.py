"""A table whose numbers are chosen by a click or with the arrow keys; the contacts behind the chosen one come back."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd
import streamlit as st

Behind = Callable[[str, str], pd.DataFrame]  # of the name of a row and of a column


def pick(table: pd.DataFrame, first: str, key: str, behind: Behind) -> tuple[str, pd.DataFrame] | None:
    """Draw the table. What was chosen in it, in words, with its contacts; None while nothing is.

    Args:
        first: what the names of the rows are.
    """
    shown = table.rename_axis(first).reset_index()
    event = st.dataframe(
        shown, height="content", hide_index=True, on_select="rerun", selection_mode="single-cell", key=key
    )
    cells = event.selection.cells
    if not cells or cells[0][0] >= len(table):  # other filters may have left fewer rows
        return None
    row, column = table.index[cells[0][0]], cells[0][1]
    what = row if column == first else f"{row} · {column}"
    return what, behind(row, column)
