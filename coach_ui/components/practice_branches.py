"""Two branches of one talk side by side: from where they part, and what each came to."""

from __future__ import annotations

import streamlit as st

from coach_ui.components.bubbles import show_bubbles
from coach_ui.components.practice_charts import show_tensions
from coach_ui.components.practice_links import TALK, home_link, link
from coach_ui.components.practice_words import points_of, times_of, turns_of
from coach_ui.components.side_by_side import show_judgements
from coach_ui.session import desk, user
from heyue.desk.practice_replay import OpenPractice
from heyue.names import name_of
from heyue.practice.records import PracticeTalk
from heyue.review.scorecard import default_scorecard

WITH = "with"
TALK_HEIGHT = 380
NAMES = ("这一支", "另一支")


def compare_links(opened: OpenPractice) -> None:
    """The ways to the other branches of the talk."""
    for each in desk().practice_branches(user(), opened.talk.talk_id):
        link(
            f"对照{branch_line(each)}", ":material/compare:", {TALK: opened.talk.talk_id, WITH: each.talk_id}
        )


def branch_line(talk: PracticeTalk) -> str:
    """Which branch it is."""
    begun = f"从第 {talk.parent_turn + 1} 句另说的" if talk.parent_turn is not None else "最初的"
    return f"{begun}（{talk.started_at:%H:%M}，{name_of('practice_ending', talk.how)}）"


def show_comparison(one: OpenPractice, other: OpenPractice) -> None:
    """Draw both."""
    st.title("两种说法对照")
    parted = parting(one, other)
    st.caption(f"前 {parted} 句相同，从第 {parted + 1} 句起不同。")
    _tension(one, other)
    for column, name, each in zip(st.columns(2, gap="medium"), NAMES, (one, other), strict=True):
        with column:
            st.markdown(f"##### {name}")
            st.caption(f"{branch_line(each.talk)}　{points_of(each.talk)}")
            uttered = turns_of(each.talk, each.turns)
            show_bubbles(uttered, None, TALK_HEIGHT, beside=times_of(each.turns))
            word = "看评分" if each.talk.finished_at else "回到这一支"
            link(f"{word}：{name}", ":material/arrow_forward:", {TALK: each.talk.talk_id})
    _judgements(one, other)
    home_link()


def parting(one: OpenPractice, other: OpenPractice) -> int:
    """How many turns are the same from the beginning."""
    pairs = list(zip(one.turns, other.turns, strict=False))
    return next(
        (number for number, (first, second) in enumerate(pairs) if first.text != second.text), len(pairs)
    )


def _tension(one: OpenPractice, other: OpenPractice) -> None:
    curves = {
        name: [turn.tension for turn in each.exercise.turns]
        for name, each in zip(NAMES, (one, other), strict=True)
        if each.exercise is not None
    }
    if all(len(curve) > 1 for curve in curves.values()):
        show_tensions(curves)


def _judgements(one: OpenPractice, other: OpenPractice) -> None:
    """The scorecard of both, once both are finished."""
    if one.talk.finished_at is None or other.talk.finished_at is None:
        return
    reports = [desk().practice_report(user(), each.talk.talk_id) for each in (one, other)]
    said = {
        name: {answer.item: answer.verdict for answer in report.answers}
        for name, report in zip(NAMES, reports, strict=True)
        if report is not None
    }
    if len(said) == len(NAMES):
        st.markdown("##### 评分表")
        show_judgements(default_scorecard(), said, "branches")
