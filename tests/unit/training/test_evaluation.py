"""Held-out voices are never trained on; figures are counted right; the report names every label."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from heyue.coaching.debtor_types import TALK_TEMPERATURE, TURN_TEMPERATURE, pooled_shares
from heyue.coaching.talk_training import (
    TYPE_SETTINGS,
    read_talks,
    train_type_turns,
    train_types,
    type_example,
    type_examples,
)
from heyue.conduct.line_training import LabelledLine, read_lines, read_turns, train_lines
from heyue.training import line_evaluation, talk_check_evaluation
from heyue.training.alternatives import (
    ALTERNATIVES,
    BY_TALK,
    BY_TURN,
    KEPT,
    POOLS,
    Alternative,
    Judge,
    Settings,
    weights_of,
)
from heyue.training.evaluation import Extent, judge_types, run_all
from heyue.training.features import LinearFit, Parts, Table
from heyue.training.reading_evaluation import read_messages
from heyue.training.report import Run
from heyue.training.rotation import groups_of, rotation
from heyue.training.scores import (
    Judged,
    accuracy,
    calibration_error,
    f1_by_label,
    f1_of_sets,
    macro_f1,
    precision_and_recall,
)
from heyue.training.talk_check_evaluation import JudgedConduct, conduct_section
from heyue.training.talks import Talks
from heyue.training.type_evaluation import TypeEvaluation, choose, judge_held_out, judge_with
from heyue.training.type_report import type_section
from heyue.understanding.linear_text import LinearText, blocks_of
from heyue.understanding.linear_training import fit
from tests.unit.training.talks_by_hand import write_data

RUN = Run("test", Extent(), Path("nowhere"), 60.0)


@pytest.fixture(scope="module")
def talks(tmp_path_factory: pytest.TempPathFactory) -> Talks:
    return Talks(read_talks(write_data(tmp_path_factory.mktemp("data")) / "types"))


def test_groups_hold_each_voice_once() -> None:
    voices = [f"v{number:02}" for number in range(20)] * 3
    groups = groups_of(voices, 5)
    assert sorted(voice for group in groups for voice in group) == sorted(set(voices))
    assert {len(group) for group in groups} == {4}
    assert all(not set(held_out) & set(known) for held_out, known in rotation(voices, 5))
    assert groups_of(["a", "b"], 5) == [["a"], ["b"]]


def test_held_out_voices_are_never_trained_on(talks: Talks) -> None:
    shown: set[str] = set()

    def spy(talks: Talks, known: np.ndarray, settings: Settings) -> Judge:
        shown.update(talks.voices[known])
        return lambda rows: np.full((len(rows), len(talks.labels)), 1 / len(talks.labels))

    outer = judge_held_out(talks, Alternative("spy", spy, (Settings(), Settings(2.0))), ["south"], ["north"])
    assert shown == {"north"}
    assert set(talks.voices[outer.rows]) == {"south"}


def test_settings_are_chosen_inside_the_known_voices(talks: Talks) -> None:
    """Of two candidates the one that knows the right label on the inner half is taken."""

    def clairvoyant(talks: Talks, known: np.ndarray, settings: Settings) -> Judge:
        def judge(rows: np.ndarray) -> np.ndarray:
            right = talks.table.labels[rows][:, None] == np.array(talks.labels)
            return np.where(right == (settings.penalty == 2.0), 0.9, 0.05)

        return judge

    settings, _ = choose(
        talks, Alternative("x", clairvoyant, (Settings(1.0), Settings(2.0))), ["north", "south"]
    )
    assert settings.penalty == 2.0


def test_the_table_fits_the_model_that_the_product_uses(talks: Talks) -> None:
    examples = type_examples(talks.talks)
    rows = np.arange(len(examples))
    weights = weights_of(talks, rows, Settings())
    assert weights == pytest.approx([example.weight for example in examples])
    assert set(talks.weights) == {1.0, 3.0}
    parts = Parts(1.0, *TYPE_SETTINGS.scales)
    mine = LinearFit(Table(examples), rows, weights, parts, TYPE_SETTINGS.inverse_penalty)
    product = fit(examples, TYPE_SETTINGS)
    theirs = np.array([product.probabilities(example.masked, example.flags) for example in examples])
    assert mine.labels == list(product.labels)
    assert np.abs(mine.probabilities(rows) - theirs).max() < 0.01


def test_the_pool_is_what_the_product_does(talks: Talks) -> None:
    alternatives = {each.name: each for each in ALTERNATIVES}
    temperatures = {BY_TALK: TALK_TEMPERATURE, BY_TURN: TURN_TEMPERATURE}
    outers = {
        name: [judge_with(talks, alternatives[name], ["south"], ["north"], alternatives[name].candidates[0], each)]
        for name, each in temperatures.items()
    }
    mine = TypeEvaluation(talks, outers).shares(KEPT)[1]
    known = [talk for talk in talks.talks if talk.voice == "north"]
    heard = [part for talk in talks.talks if talk.voice == "south" for _, part in talk.transcript.beginnings()]
    blocks = [blocks_of(seen.masked, seen.flags) for seen in (type_example(part, "any") for part in heard)]
    product = pooled_shares(train_types(known), train_type_turns(known), blocks)
    theirs = np.array([[share[label] for label in talks.labels] for share in product])
    assert np.abs(mine - theirs).max() < 0.01


def test_every_alternative_is_judged_and_reported(talks: Talks) -> None:
    found = judge_types(talks, list(rotation(["north", "south"], 2)), sizes=(), jobs=1)
    assert set(found.names) == {*POOLS, *(alternative.name for alternative in ALTERNATIVES)}
    assert len(found.judged(KEPT)) == len(talks.talks)
    assert accuracy(found.judged(KEPT)) > 0.8
    section = "\n".join(type_section(found, RUN))
    assert all(f"| {label} |" in section for label in talks.labels)
    assert all(f"| {name} |" in section.replace("**", "").replace(" (kept)", "") for name in found.names)


def test_a_talk_is_judged_early_after_three_turns_or_at_its_end(talks: Talks) -> None:
    rows = np.arange(len(talks.talk))
    assert set(talks.turns[rows[talks.early(rows)]]) == {3}
    assert talks.words(0).count("\n") == 0
    assert list(talks.turn_rows(1)) == [0, 1]


def test_figures_by_hand() -> None:
    judged = [
        Judged("v", "t", right, given, 0.75)
        for right, given in (("a", "a"), ("a", "b"), ("b", "b"), ("b", "b"))
    ]
    assert accuracy(judged) == 0.75
    assert f1_by_label(judged) == {"a": pytest.approx(2 / 3), "b": pytest.approx(0.8)}
    assert macro_f1(judged) == pytest.approx((2 / 3 + 0.8) / 2)
    assert calibration_error(judged) == pytest.approx(0.0)
    assert precision_and_recall([True, True, False], [True, False, True]) == (0.5, 0.5)
    assert f1_of_sets([frozenset("ab"), frozenset()], [frozenset("a"), frozenset("b")]) == {
        "a": 1.0,
        "b": 0.0,
    }


@pytest.mark.parametrize("jobs", [1, 2])
def test_results_keep_the_order_of_the_tasks(jobs: int) -> None:
    assert run_all("test", [lambda number=number: number * number for number in range(5)], jobs) == [
        0,
        1,
        4,
        9,
        16,
    ]


def test_lines_of_the_held_out_voice_teach_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lines = read_lines(write_data(tmp_path) / "lines")
    shown: list[LabelledLine] = []

    def spy(known: list[LabelledLine]) -> LinearText:
        shown.extend(known)
        return train_lines(known)

    monkeypatch.setattr(line_evaluation, "train_lines", spy)
    judged = line_evaluation.judge_lines(lines, [], ["south"])
    assert {line.voice for line in shown} == {"north"}
    assert {line.voice for line in judged} == {"south"}
    assert len(judged) == len(lines) / 2


def test_turns_of_held_out_talks_teach_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data = write_data(tmp_path)
    lines, turns, rows = read_lines(data / "lines"), read_turns(data / "types"), read_messages(data / "types")
    shown: list[LabelledLine] = []

    def spy(known: list[LabelledLine]) -> LinearText:
        shown.extend(known)
        return train_lines(known)

    monkeypatch.setattr(talk_check_evaluation, "train_lines", spy)
    judged = talk_check_evaluation.judge_conduct(lines, turns, rows, ["south"])
    assert {each.voice for each in judged} == {"south"}
    assert shown[: len(lines)] == lines
    assert {turn.voice for turn in shown[len(lines) :]} <= {"north"}
    assert all(each.given == {(0, "no_identity")} for each in judged)


def test_clean_talks_that_are_flagged_are_counted_and_shown() -> None:
    said = {0: "您好，我是云山银行的小李", 2: "别老是周五周五的"}
    judged = [
        JudgedConduct("v", said, frozenset(), frozenset({(2, "abuse")})),
        JudgedConduct("v", said, frozenset({(2, "abuse")}), frozenset({(2, "abuse")})),
        JudgedConduct("v", said, frozenset({(0, "quiet_hours")}), frozenset()),
    ]
    section = "\n".join(conduct_section(judged, RUN))
    assert "3 talks, 1 of them clean" in section
    assert "**1** are flagged (100.00%)" in section
    assert "precision **0.500** and recall **0.500**" in section
    assert "- abuse: 别老是周五周五的" in section
    assert "| abuse | 1 | 0.50 | 1.00 |" in section


@pytest.mark.parametrize(
    ("right", "given", "shown"),
    [((), (), ("lawful", "lawful")), (("abuse",), (), ("abuse", "lawful")), ((), ("abuse",), ("lawful", "abuse")),
     (("abuse", "harassment"), ("harassment",), ("harassment", "harassment"))],
)  # fmt: skip
def test_a_line_counts_once_in_the_table_of_confusions(
    right: tuple[str, ...], given: tuple[str, ...], shown: tuple[str, str]
) -> None:
    first = line_evaluation.JudgedLine("v", "t", frozenset(right), given).first
    assert (first.right, first.given) == shown
