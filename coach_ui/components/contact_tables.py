"""Tables of contacts that several screens show: whom one reached when, what stopped reminders, which rules were broken."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from coach_ui.components.figures import CONTACTS, spelt_out
from heyue.conduct.rules import rules
from heyue.insight.contact import OUTCOMES
from heyue.insight.figures import Share
from heyue.names import name_of

COMPLAINT, OPTED_OUT = "COMPLAINT_OPEN", "OPTED_OUT"
VERDICTS: Mapping[str, tuple[bool | None, ...]] = {
    "提示": (None, True, False), "待复核": (None,), "已确认": (True,), "已驳回": (False,),
}  # fmt: skip
Groups = dict[str, pd.DataFrame]


def by_hour(contacts: pd.DataFrame) -> Groups:
    """The contacts by the hour in which they began."""
    return {f"{hour:02}:00–{hour:02}:59": group for hour, group in contacts.groupby("hour")}


def reach(groups: Groups) -> pd.DataFrame:
    """What became of the contacts of each group."""
    rows = {
        label: {
            "本人接听": spelt_out(Share(int(group["verified"].sum()), len(group))),
            CONTACTS: len(group),
            **{name_of("contact_outcome", each): int((group["outcome"] == each).sum()) for each in OUTCOMES},
        }
        for label, group in groups.items()
    }
    return pd.DataFrame.from_dict(rows, orient="index")


def by_mark(contacts: pd.DataFrame) -> Groups:
    """The contacts that stopped reminders, by the state they brought about: complaints and opt-outs first."""
    marked = contacts[["conversation_id", "marks"]].explode("marks").dropna()
    ids = {mark: set(group["conversation_id"]) for mark, group in marked.groupby("marks")}
    order = sorted(ids, key=lambda mark: (mark != COMPLAINT, mark != OPTED_OUT, -len(ids[mark])))
    return {name_of("stop", mark): contacts[contacts["conversation_id"].isin(ids[mark])] for mark in order}


def stopped(groups: Groups, contacts: pd.DataFrame) -> pd.DataFrame:
    """How many there are of each, and per how many that were reached."""
    reached = int(contacts["contacted"].sum())
    return pd.DataFrame.from_dict(
        {
            label: {"会话": len(group), "占触达": spelt_out(Share(len(group), reached))}
            for label, group in groups.items()
        },
        orient="index",
    )


def breaks_by_rule(breaks: pd.DataFrame) -> Groups:
    """The flags by rule, the most first."""
    return _most_first(breaks, breaks["rule"].map(lambda rule: rules()[rule].name))


def breaks_by_handler(breaks: pd.DataFrame, contacts: pd.DataFrame) -> Groups:
    """The flags by who spoke for the lender, the most first."""
    handlers = contacts.set_index("conversation_id")["handler"]
    return _most_first(breaks, breaks["conversation_id"].map(handlers))


def _most_first(breaks: pd.DataFrame, labels: pd.Series) -> Groups:
    return dict(sorted(breaks.groupby(labels), key=lambda each: (-len(each[1]), each[0])))


def judged(groups: Groups) -> pd.DataFrame:
    """The flags of each group, what reviewers made of them, and in how many talks they stand."""
    return pd.DataFrame.from_dict(
        {
            label: {name: len(with_verdict(group, name)) for name in VERDICTS}
            | {"涉及会话": group["conversation_id"].nunique()}
            for label, group in groups.items()
        },
        orient="index",
    )


def with_verdict(breaks: pd.DataFrame, name: str) -> pd.DataFrame:
    """The flags on which reviewers have said this (VERDICTS); all, where the name is none of them."""
    wanted = VERDICTS.get(name, VERDICTS["提示"])
    return breaks[breaks["is_confirmed"].map(lambda each: (None if pd.isna(each) else bool(each)) in wanted)]
