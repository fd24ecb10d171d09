"""Reviews in the words of the screen."""

from __future__ import annotations

from heyue.names import name_of
from heyue.records import ListedTalk, PromiseTerms
from heyue.review.labels import LABELS, PROMISES
from heyue.review.records import Review
from heyue.review.scorecard import Scorecard
from heyue.review.work import ReviewWork

LABEL_NAMES = {"debtor_type": "类型", "situation": "处境", "reason": "原因", PROMISES: "承诺"}
ASKED_CHARACTERS = 24


def question_of(card: Scorecard, item: str) -> str:
    """An item of the scorecard, or a label, as one reads it; an item of an older card under its own name."""
    if item in LABEL_NAMES:
        return LABEL_NAMES[item]
    return next((each.question for each in card.items if each.id == item), item)


def verdict_name(item: str, verdict: str) -> str:
    """An answer or a label in words. "none" stands for a reason that was not told."""
    return (
        name_of(item, None if verdict == "none" else verdict)
        if item in LABELS
        else name_of("verdict", verdict)
    )


def points_of(review: Review) -> str:
    """The score in words."""
    if review.state != "done":
        return "—"
    if review.points is None:
        return "暂不显示" if review.is_vetoed is None else "无可评项"
    return f"{review.points:g} 分" + ("（一票否决）" if review.is_vetoed else "")


def talk_line(talk: ListedTalk) -> str:
    """Which talk it is: when, over which channel, who spoke for the lender."""
    here = talk.conversation
    handler = here.handler or "机器人"
    return f"{here.started_at:%Y-%m-%d %H:%M} · {name_of('channel', here.channel)} · {handler}"


def promise_line(terms: PromiseTerms) -> str:
    """One promise in a line."""
    days = (
        "日期未定"
        if terms.start is None and terms.end is None
        else f"{terms.start or '…'} 至 {terms.end or '…'}"
    )
    amount = (
        name_of("amount", terms.amount)
        if terms.amount in (None, "full", "half", "minimum")
        else f"{terms.amount}元"
    )
    return f"{days}，{amount}，{name_of('certainty', terms.certainty)}"


def labels_of(work: ReviewWork) -> dict[str, str]:
    """The labels of a review in words, by their names."""
    found = {LABEL_NAMES[name]: name_of(name, work.labels[name]) for name in LABELS if name in work.labels}
    if PROMISES in work.labels:
        promises = [promise_line(PromiseTerms.from_dict(each)) for each in work.labels[PROMISES]]
        found[LABEL_NAMES[PROMISES]] = "；".join(promises) or "没有承诺"
    return found
