"""The kinds of models that were tried for debtor types, each behind the same two functions: fit, then judge rows."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from functools import cache
from typing import Any, NamedTuple

import numpy as np

from heyue.coaching.talk_training import BEGINNING_WEIGHT, TURN_SETTINGS, TYPE_SETTINGS
from heyue.training.features import LinearFit, Parts
from heyue.training.talks import Talks
from heyue.understanding.linear_text import softmax

SEED = 7
SPACY_ROUNDS, SPACY_BATCH = 8, 64
BOOSTED_AXES = 64  # principal axes of the word vectors: all 256 take four times as long
BY_TALK, BY_TURN, BOOSTED = "all of it", "turn by turn (hierarchical)", "gradient boosting on vectors and behaviour"
KEPT = "all of it and turn by turn"  # what heyue/coaching uses
# alternatives together, by the mean of their log-probabilities
POOLS = {KEPT: (BY_TALK, BY_TURN), "these two and boosting": (BY_TALK, BY_TURN, BOOSTED)}

Judge = Callable[[np.ndarray], np.ndarray]  # rows of a Talks to probabilities, one column a label


class Settings(NamedTuple):
    """What is chosen inside the training voices: inverse penalty, what a beginning counts, what each block counts."""

    penalty: float = TYPE_SETTINGS.inverse_penalty
    beginning: float = BEGINNING_WEIGHT
    parts: Parts = Parts()


class Alternative(NamedTuple):
    """One kind of model. `candidates`: the settings to choose among."""

    name: str
    fit: Callable[[Talks, np.ndarray, Settings], Judge]
    candidates: tuple[Settings, ...]


def fit_linear(talks: Talks, known: np.ndarray, settings: Settings) -> Judge:
    """Logistic regression over talks and their beginnings."""
    weights = weights_of(talks, known, settings)
    model = LinearFit(talks.table, known, weights, settings.parts, settings.penalty)
    return lambda rows: aligned(model.probabilities(rows), model.labels, talks.labels)


def fit_by_turn(talks: Talks, known: np.ndarray, settings: Settings) -> Judge:
    """Hierarchical: logistic regression over single turns; a talk is the mean of its turns' log-probabilities."""
    table = talks.turn_table
    model = LinearFit(table, known, talks.weights[known], settings.parts, settings.penalty)

    def judge(rows: np.ndarray) -> np.ndarray:
        turns = [talks.turn_rows(row) for row in rows]
        logs = np.log(aligned(model.probabilities(np.concatenate(turns)), model.labels, talks.labels))
        ends = np.cumsum([len(each) for each in turns])
        means = np.array([part.mean(axis=0) for part in np.split(logs, ends[:-1])])
        return softmax(means)

    return judge


def fit_boosting(talks: Talks, known: np.ndarray, settings: Settings) -> Judge:
    """Gradient boosting over word vectors and behaviour, on whole talks and what they were after three turns."""
    from sklearn.decomposition import PCA
    from sklearn.ensemble import HistGradientBoostingClassifier

    shown = known[talks.whole[known] | talks.early(known)]
    axes = PCA(min(BOOSTED_AXES, len(shown)), random_state=SEED).fit(talks.table.meaning[shown])
    model = HistGradientBoostingClassifier(
        max_iter=40, learning_rate=0.2, max_leaf_nodes=12, early_stopping=False, random_state=SEED
    )

    def features(rows: np.ndarray) -> np.ndarray:
        return np.hstack([axes.transform(talks.table.meaning[rows]), talks.table.flags[rows].toarray()])

    model.fit(features(shown), talks.table.labels[shown], sample_weight=weights_of(talks, shown, settings))
    labels = [str(label) for label in model.classes_]
    return lambda rows: aligned(model.predict_proba(features(rows)), labels, talks.labels)


