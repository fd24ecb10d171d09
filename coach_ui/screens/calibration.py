"""校准: several reviewers judge one talk blind, then compare; and how far first and second reviews agree."""

from __future__ import annotations

import streamlit as st

from coach_ui.components.agreement_table import show_agreement
from coach_ui.components.calibration_form import choose_calibration, show_new
from coach_ui.components.calibration_result import show_calibration
from coach_ui.session import desk, user
from heyue.errors import UnknownConversation

NEW = "new"


def main() -> None:
    """Draw the page."""
    st.title("校准")
    together, twice = st.tabs(["校准会", "双人复评一致性"])
    with together:
        draw_calibrations()
    with twice:
        show_agreement(*desk().double_review_agreement(user()))


def draw_calibrations() -> None:
    """Begin one, choose one, compare."""
    if user().role.may("assign"):
        show_new(st.query_params.get(NEW, ""))
    conversation_id = choose_calibration(desk().calibrations(user()))
    if conversation_id is None:
        return
    try:
        found = desk().calibration(user(), conversation_id)
    except UnknownConversation:
        st.warning("没有这次校准，或者您没有参加。", icon=":material/search_off:")
        return
    show_calibration(found)


main()
