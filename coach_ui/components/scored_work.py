"""A finished review to be read: the score, the sections, every answer with its quotes, the labels, the remarks."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from coach_ui.components.plain_text import plain
from coach_ui.components.review_words import labels_of, points_of, question_of
from coach_ui.components.scorecard_form import described
from heyue.names import name_of
from heyue.review.records import Review
from heyue.review.scorecard import NO, Answer, Scorecard, ScoreResult, score
from heyue.review.work import ReviewWork


def show_work(card: Scorecard, review: Review, work: ReviewWork) -> None:
    """Draw the review; what was answered no comes first."""
    st.markdown(f"#### {points_of(review)}")
    if review.scorecard_version == card.version:
        result = score(card, work.answers)
        st.caption(f"{'合格' if result.passed else '未达合格线'}　{sections_line(card, result)}")
    else:
        st.caption(f"按旧版评分表（{review.scorecard_version}）评分。")
    if work.note:
        st.info(plain(work.note), icon=":material/rate_review:")
    show_answers(card, work.answers)
    st.markdown("  \n".join(f"**{name}** {words}" for name, words in labels_of(work).items()))


def show_answers(card: Scorecard, answers: Sequence[Answer]) -> None:
    """The answers with their quotes; what was answered no comes first."""
    wrong = [each for each in answers if each.verdict == NO]
    if wrong:
        st.markdown("##### 需要改进")
    for each in wrong:
        st.markdown(f"- **{question_of(card, each.item)}** {described(each)}")
    with st.expander("其余各项" if wrong else "各项"):
        for each in answers:
            if each.verdict != NO:
                st.markdown(f"- {question_of(card, each.item)} **{described(each)}**")


def sections_line(card: Scorecard, result: ScoreResult) -> str:
    """The points of the sections in a line."""
    return "　".join(
        f"{card.sections[section]} {'—' if points is None else f'{points:g}'}"
        for section, points in result.sections.items()
    )


def status_line(review: Review) -> str:
    """Round, cause and state of a review in a line."""
    names = [("review_round", review.round), ("review_cause", review.why), ("review_state", review.state)]
    return " · ".join(name_of(kind, value) for kind, value in names)
