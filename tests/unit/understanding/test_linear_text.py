"""The linear model: masking, features, the same probabilities after saving, honest failure on a bad file."""

from pathlib import Path

import numpy as np
import pytest

from heyue.errors import Broken
from heyue.understanding.concepts import concept_runs, concepts
from heyue.understanding.lexicon import load_data
from heyue.understanding.linear_text import Blocks, LinearText, Scales, blocks_of, mask, ngrams
from heyue.understanding.linear_training import EVENNESS, SQUARES, Example, Settings, fit

EXAMPLES = [
    Example("工资没发", ("a",), "late_wages"),
    Example("工资还没到", ("a",), "late_wages"),
    Example("老板拖工资", (), "late_wages"),
    Example("住院了", ("b",), "ill"),
    Example("在医院住院", ("b",), "ill"),
    Example("手术住院", (), "ill"),
    Example("你好", (), "none"),
    Example("你好呀", (), "none"),
]


@pytest.mark.parametrize(
    ("text", "dates", "amounts", "masked"),
    [
        ("周五还三千", [(0, 2)], [(3, 5)], "D还M"),
        ("我是赵明远", [], [], "我是N"),
        ("打13812345678", [], [], "打P"),
        ("身份证5126", [], [], "身份证I"),
        ("第3期 12.5", [], [], "第0期0"),
        ("還沒發薪！", [], [], "还没发工资！"),
        ("ＴＤ", [], [], "td"),
        ("", [], [], ""),
    ],
)
def test_mask(text: str, dates: list, amounts: list, masked: str) -> None:
    assert mask(text, dates, amounts) == masked


def test_overlapping_spans_are_masked_once() -> None:
    assert mask("下周五", [(0, 3), (1, 3)]) == "D"


def test_ngrams_have_ends() -> None:
    assert ngrams("还") == ["^", "还", "$", "^还", "还$", "^还$"]


def test_concepts_take_the_longest_word() -> None:
    assert concepts("老公没发工资") == ["family", "not_paid_out", "salary"]
    assert "@family>not_paid_out" in concept_runs("老公没发工资")


def test_each_word_stands_under_one_concept() -> None:
    words = [word for listed in load_data("concepts.yml").values() for word in listed.split()]
    assert sorted(words) == sorted(set(words))


def test_learns_and_survives_saving(tmp_path: Path) -> None:
    model = fit(EXAMPLES)
    assert model.ranking("工资没到", ("a",))[0][0] == "late_wages"
    model.save(tmp_path / "deep" / "model.npz")
    again = LinearText.load(tmp_path / "deep" / "model.npz")
    assert again.labels == model.labels
    assert np.allclose(again.probabilities("住院", ("b",)), model.probabilities("住院", ("b",)), atol=1e-2)
    assert [path.name for path in (tmp_path / "deep").iterdir()] == ["model.npz"]


def test_probabilities_are_shares() -> None:
    model = fit(EXAMPLES)
    for text in ("", "𠮷", "工资" * 500):
        assert model.probabilities(text).sum() == pytest.approx(1.0, abs=1e-5)


def test_two_labels() -> None:
    model = fit([example for example in EXAMPLES if example.label != "none"])
    assert model.ranking("住院")[0][0] == "ill"


def test_least_squares_are_added_to_logistic_regression() -> None:
    alone, both = fit(EXAMPLES), fit(EXAMPLES, Settings(with_squares=True))
    for example in EXAMPLES:
        seen = blocks_of(example.masked, example.flags)
        squares = (EVENNESS * both.scores(seen) - alone.scores(seen)) / SQUARES
        assert [label for label, score in zip(both.labels, squares, strict=True) if score > 0] == [example.label]


def test_training_twice_gives_the_same_model() -> None:
    assert np.array_equal(fit(EXAMPLES).weights, fit(EXAMPLES).weights)


@pytest.mark.parametrize(
    "content", [b"", b"not a model", b"PK\x03\x04broken"], ids=["empty", "text", "broken"]
)
def test_a_bad_file_is_named(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "model.npz"
    path.write_bytes(content)
    with pytest.raises(Broken, match=r"model\.npz"):
        LinearText.load(path)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(Broken, match="missing"):
        LinearText.load(tmp_path / "missing.npz")


def test_a_model_without_meaning_does_not_depend_on_what_lies_in_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    """numpy's einsum over no dimension gave NaN now and then, and every line of a batch broke a rule."""
    one = np.array([[0.5, 1.0]])
    model = LinearText(("yes", "no"), ("你",), np.ones(1), one, np.zeros(2), Scales())
    monkeypatch.setattr(np, "einsum", lambda *_: np.full((1, 2), np.nan, np.float32))
    assert model.scores(Blocks("你", "", np.zeros(0, np.float32))).tolist() == one[0].tolist()
