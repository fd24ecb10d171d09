"""N-grams found by arithmetic are those that `ngrams` lists, and many texts at once score as one by one."""

from __future__ import annotations

from collections import Counter

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from heyue.understanding.concepts import concept_letters, concept_runs
from heyue.understanding.linear_text import (
    LinearText,
    blocks_of,
    ngrams,
)
from heyue.understanding.linear_training import Example, fit
from heyue.understanding.ngram_table import NgramTable
from heyue.understanding.remembered import Remembered

TEXTS = st.lists(st.text("还钱不^$\n a😀\ud800", max_size=9), min_size=1, max_size=5)


@settings(max_examples=200, deadline=None)
@given(TEXTS, st.lists(st.text("还钱不^$ a😀\ud800", min_size=1, max_size=4), unique=True, max_size=40))
def test_counts_are_those_of_the_listed_ngrams(texts: list[str], grams: list[str]) -> None:
    found = NgramTable(grams, np.arange(len(grams))).counts_in(texts)
    listed = zip(found.texts.tolist(), found.rows.tolist(), found.counts.tolist(), strict=True)
    expected = {
        (number, row): Counter(ngrams(text))[gram]
        for number, text in enumerate(texts)
        for row, gram in enumerate(grams)
        if gram in ngrams(text)
    }
    assert {(number, row): count for number, row, count in listed} == expected


def test_many_ngrams_keep_their_rows() -> None:
    grams = [chr(0x4E00 + one) + chr(0x4E00 + other) for one in range(120) for other in range(120)]
    found = NgramTable(grams, np.arange(len(grams))).counts_in(["".join(gram) for gram in grams])
    assert found.rows.tolist() == list(range(len(grams)))


def model() -> LinearText:
    lines = ["老公没发工资", "工资没发", "住院了", "老婆住院", "你好", "你好呀"]
    labels = ["wages", "wages", "ill", "ill", "none", "none"]
    return fit([Example(line, ("f",), label) for line, label in zip(lines, labels, strict=True)])


def score_by_hand(known: LinearText, text: str) -> np.ndarray:
    """The logits by the formula, token by token."""
    blocks = blocks_of(text, ("f",))
    scores = known.bias + known.scales.meaning * (blocks.meaning @ known.weights[len(known.vocabulary) :])
    scores = scores + known.scales.flags * known.weights[known.vocabulary.index("#f")]
    for tokens, scale in ((ngrams(text), 1.0), (concept_runs(text), known.scales.concepts)):
        counts = {each: count for each, count in Counter(tokens).items() if each in known.vocabulary}
        rows = [known.vocabulary.index(each) for each in counts]
        values = (1 + np.log(np.array(list(counts.values()), dtype=float))) * known.idf[rows]
        if rows:
            scores = scores + scale / np.sqrt(values @ values) * values @ known.weights[rows]
    return np.asarray(scores)


def test_many_at_once_score_as_the_formula_says() -> None:
    known = model()
    texts = ["工资没发\n老婆住院住院", "", "你好", "没有一个字认识"]
    scores = known.scores_of_all([blocks_of(text, ("f",)) for text in texts])
    for text, row in zip(texts, scores, strict=True):
        assert np.allclose(row, score_by_hand(known, text), atol=1e-4)
        assert np.allclose(row, known.scores(blocks_of(text, ("f",))), atol=1e-5)
    assert known.scores_of_all([]).shape == (0, 3)


def test_each_concept_is_one_letter() -> None:
    assert len(concept_letters("老公没发工资")) == 3
    assert concept_letters("工资\n\n工资") == f"{concept_letters('工资')}\n\n{concept_letters('工资')}"


def test_what_was_worked_out_is_not_worked_out_again() -> None:
    asked: list[list[int]] = []

    def squares(numbers: list[int]) -> list[int]:
        asked.append(numbers)
        return [number * number for number in numbers]

    remembered: Remembered[int, int] = Remembered(2)
    assert remembered.of_all([1, 2, 1], squares) == [1, 4, 1]
    assert remembered.of_all([2, 3, 4], squares) == [4, 9, 16]
    assert remembered.of_all([4, 3, 1], squares) == [16, 9, 1]
    assert asked == [[1, 2], [3, 4], [1]]
    remembered.cache_clear()
    assert remembered.of_all([], squares) == []
    assert remembered.of_all([4], squares) == [16]


def test_long_texts_are_not_kept() -> None:
    asked: list[list[tuple[str, float]]] = []

    def lengths(keys: list[tuple[str, float]]) -> list[int]:
        asked.append(keys)
        return [len(text) for text, _ in keys]

    remembered: Remembered[tuple[str, float], int] = Remembered(9)
    short, long = ("好", 0.5), ("好" * 100_000, 0.5)
    assert remembered.of_all([short, long, long], lengths) == [1, 100_000, 100_000]
    assert remembered.of_all([long, short], lengths) == [100_000, 1]
    assert asked == [[short, long], [long]]
