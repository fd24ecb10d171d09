"""周报: one week on a page that prints well: figures, what changed, and the talks to look at."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pandas as pd
import streamlit as st

from coach_ui.components import contact_tables as tables
from coach_ui.components.contact_list import link_of
from coach_ui.components.contacts import breaks_between, contacts_between
from coach_ui.components.export import offer_files
from coach_ui.components.figures import SPLITS, STEPS, counts, split, way
from coach_ui.components.plain_text import plain
from coach_ui.components.views import FOR_COACHING
from coach_ui.components.week_report import compared, in_week, points_of, shares_of
from coach_ui.session import desk, now, user
from heyue.insight.figures import Week, midnight
from heyue.names import name_of

PRINT = Path(__file__).parents[1] / "components/print.css"
WEEKS_BACK = 26
WEEKS_OF_PROMISES = (
    6  # before the week: in which the promises were made that came due in it or the week before
)
SHOWN_SPLITS = ("channel", "stage", "led_by")


def main() -> None:
    """Draw the page."""
    st.html(PRINT)
    week = choose_week()
    st.title(f"周报　{week.name}")
    since, until = week.bounds
    contacts = contacts_between(user(), midnight(week.monday - timedelta(weeks=WEEKS_OF_PROMISES)), until)
    breaks = breaks_between(user(), week.before.bounds[0], until)
    here = in_week(contacts, week)
    if here.empty:
        st.info("这一周没有会话。请在上面换一周。", icon=":material/event_busy:")
        return
    this, before = shares_of(contacts, breaks, week), shares_of(contacts, breaks, week.before)
    comparison = compared(this, before)
    show_summary(points_of(this, before), comparison)
    show_talks(week)
    show_way(here)
    show_details(here, breaks)
    st.caption(f"统计时间 {now():%Y-%m-%d %H:%M}。" + "".join(f"{step.rate}：{step.help}" for step in STEPS))
    with st.container(key="on_screen_files"):
        offer_files(here, since, until, {"本周与上周": named(comparison, "指标")})


def choose_week() -> Week:
    """Ask for the week; the last whole one comes first."""
    this = Week.of(now().date())
    weeks = [this]
    while len(weeks) < WEEKS_BACK:
        weeks.append(weeks[-1].before)
    with st.container(key="on_screen"):
        chosen: Week = st.selectbox("哪一周", weeks, 1, format_func=lambda week: week.name)
        st.caption("用浏览器的打印（Ctrl+P 或 ⌘P）可以打印，或存成 PDF。")
    return chosen


def show_summary(points: list[str], comparison: pd.DataFrame) -> None:
    """What matters, and both weeks side by side."""
    st.subheader("要点")
    st.markdown("\n".join(f"- {each}" for each in points))
    st.subheader("与上周相比")
    table(comparison, "指标")


def show_talks(week: Week) -> None:
    """The five talks to look at."""
    st.subheader("值得一看的会话")
    found = desk().talks_to_look_at(user(), *week.bounds, now())
    if not found:
        st.caption("这一周没有特别需要看的会话。")
    for fact, cause in found:
        speaker = fact.handler or name_of("led_by", fact.led_by)
        st.markdown(
            f"- **{name_of('look_cause', cause)}**　{fact.started_at:%m-%d %H:%M}　{name_of('channel', fact.channel)}"
            f"　{plain(speaker)}　[查看会话]({link_of(fact.conversation_id)})"
        )


def show_way(here: pd.DataFrame) -> None:
    """From contact to kept promise, as a whole and split."""
    with st.container(key="next_sheet"):
        st.subheader("本周的联系：从触达到兑现")
        table(pd.DataFrame([way(here)], index=["合计"]), "全部")
        for by in SHOWN_SPLITS:
            table(split(here, by), SPLITS[by])


def show_details(here: pd.DataFrame, breaks: pd.DataFrame) -> None:
    """Reasons, types, hours, what stopped reminders, rules."""
    reached = here[here["contacted"]]
    left, right = st.columns(2)
    with left:
        st.subheader("逾期原因")
        table(counts(reached, "reason"), SPLITS["reason"])
    with right:
        st.subheader("借款人类型")
        table(counts(reached, "debtor_type"), SPLITS["debtor_type"])
    st.subheader("各时段的结果")
    table(tables.reach(tables.by_hour(here)), "时段")
    st.subheader("投诉、退订与停止提醒")
    table(tables.stopped(tables.by_mark(here), here), "情形")
    st.subheader("违规提示")
    st.caption(FOR_COACHING)
    flags = breaks[breaks["conversation_id"].isin(here["conversation_id"])]
    table(tables.judged(tables.breaks_by_rule(flags)), "规则")
    table(tables.judged(tables.breaks_by_handler(flags, here)), "催收员")


def table(shown: pd.DataFrame, first: str) -> None:
    """A table that prints; a line in words where it would be empty."""
    if shown.empty:
        st.caption("没有。")
    else:
        st.table(named(shown.rename(index=plain), first).set_index(first), border="horizontal")


def named(shown: pd.DataFrame, first: str) -> pd.DataFrame:
    """The table with the names of its rows as its first column."""
    return shown.rename_axis(first).reset_index()


main()
