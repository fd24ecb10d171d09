"""Audit: who did what, when."""

from __future__ import annotations

import json
from datetime import date, datetime, time, timedelta
from functools import cache
from pathlib import Path

import streamlit as st
import yaml

from coach_ui import session
from heyue.access.audit import AuditEvent, AuditFilter
from heyue.settings import ZONE

PLACES = "audit.places"  # after which the pages on the way to this one begin


def main() -> None:
    """Filters, one page of the log, and the way to older pages."""
    reader = session.user()
    st.title("审计")
    wanted = filters()
    places = st.session_state.setdefault(PLACES, [])
    found = session.desk().audit_trail(reader, wanted, places[-1] if places else None)
    if found.events:
        st.table(rows(found.events), border="horizontal")
    else:
        st.info("没有符合条件的记录。", icon=":material/info:")
    newer, here, older = st.columns([1, 1, 1])
    newer.button("较新", disabled=not places, on_click=places.pop if places else None, width="stretch")
    here.markdown(f"第 {len(places) + 1} 页", text_alignment="center")
    older.button("较早", disabled=found.older is None, on_click=places.append, args=(found.older,), width="stretch")


def filters() -> AuditFilter:
    """What of the log is asked for. A new filter begins at the first page."""
    who, what, which, since, until = st.columns(5)
    actor = who.text_input("操作人", on_change=first_page, max_chars=64)
    event = what.selectbox(
        "事件",
        [None, *names()],
        format_func=lambda each: names()[each] if each else "全部",
        on_change=first_page,
    )
    case_id = which.text_input("案件号", on_change=first_page, max_chars=64)
    first = since.date_input("从", None, on_change=first_page, format="YYYY-MM-DD")
    last = until.date_input("到", None, on_change=first_page, format="YYYY-MM-DD")
    return AuditFilter(
        actor.strip() or None, event, case_id.strip() or None, midnight(first),
        midnight(last + timedelta(days=1)) if last else None,
    )  # fmt: skip


def rows(events: list[AuditEvent]) -> dict[str, list[str]]:
    """The log as a table."""
    return {
        "时间": [f"{each.at:%Y-%m-%d %H:%M:%S}" for each in events],
        "操作人": [each.actor for each in events],
        "事件": [names().get(each.event, each.event) for each in events],
        "案件": [each.case_id or "" for each in events],
        "会话": [each.conversation_id or "" for each in events],
        "详情": [json.dumps(each.details, ensure_ascii=False) if each.details else "" for each in events],
    }


def midnight(day: date | None) -> datetime | None:
    """The beginning of a day."""
    return datetime.combine(day, time(), ZONE) if day else None


def first_page() -> None:
    st.session_state[PLACES] = []


@cache
def names() -> dict[str, str]:
    """What the events are called."""
    found: dict[str, str] = yaml.safe_load(
        (Path(__file__).parents[1] / "audit_events.yml").read_text(encoding="utf-8")
    )
    return found


main()
