"""What a reviewer has decided and not saved yet. It outlives a change of page and a session that runs out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import streamlit as st

from heyue.desk.review_work import OpenReview
from heyue.review.labels import Flag
from heyue.review.scorecard import Answer, Quote
from heyue.review.work import FlagVerdict, ReviewWork


@dataclass(frozen=True)
class Draft:
    """`revision`: of the review that the work goes back to; `saved`: the work as it was then."""

    work: ReviewWork
    saved: ReviewWork
    revision: int

    @property
    def is_changed(self) -> bool:
        return self.work != self.saved


def draft_of(opened: OpenReview) -> Draft:
    """The draft of a review that is open on this screen; begun with what is saved. One without changes follows the store."""
    number = opened.review.review_id
    draft: Draft | None = st.session_state.get(_key(number))
    if draft is None or (not draft.is_changed and draft.revision != opened.review.revision):
        draft = begin(opened)
    return draft


def begin(opened: OpenReview) -> Draft:
    """Begin with what is saved; changes that are not are dropped."""
    draft = Draft(opened.work, opened.work, opened.review.revision)
    st.session_state[_key(opened.review.review_id)] = draft
    return draft


def forget(number: int) -> None:
    """Drop a draft, so that the next screen begins with what is saved."""
    st.session_state.pop(_key(number), None)


def was_saved(number: int, revision: int) -> None:
    """The draft is in the store now, as this revision."""
    done = work(number)
    st.session_state[_key(number)] = Draft(done, done, revision)


def change(number: int, **values: Any) -> None:
    """Change some fields of the work. In a callback: a session that ends then loses nothing."""
    draft = current(number)
    st.session_state[_key(number)] = replace(draft, work=replace(draft.work, **values))


def current(number: int) -> Draft:
    """The draft of a review that was begun on this screen."""
    draft: Draft = st.session_state[_key(number)]
    return draft


def work(number: int) -> ReviewWork:
    """The work as it stands on the screen."""
    return current(number).work


def put_answer(number: int, item: str, verdict: str | None, proposed: Answer | None) -> None:
    """Answer an item, or take the answer back. The machine's quotes come along where it says the same; those that spoke
    for another answer go."""
    answers = {each.item: each for each in work(number).answers}
    before = answers.pop(item, None)
    if verdict is not None:
        evidence = proposed.evidence if proposed is not None and proposed.verdict == verdict else ()
        answers[item] = Answer(item, verdict, evidence, before.comment if before else "")
    change(number, answers=tuple(answers.values()))


def accept_all(number: int, proposals: Mapping[str, Answer]) -> None:
    """Answer what is not answered yet as the machine proposes."""
    answered = {each.item for each in work(number).answers}
    for item, proposed in proposals.items():
        if item not in answered:
            put_answer(number, item, proposed.verdict, proposed)


def put_details(number: int, item: str, evidence: tuple[Quote, ...], comment: str) -> None:
    """Replace quotes and comment of an answered item."""
    change(
        number,
        answers=tuple(
            replace(each, evidence=evidence, comment=comment) if each.item == item else each
            for each in work(number).answers
        ),
    )


def put_verdict(number: int, verdict: FlagVerdict) -> None:
    """Say what is true of a flag."""
    others = tuple(each for each in work(number).verdicts if each.flag != verdict.flag)
    change(number, verdicts=(*others, verdict))


def drop_verdict(number: int, flag: Flag) -> None:
    """Take a verdict back."""
    change(number, verdicts=tuple(each for each in work(number).verdicts if each.flag != flag))


def put_comment(number: int, turn: int, text: str) -> None:
    """Comment a turn; an empty text takes the comment away."""
    others = {key: said for key, said in work(number).comments.items() if key != turn}
    change(number, comments=dict(sorted((others | ({turn: text.strip()} if text.strip() else {})).items())))


def put_label(number: int, name: str, value: Any) -> None:
    """Correct a label."""
    change(number, labels=dict(work(number).labels) | {name: value})


def _key(number: int) -> str:
    return f"review.draft:{number}"
