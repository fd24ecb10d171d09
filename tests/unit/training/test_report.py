"""The report stands between its markers, is written again in place, and says what is missing."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from heyue.cli import main
from heyue.coaching.talk_training import read_talks
from heyue.training.evaluation import QUICK, Evaluation, judge_types
from heyue.training.line_evaluation import JudgedLine
from heyue.training.reading_evaluation import JudgedPromises
from heyue.training.report import write
from heyue.training.rotation import rotation
from heyue.training.scores import Judged
from heyue.training.talks import Talks
from tests.unit.training.talks_by_hand import write_data

PROMISE = {"start": "2026-11-27", "end": "2026-11-27", "amount": "500.00", "certainty": "firm"}


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Evaluation:
    talks = Talks(read_talks(write_data(tmp_path_factory.mktemp("data")) / "types"))
    types = judge_types(talks, list(rotation(["north", "south"], 2)), sizes=(), jobs=1)
    return Evaluation(
        types,
        situations=[
            Judged("north", "t", "unwilling", "unwilling", 0.9),
            Judged("south", "t", "dispute", "unwilling", 0.6),
        ],
        lines=[
            JudgedLine("north", "t", frozenset({"abuse"}), ("abuse",)),
            JudgedLine("north", "t", frozenset(), ()),
        ],
        message_reasons=[Judged("north", "t", "none", "none", 0.9)],
        talk_reasons=[Judged("north", "t", "illness", "none", 0.9)],
        message_promises=[JudgedPromises("north", "t", [PROMISE], [PROMISE | {"amount": None}])],
        talk_promises=[JudgedPromises("north", "t", [], [PROMISE])],
    )


def test_the_report_is_written_between_its_markers(found: Evaluation, tmp_path: Path) -> None:
    for seconds in (60.0, 120.0):
        path = write(found, QUICK, tmp_path, seconds)
        path.write_text(path.read_text(encoding="utf-8") + "after\n", encoding="utf-8")
    text = path.read_text(encoding="utf-8")
    assert text.startswith("# Models\n")
    assert text.endswith("after\nafter\n")
    assert text.count("<!-- heyue evaluate: begin -->") == text.count("<!-- heyue evaluate: end -->") == 1
    assert "Quick figures" in text
    assert "Same words, other behaviour: 18 talks in 6 families" in text
    assert "precision **1.000** and recall **1.000**" in text
    assert "| messages | 1 | 0.0% | 100.0% | 0.0% | 100.0% | 0 of 0 (0.0%) |" in text
    assert "| whole talks | 1 | 0.0% | 0.0% | 0.0% | 0.0% | 1 of 1 (100.0%) |" in text
    pictures = {name.split(")")[0] for name in text.split("](figures/")[1:]}
    assert pictures == {path.name for path in (tmp_path / "figures").iterdir()}


def test_without_matplotlib_it_says_so_at_once(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    assert main(["evaluate", "--quick"]) == 1
    assert "need matplotlib" in capsys.readouterr().err
