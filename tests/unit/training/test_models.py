"""The table of models, and that training twice gives the same files."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pytest

from heyue.coaching.debtor_types import TYPES
from heyue.coaching.situations import SITUATIONS
from heyue.coaching.talk_training import read_talks
from heyue.conduct.line_check import LAWFUL
from heyue.conduct.line_training import read_lines
from heyue.conduct.rules import LINE_RULES
from heyue.errors import BadInput
from heyue.training.models import CHECKOUT_DATA, MODELS, Model, train_models
from heyue.understanding.reason_training import read_reasons
from heyue.understanding.reasons import NO_REASON, REASONS
from tests.unit.training.talks_by_hand import write_data

BY_NAME = {model.name: model for model in MODELS}
OF_TALKS_AND_LINES = ("collector lines", "debtor types", "situations", "moves")


def kept_in(folder: Path, names: Iterable[str]) -> list[Model]:
    return [BY_NAME[name]._replace(file=folder / BY_NAME[name].file.name) for name in names]


def test_models_that_others_read_with_are_trained_before_them() -> None:
    assert {"promises", "reasons"} <= {model.name for model in MODELS if not model.sees_readings}
    assert len({model.file for model in MODELS}) == len(MODELS)


def test_training_twice_gives_the_same_files(tmp_path: Path) -> None:
    data = write_data(tmp_path / "data")
    for attempt in ("first", "second"):
        train_models(data, kept_in(tmp_path / attempt, OF_TALKS_AND_LINES), quiet=True)
    files = sorted((tmp_path / "first").iterdir())
    assert len(files) == len(OF_TALKS_AND_LINES)
    for file in files:
        assert file.read_bytes() == (tmp_path / "second" / file.name).read_bytes()


def test_missing_data_are_named(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="lines"):
        train_models(tmp_path, kept_in(tmp_path, ["collector lines"]), quiet=True)


def test_the_data_cover_all_labels() -> None:
    talks = read_talks(CHECKOUT_DATA / "types")
    assert {talk.debtor_type for talk in talks} == set(TYPES)
    assert {talk.situation for talk in talks} == set(SITUATIONS)
    lines = read_lines(CHECKOUT_DATA / "lines")
    assert {rule for line in lines for rule in line.rules or [LAWFUL]} == {*LINE_RULES, LAWFUL}
    reasons = read_reasons(CHECKOUT_DATA / "messages")
    assert {line.label for line in reasons} == {*REASONS, NO_REASON}
