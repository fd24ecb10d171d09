"""Reasons against the table tests/data/reasons.jsonl, by a model trained here on all of nlu_data."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from heyue.understanding import reasons
from heyue.understanding.lexicon import load_data
from heyue.understanding.linear_text import LinearText
from heyue.understanding.reason_training import read_reasons, train_reasons
from heyue.understanding.script import simplify

ROOT = Path(__file__).parents[3]
TABLE = ROOT / "tests" / "data" / "reasons.jsonl"
CASES = [json.loads(line) for line in TABLE.read_text(encoding="utf-8").splitlines()]
NAMES = [f"{case['id']} {case['given']}" for case in CASES]


@pytest.fixture(scope="module")
def model() -> LinearText:
    return train_reasons(ROOT / "nlu_data")


@pytest.fixture
def trained(model: LinearText, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reasons, "_model", lambda: model)


@pytest.fixture
def untrained(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reasons, "_model", lambda: None)


@pytest.mark.usefixtures("trained")
@pytest.mark.parametrize("case", CASES, ids=NAMES)
def test_reason(case: dict) -> None:
    code, confidence = reasons.reason_of(case["given"])
    assert code == case["expect"], case["why"]
    assert 0.0 < confidence <= 1.0


@pytest.mark.usefixtures("untrained")
def test_wordings_alone_carry_until_a_model_is_trained() -> None:
    right = sum(reasons.reason_of(case["given"])[0] == case["expect"] for case in CASES)
    assert right >= 0.9 * len(CASES)


@pytest.mark.usefixtures("trained")
@pytest.mark.parametrize("text", ["", " ", "。", "👍", "\x00", "a" * 5000, "𠮷", "123456", "[语音]"])
def test_nothing_said_gives_no_reason(text: str) -> None:
    assert reasons.reason_of(text)[0] is None


@pytest.mark.usefixtures("trained")
def test_traditional_script_reads_the_same() -> None:
    assert reasons.reason_of("公司還沒發薪水")[0] == reasons.reason_of("公司还没发薪水")[0] == "salary_delayed"


def test_codes_of_wordings_model_and_data_agree(model: LinearText) -> None:
    assert set(load_data("reasons.yml")) == {*reasons.REASONS, "blank"}
    assert sorted(reasons.MORE_TELLING_FIRST) == sorted(reasons.REASONS)
    assert set(model.labels) == {*reasons.REASONS, reasons.NO_REASON}
    assert {line.label for line in read_reasons(ROOT / "nlu_data" / "messages")} == set(model.labels)


@pytest.mark.parametrize(
    ("text", "codes"),
    [("不会忘的", []), ("累死了", []), ("我不是不想还", []), ("忘了", ["forgot"]), ("沒發工資", ["salary_delayed"])],
)
def test_courtesies_and_denials_are_no_wording(text: str, codes: list[str]) -> None:
    assert reasons.worded_reasons(simplify(text)) == codes
