"""What a person reads when a page fails, and what the log keeps of it: the same number."""

from __future__ import annotations

import streamlit as st
import structlog

from heyue.watch import trace
from heyue.watch.metrics import PAGE_FAILURES

log = structlog.get_logger("coach_ui")
NUMBER_LENGTH = 6


def show(error: Exception) -> None:
    """Say that this page, or this part of it, failed; its number is the beginning of the request's id."""
    number = (trace.current() or trace.begin())[:NUMBER_LENGTH]
    PAGE_FAILURES.inc()
    log.error("coach.page_failed", number=number, exc_info=error)
    st.error(f"这一页出错了。请把编号 {number} 告诉系统管理员，您可以先用其他页面。", icon=":material/error:")
