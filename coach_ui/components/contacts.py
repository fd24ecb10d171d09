"""The contacts of a span of time as a table to count in: one row a contact, kept for a minute."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import pandas as pd
import streamlit as st

from coach_ui.session import desk, now
from heyue.access.people import User
from heyue.insight.breaks import RuleBreak
from heyue.insight.contact import NO_ANSWER, RIGHT_PARTY, ContactFact

FRESH_SECONDS = 60
KEPT = "kept"
JUDGED = (KEPT, "partly_kept", "broken")  # states of promises whose time is over
BOT, NOT_NAMED = "机器人", "（未署名）"


def contacts_between(user: User, since: datetime, until: datetime) -> pd.DataFrame:
    """The contacts that began then, the latest first; see `table_of` for the columns. Not to be changed."""
    return _contacts(user.role.key, user, since, until)


def breaks_between(user: User, since: datetime, until: datetime) -> pd.DataFrame:
    """The rules broken in them: conversation_id, turn, rule, is_confirmed. Not to be changed."""
    return _breaks(user.role.key, user, since, until)


@st.cache_resource(ttl=FRESH_SECONDS, max_entries=6, show_spinner="正在统计…")
def _contacts(role: str, _user: User, since: datetime, until: datetime) -> pd.DataFrame:
    return table_of(desk().contact_facts(_user, since, until, now()))


@st.cache_resource(ttl=FRESH_SECONDS, max_entries=6, show_spinner="正在统计…")
def _breaks(role: str, _user: User, since: datetime, until: datetime) -> pd.DataFrame:
    return pd.DataFrame(desk().rule_breaks(_user, since, until), columns=list(RuleBreak._fields))


def table_of(facts: Sequence[ContactFact]) -> pd.DataFrame:
    """The facts, with what is counted as columns of truth values the hour and the week (its
    Monday) of the contact, and the week of the promise's last day.

    Times are those of Asia/Shanghai, without their zone.
    """
    table = pd.DataFrame.from_records(facts, columns=ContactFact._fields)
    began = pd.to_datetime([each.started_at.replace(tzinfo=None) for each in facts])
    return table.assign(
        started_at=began,
        hour=began.hour,
        week=mondays(began),
        due_week=mondays(pd.DatetimeIndex(table["promise_end"])),
        handler=table["handler"].where(table["handler"].notna(), table["led_by"].map({"bot": BOT, "human": NOT_NAMED})),
        contacted=table["outcome"] != NO_ANSWER,
        verified=table["outcome"] == RIGHT_PARTY,
        promised=table["promise"].notna(),
        judged=table["promise"].isin(JUDGED),
        kept=table["promise"] == KEPT,
    ).sort_values("started_at", ascending=False, ignore_index=True)  # fmt: skip


def mondays(moments: pd.DatetimeIndex) -> pd.DatetimeIndex:
    """The Monday of the week of each moment."""
    days = moments.normalize()
    return days - pd.to_timedelta(days.dayofweek, unit="D")
