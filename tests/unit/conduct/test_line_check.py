"""Collectors' lines against the table tests/data/lines.jsonl, by a model trained here on all of nlu_data."""

from __future__ import annotations

import json
import re
import time
from pathlib import Path

import pytest

from heyue.conduct import line_check
from heyue.conduct.line_check import check_line, known_lines
from heyue.conduct.line_flags import line_cues, line_flags, words_of_kinds
from heyue.conduct.line_outline import outline
from heyue.conduct.line_training import read_lines, read_turns, train_lines
from heyue.conduct.rules import LINE_RULES, TALK_RULES, rules
from heyue.errors import BadInput, Broken
from heyue.understanding.linear_text import LinearText, mask

ROOT = Path(__file__).parents[3]
TABLE = ROOT / "tests" / "data" / "lines.jsonl"
CASES = [json.loads(line) for line in TABLE.read_text(encoding="utf-8").splitlines()]


@pytest.fixture(scope="module")
def model() -> LinearText:
    return train_lines(read_lines(ROOT / "nlu_data" / "lines") + read_turns(ROOT / "nlu_data" / "types"))


@pytest.fixture
def trained(model: LinearText, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(line_check, "line_model", lambda: model)
    known_lines.cache_clear()


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case['id']} {case['given']}")
@pytest.mark.usefixtures("trained")
def test_lines(case: dict) -> None:
    assert sorted(each.rule for each in check_line(case["given"])) == case["expect"], case["why"]


def test_the_table_has_every_rule_and_near_misses() -> None:
    assert {rule for case in CASES for rule in case["expect"]} == set(LINE_RULES)
    assert sum(not case["expect"] for case in CASES) >= len(CASES) / 2 - 5


@pytest.mark.parametrize(
    ("text", "rule", "words"),
    [
        ("您好，今天不还，我就把你的照片发到业主群", "exposure_threat", "我就把你的照片发到业主群"),
        ("你好，验证码发给我，我帮你操作", "privacy_probe", "验证码发给我"),
        ("账单已经出了。再不还打断你的腿！听见没有", "violence_threat", "再不还打断你的腿"),
    ],
)
@pytest.mark.usefixtures("trained")
def test_the_clause_that_breaks_the_rule_is_named(text: str, rule: str, words: str) -> None:
    found = {each.rule: each for each in check_line(text)}
    start, stop = found[rule].span
    assert found[rule].text == text[start:stop] == words


@pytest.mark.parametrize("text", ["", " ", "。。。", "👍", "a", "你" * 5000, "[语音]\n\n"])
@pytest.mark.usefixtures("trained")
def test_any_text_is_judged(text: str) -> None:
    for each in check_line(text):
        assert text[slice(*each.span)] == each.text


@pytest.mark.usefixtures("trained")
def test_most_lines_take_less_than_a_millisecond() -> None:
    lines = [case["given"] for case in CASES]
    for text in lines:
        check_line(text)
    known_lines.cache_clear()
    begun = time.process_time()
    for text in lines:
        check_line(text)
    assert (time.process_time() - begun) / len(lines) < 0.002  # 0.0004 when nothing else runs


def test_without_a_model_the_remedy_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(line_check, "MODEL_FILE", tmp_path / "none.npz")
    line_check.line_model.cache_clear()
    with pytest.raises(Broken, match="make train"):
        line_check.line_model()


def test_the_saved_model_judges_alike(model: LinearText, tmp_path: Path) -> None:
    model.save(tmp_path / "lines.npz")
    loaded = LinearText.load(tmp_path / "lines.npz")
    for case in CASES:
        assert line_check.broken_rules(loaded, case["given"]) == line_check.broken_rules(model, case["given"])


def test_denied_words_are_not_plain() -> None:
    asked = line_flags(mask("把验证码发给我"))
    warned = line_flags(mask("千万别把验证码发给任何人"))
    assert "plain:privacy_probe" in asked
    assert "plain:privacy_probe" not in warned
    assert "forbids" in warned


def test_an_outline_keeps_what_is_done_and_to_whom() -> None:
    assert outline("让你妹妹帮你还三千") == outline("让您弟弟帮您还五百")


def test_every_rule_has_cues_and_a_word_one_kind() -> None:
    assert tuple(line_cues().rules) == LINE_RULES
    words = [word for _, listed in words_of_kinds().values() for word in listed]
    assert len(words) == len(set(words))


def test_every_rule_names_its_source_and_a_lawful_wording() -> None:
    assert tuple(rules()) == (*LINE_RULES, *TALK_RULES)
    for rule in rules().values():
        assert rule.severity in ("H", "M")
        assert re.match(r"[A-Z]-\d\d", rule.source)


@pytest.mark.parametrize("identifier", [*LINE_RULES, *TALK_RULES])
@pytest.mark.usefixtures("trained")
def test_what_may_be_said_instead_breaks_no_rule(identifier: str) -> None:
    assert check_line(rules()[identifier].instead) == ()


def test_a_wrong_label_is_named_with_its_place(tmp_path: Path) -> None:
    (tmp_path / "north.jsonl").write_text(
        '{"text": "您好", "gold": []}\n{"text": "您好", "gold": ["rude"]}\n'
    )
    with pytest.raises(BadInput, match=r"north\.jsonl, line 2.*rude"):
        read_lines(tmp_path)
    (tmp_path / "north.jsonl").write_text('{"text": "您好"}\n')
    with pytest.raises(BadInput, match="line 1"):
        read_turns(tmp_path)
