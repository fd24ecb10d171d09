"""Hints while practising, and what the report shows of a talk."""

from __future__ import annotations

import pytest

from heyue.conduct.line_check import check_line
from heyue.errors import BadInput
from heyue.practice.debtor import begin
from heyue.practice.persona import personas
from heyue.practice.report import hints, report
from heyue.review.scorecard import check_evidence
from tests.unit.practice.talks import AT, informed, of_kind, said

ROUGH = ("快点还，别说这些没用的。", "呵呵，又是这套，您可真会编。", "今天不还就别怪我不客气。")


@pytest.mark.parametrize(("level", "count", "warns"), [("easy", 3, True), ("medium", 1, True), ("hard", 0, False)])
def test_the_level_says_how_much_help_there_is(level: str, count: int, warns: bool) -> None:
    draft = "再不还我就告诉你单位领导和家里人。"
    for each in (of_kind("provocative")[0], of_kind("evasive")[0]):
        found = hints(informed(each, level), draft)
        assert len(found.suggestions) == count
        assert bool(found.violations) is warns


def test_without_a_draft_nothing_is_warned_of() -> None:
    assert hints(begin(of_kind("promiser")[0], "easy", 0, AT)).violations == ()


def test_weak_moments_have_lawful_better_lines() -> None:
    for each in of_kind("stubborn") + of_kind("victim"):
        exercise = said(informed(each), *ROUGH)
        found = report(exercise, each.kind)
        assert 1 <= len(found.weakest) <= 3
        for moment in found.weakest:
            assert exercise.turns[moment.turn].text == moment.line
            assert moment.why
            assert 1 <= len(moment.better) <= 3
            assert not [line for line in moment.better if check_line(line.text)]


def test_the_report_tells_the_whole_talk() -> None:
    for each in list(personas().values())[::5]:
        exercise = said(informed(each), "您慢慢说，我在听。", "您觉得怎么安排合适？", "谢谢您，再见。")
        found = report(exercise, "stubborn")
        assert [point.tension for point in found.curve] == [turn.tension for turn in exercise.turns]
        check_evidence(found.answers, [turn.text for turn in exercise.turns])
        assert found.guess is not None
        assert found.guess.is_right is (each.kind == "stubborn")
        assert found.course.transcript == found.transcript
        assert found.outcome.why


def test_nothing_said_or_an_unknown_guess_is_refused() -> None:
    chat = next(each for each in personas().values() if each.channel != "phone")
    with pytest.raises(BadInput):
        report(begin(chat, "easy", 0, AT))
    with pytest.raises(BadInput, match="grumpy"):
        report(informed(chat), "grumpy")
