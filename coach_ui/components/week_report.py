"""A week in figures, next to the week before."""

from __future__ import annotations

import pandas as pd

from coach_ui.components.contact_tables import COMPLAINT, OPTED_OUT
from coach_ui.components.figures import STEPS, Step, percent, share_of, spelt_out
from heyue.insight.figures import Share, Week

Report = dict[str, Share]
GOOD_WHEN_HIGH = tuple(step.rate for step in STEPS)
COMPLAINTS, OPT_OUTS, FLAGGED = "投诉占触达", "退订占触达", "有违规提示的会话"


def shares_of(contacts: pd.DataFrame, breaks: pd.DataFrame, week: Week) -> Report:
    """The shares of a week. Promises count in the week in which they came due, whenever they were made.

    Args:
        contacts: also those of the weeks before, in which the promises were made.
    """
    began, due = in_week(contacts, week), contacts[contacts["due_week"] == pd.Timestamp(week.monday)]
    reached = int(began["contacted"].sum())
    flagged = breaks.loc[breaks["is_confirmed"].map(lambda each: each is not False), "conversation_id"]
    return {
        **{step.rate: share_of(_counted_in(step, began, due), step) for step in reversed(STEPS)},
        COMPLAINTS: Share(_marked(began, COMPLAINT), reached),
        OPT_OUTS: Share(_marked(began, OPTED_OUT), reached),
        FLAGGED: Share(int(began["conversation_id"].isin(flagged).sum()), len(began)),
    }


def _counted_in(step: Step, began: pd.DataFrame, due: pd.DataFrame) -> pd.DataFrame:
    return due if step.column == "kept" else began


def _marked(contacts: pd.DataFrame, mark: str) -> int:
    return sum(mark in marks for marks in contacts["marks"])


def in_week(contacts: pd.DataFrame, week: Week) -> pd.DataFrame:
    """The contacts that began in the week."""
    return contacts[contacts["week"] == pd.Timestamp(week.monday)]


def compared(this: Report, before: Report) -> pd.DataFrame:
    """Both weeks and what changed, as a table."""
    return pd.DataFrame.from_dict(
        {
            name: {
                "本周": spelt_out(share),
                "上周": spelt_out(before[name]),
                "变化": change(share, before[name]),
            }
            for name, share in this.items()
        },
        orient="index",
    )


def change(this: Share, before: Share) -> str:
    """What changed, in words; a difference that chance explains is called that."""
    if this.value is None or before.value is None:
        return "样本太少，不作比较"
    points = round(100 * this.value) - round(100 * before.value)  # as both stand in the text
    if points == 0:
        return "持平"
    if not this.differs_from(before):
        return f"{points:+}个百分点，可能出于偶然"
    return f"{'▲ 上升' if points > 0 else '▼ 下降'} {abs(points)}个百分点"


def points_of(this: Report, before: Report) -> list[str]:
    """What a lead should know first: the kept rate, and whatever changed beyond chance."""
    first, *others = this
    changed = [name for name in others if this[name].differs_from(before[name])]
    lines = [_line(name, this, before) for name in (first, *changed)]
    return lines if changed else [*lines, "其他指标与上周相比没有明显变化。"]


def _line(name: str, this: Report, before: Report) -> str:
    return f"{name} **{percent(this[name])}**，上周 {percent(before[name])}：{change(this[name], before[name])}。"
