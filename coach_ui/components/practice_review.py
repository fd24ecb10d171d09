"""What an exercise was worth: the score, the curve, better lines, the card, what became of the promise."""

from __future__ import annotations

import streamlit as st

from coach_ui.components.bubbles import show_bubbles
from coach_ui.components.plain_text import plain
from coach_ui.components.practice_branches import compare_links
from coach_ui.components.practice_brief import show_brief, show_card
from coach_ui.components.practice_charts import moves_table, show_curve
from coach_ui.components.practice_links import go_to, home_link
from coach_ui.components.practice_words import (
    kind_name,
    level_name,
    passed_word,
    points_of,
    promise_line,
    spent,
    times_of,
    turns_of,
)
from coach_ui.components.scored_work import sections_line, show_answers
from coach_ui.components.suggestion_list import show_lines
from coach_ui.session import desk, now, user
from heyue.conduct.rules import rules
from heyue.desk.practice_replay import OpenPractice
from heyue.names import name_of
from heyue.practice.debtor import Exercise
from heyue.practice.moves import moves
from heyue.practice.outcome import Outcome
from heyue.practice.report import Report, WeakMoment
from heyue.review.scorecard import default_scorecard

PASSED = "合格要两样：评分不低于 {points} 分，并且谈成了有日期、有金额的承诺。"
WORDS_HEIGHT = 620


def show_review(opened: OpenPractice) -> None:
    """Draw the report of a finished exercise."""
    st.title("对练评分")
    _headline(opened)
    report = desk().practice_report(user(), opened.talk.talk_id)
    words, panel = st.columns([4, 5], gap="large")
    with panel:
        if report is None or opened.exercise is None:
            st.info("模拟借款人的数据更新过，这里只保留当时的对话和得分。", icon=":material/update:")
        else:
            _parts(opened, opened.exercise, report)
    with words:
        remarks = _remarks(report) if report else {}
        show_bubbles(
            turns_of(opened.talk, opened.turns), None, WORDS_HEIGHT, remarks=remarks, beside=_beside(opened)
        )
        compare_links(opened)
        home_link()


def _headline(opened: OpenPractice) -> None:
    talk, exercise = opened.talk, opened.exercise
    st.markdown(f"### {points_of(talk)}　{passed_word(talk.is_passed)}")
    parts = [
        kind_name(talk.kind), level_name(talk.level), name_of("practice_ending", talk.how),
        f"用时 {spent(opened.turns[-1].seconds)}",
    ]  # fmt: skip
    why = f"　{plain(exercise.ended.why)}" if exercise and exercise.ended else ""
    st.caption(" · ".join(parts) + why)
    again = "　这是看过底牌之后的重练，不计入成绩。" if talk.is_rehearsal else ""
    st.caption(PASSED.format(points=default_scorecard().pass_points) + again)


def _beside(opened: OpenPractice) -> dict[int, str]:
    """Beside each of the trainee's lines: its time, and the moves that were heard in it."""
    times = times_of(opened.turns)
    if opened.exercise is None:
        return times
    heard = {
        number: "、".join(moves()[move].name for move in turn.moves)
        for number, turn in enumerate(opened.exercise.turns)
    }
    return {
        number: f"{words} · {heard[number]}" if heard[number] else words for number, words in times.items()
    }


def _remarks(report: Report) -> dict[int, list[str]]:
    found: dict[int, list[str]] = {}
    for each in report.course.found.violations:
        found.setdefault(each.turn, []).append(f"⚠ {rules()[each.rule].name}")
    return found


def _parts(opened: OpenPractice, exercise: Exercise, report: Report) -> None:
    score, curve, better, card = st.tabs(["评分表", "紧张曲线", "更好的说法", "底牌与结果"])
    with score:
        if report.score.vetoed_by:
            questions = "；".join(default_scorecard().item(each).question for each in report.score.vetoed_by)
            st.error(f"**一票否决**，全部得分为 0：{questions}", icon=":material/block:")
        st.caption(sections_line(default_scorecard(), report.score))
        show_answers(default_scorecard(), report.answers)
    with curve:
        show_curve(report.curve, exercise.turns)
        st.table(moves_table(report.curve, exercise.turns).set_index("句"), border="horizontal")
    with better:
        _weakest(opened, report.weakest)
    with card:
        _guess(opened)
        show_card(exercise.persona)
        _outcome(report.outcome)
        with st.expander("案件"):
            show_brief(exercise.persona)


def _weakest(opened: OpenPractice, moments: tuple[WeakMoment, ...]) -> None:
    if not moments:
        st.success("没有哪一句明显帮了倒忙。", icon=":material/thumb_up:")
    for each in moments:
        st.markdown(f"##### 第 {each.turn + 1} 句：“{plain(each.line)}”")
        st.markdown(f"问题：**{plain(each.why)}**。可以这样说：")
        show_lines(opened.talk.talk_id, [line._asdict() for line in each.better], may_use=False)
        is_own = opened.talk.login == user().login
        if is_own and st.button("从这一句重新来", key=f"again:{each.turn}", icon=":material/replay:"):
            go_to(desk().branch_practice(user(), opened.talk.talk_id, now(), each.turn))


def _guess(opened: OpenPractice) -> None:
    talk = opened.talk
    if talk.guess is None:
        st.markdown(f"对方是 **{kind_name(talk.kind)}**。")
    elif talk.guess == talk.kind:
        st.success(f"猜对了：{kind_name(talk.kind)}。", icon=":material/check_circle:")
    else:
        st.warning(
            f"您猜的是{kind_name(talk.guess)}，其实是{kind_name(talk.kind)}。",
            icon=":material/psychology_alt:",
        )


def _outcome(outcome: Outcome) -> None:
    measures = outcome.measures
    st.markdown("##### 承诺后来怎样")
    fate = f"　**{name_of('practice_fate', outcome.fate)}**" if outcome.fate else ""
    promised = f"{plain(promise_line(outcome.promise))}{fate}  \n" if outcome.promise else ""
    st.markdown(promised + plain(outcome.why))
    if outcome.over_concessions:
        st.warning(f"有 {outcome.over_concessions} 句许诺超出了政策。", icon=":material/policy:")
    st.markdown("##### 几个指标")
    days = "没有到账" if measures.days_to_recovery is None else f"{measures.days_to_recovery} 天"
    figures = {
        f"该做的步骤做到 {measures.soundness:.0%}": "表明身份、核实、问原因、给办法、问日期金额、复述、收尾，扣去施压的话",
        f"收回应还的 {measures.recovery:.0%}": "按底牌，这次承诺最后到账的占应还金额的比例",
        f"到账要 {days}": "从谈话当天算起",
        f"对方还能过日子 {measures.health:.0%}": "付掉承诺的钱以后，当月收入还能覆盖多少生活开支",
        f"兼顾两头 {measures.harmonic:.0%}": "收回他还得出的钱，与让他还能过日子，两者的调和平均",
    }
    st.markdown("\n".join(f"- **{name}**：{what}" for name, what in figures.items()))
