"""Each part stands between its markers, is written again in place as it is done, and says what is missing."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

from heyue.cli import main
from heyue.cli.evaluate import Part as PartOfCommand
from heyue.training import parts
from heyue.training.evaluation import QUICK, Extent, PromiseEvaluation, ReasonEvaluation
from heyue.training.line_evaluation import JudgedLine
from heyue.training.parts import PARTS, Part, measure
from heyue.training.reading_evaluation import JudgedPromises
from heyue.training.scores import Judged
from tests.unit.training.talks_by_hand import write_data

PROMISE = {"start": "2026-11-27", "end": "2026-11-27", "amount": "500.00", "certainty": "firm"}
FOUND: dict[str, Any] = {
    "situations": [
        Judged("north", "t", "unwilling", "unwilling", 0.9),
        Judged("south", "t", "dispute", "unwilling", 0.6),
    ],
    "lines": [
        JudgedLine("north", "t", frozenset({"abuse"}), ("abuse",)),
        JudgedLine("north", "t", frozenset(), ()),
    ],
    "reasons": ReasonEvaluation(
        [Judged("north", "t", "none", "none", 0.9)], [Judged("north", "t", "illness", "none", 0.9)]
    ),
    "promises": PromiseEvaluation(
        [
            JudgedPromises("north", "t", [PROMISE], [PROMISE | {"amount": None}]),
            JudgedPromises("south", "t", [PROMISE], [PROMISE]),
        ],
        [JudgedPromises("north", "t", [], [PROMISE])],
    ),
}


@pytest.fixture
def data(tmp_path: Path) -> Path:
    folder = write_data(tmp_path / "data")
    (folder / "voices.yml").write_text("types: {curt: [south]}\nmessages: {pairs: [south]}\n", encoding="utf-8")
    return folder


@pytest.fixture
def judged_before(monkeypatch: pytest.MonkeyPatch) -> None:
    """Parts whose texts were judged already, and whole folders of data."""
    for name, found in FOUND.items():
        known = PARTS[name]._replace(evaluate=lambda *_, found=found: found)
        monkeypatch.setitem(parts.PARTS, name, known)
    monkeypatch.setattr(parts, "need_data", lambda *_: None)


def test_the_command_names_every_part() -> None:
    assert [part.value for part in PartOfCommand] == list(PARTS)


@pytest.mark.usefixtures("judged_before")
def test_each_part_is_written_between_its_markers(data: Path, tmp_path: Path) -> None:
    docs, names = tmp_path / "docs", ["types", *FOUND]
    docs.mkdir()
    for _ in range(2):
        measure(names, data, docs, QUICK, jobs=1)
        with (docs / "models.md").open("a", encoding="utf-8") as file:
            file.write("after\n")
    text = (docs / "models.md").read_text(encoding="utf-8")
    assert text.startswith("# Models\n")
    assert text.endswith("after\nafter\n")
    assert all(text.count(f"<!-- heyue evaluate --only {name}: begin -->") == 1 for name in names)
    assert text.count("Quick figures") == len(names)
    assert "Same words, other behaviour: 18 talks in 6 families" in text
    assert "By kind of voices: older voices 100.0% of 1, curt 0.0% of 1." in text
    assert "precision **1.000** and recall **1.000**" in text
    assert "| messages | 2 | 50.0% | 100.0% | 50.0% | 100.0% | 0 of 0 (0.0%) |" in text
    assert "| messages: pairs | 1 | 100.0% | 100.0% | 100.0% | 100.0% | 0 of 0 (0.0%) |" in text
    assert "| whole talks | 1 | 0.0% | 0.0% | 0.0% | 0.0% | 1 of 1 (100.0%) |" in text
    pictures = {name.split(")")[0] for name in text.split("](figures/")[1:]}
    assert pictures == {path.name for path in (docs / "figures").iterdir()}


@pytest.mark.usefixtures("judged_before")
def test_what_is_done_stands_when_a_later_part_fails(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(data: Path, extent: Extent, jobs: int) -> None:
        raise RuntimeError("out of memory")

    monkeypatch.setitem(parts.PARTS, "conduct", Part(fail, PARTS["conduct"].section))
    with pytest.raises(RuntimeError):
        measure(["lines", "conduct", "reasons"], data, tmp_path, Extent(), jobs=1)
    text = (tmp_path / "models.md").read_text(encoding="utf-8")
    assert "## Rules broken by collector lines" in text
    assert "## Reasons" not in text


def test_without_matplotlib_it_says_so_at_once(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    assert main(["evaluate", "--quick"]) == 1
    assert "need matplotlib" in capsys.readouterr().err