def fit_spacy(talks: Talks, known: np.ndarray, settings: Settings) -> Judge:
    """spaCy's textcat, bag of words and pairs over jieba, on whole talks and what they were after three turns.

    It knows no weights: a talk that counts three times is shown three times.
    """
    import spacy
    from spacy.training import Example as SpacyExample

    spacy.util.fix_random_seed(SEED)
    language = _chinese()
    nlp = spacy.blank("zh", vocab=language.vocab, config=_SEGMENTER)
    model = {"@architectures": "spacy.TextCatBOW.v3", "exclusive_classes": True, "ngram_size": 2,
             "no_output_layer": False, "length": 262144}  # fmt: skip
    categories = nlp.add_pipe("textcat", config={"model": model})
    shown = known[talks.whole[known] | talks.early(known)]
    shown = np.repeat(shown, talks.weights[shown].astype(int))
    labels = sorted(set(talks.table.labels[shown]))
    examples = [
        SpacyExample.from_dict(
            _doc(talks.words(row)), {"cats": {each: float(each == label) for each in labels}}
        )
        for row, label in zip(shown, talks.table.labels[shown], strict=True)
    ]
    nlp.initialize(lambda: examples)
    optimizer, order = nlp.create_optimizer(), random.Random(SEED)
    for _ in range(SPACY_ROUNDS):
        order.shuffle(examples)
        for start in range(0, len(examples), SPACY_BATCH):
            nlp.update(examples[start : start + SPACY_BATCH], sgd=optimizer)

    def judge(rows: np.ndarray) -> np.ndarray:
        return aligned(
            categories.predict([_doc(talks.words(row)) for row in rows]), categories.labels, talks.labels
        )

    return judge


_SEGMENTER = {"nlp": {"tokenizer": {"segmenter": "jieba"}}}


@cache
def _chinese() -> Any:
    import logging

    import jieba
    import spacy

    jieba.setLogLevel(logging.WARNING)
    return spacy.blank("zh", config=_SEGMENTER)


@cache
def _doc(text: str) -> Any:
    return _chinese().make_doc(text)


def weights_of(talks: Talks, rows: np.ndarray, settings: Settings) -> np.ndarray:
    """What each row counts in training: a beginning less than its whole talk."""
    return np.asarray(talks.weights[rows] * np.where(talks.whole[rows], 1.0, settings.beginning))


def aligned(probabilities: np.ndarray, labels: Sequence[str], wanted: Sequence[str]) -> np.ndarray:
    """The columns in the order of `wanted`; a label that a model never saw is all but impossible."""
    found = np.full((len(probabilities), len(wanted)), 1e-6)
    for column, label in enumerate(labels):
        found[:, wanted.index(label)] = np.maximum(probabilities[:, column], 1e-6)
    return np.asarray(found / found.sum(axis=1, keepdims=True))


def _with_penalties(parts: Parts, *penalties: float) -> tuple[Settings, ...]:
    return tuple(Settings(penalty, parts=parts) for penalty in penalties)


_SHIPPED = Settings(parts=Parts(1.0, *TYPE_SETTINGS.scales))
ALTERNATIVES = (
    Alternative("character n-grams only", fit_linear, _with_penalties(Parts(ngrams=1.0), 5.0, 20.0)),
    Alternative("concepts only", fit_linear, _with_penalties(Parts(concepts=1.0), 2.0, 20.0)),
    Alternative("word vectors only", fit_linear, _with_penalties(Parts(meaning=1.0), 2.0, 20.0)),
    Alternative("behaviour only", fit_linear, _with_penalties(Parts(flags=0.2), 2.0, 20.0)),
    Alternative(
        BY_TALK,
        fit_linear,
        (
            _SHIPPED,
            _SHIPPED._replace(penalty=5.0),
            _SHIPPED._replace(beginning=0.3),
            _SHIPPED._replace(parts=_SHIPPED.parts._replace(flags=0.4)),
            _SHIPPED._replace(parts=_SHIPPED.parts._replace(meaning=2.0)),
        ),
    ),
    Alternative(BY_TURN, fit_by_turn, _with_penalties(Parts(1.0, *TURN_SETTINGS.scales), TURN_SETTINGS.inverse_penalty)),
    Alternative(BOOSTED, fit_boosting, (Settings(beginning=0.3),)),
    Alternative("spaCy textcat (words and pairs over jieba)", fit_spacy, (Settings(),)),
)
