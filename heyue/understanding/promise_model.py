"""The learnt decision which days and sums of a message are promised, and how firmly. Pure Python, no numpy.

Three logistic regressions over the features of heyue/understanding/promise_features.py: of each day (not promised, firm,
conditional), of each sum (offered or not), and of a message in which no day is promised. Until they have been trained
(heyue/understanding/promise_training.py) the rules decide alone.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache, cached_property
from itertools import repeat
from pathlib import Path
from typing import Any

from heyue.errors import Broken
from heyue.understanding.clauses import Clause
from heyue.understanding.promise_features import Sketch, day_features, message_features, sum_features
from heyue.understanding.promise_rules import Span, Verdict, judge_by_rules

MODEL_FILE = Path(__file__).parent / "models" / "promises.json"
NOTHING = "none"  # the label of what is not promised
OFFERED = "offered"
FORMAT = 1
SCALE = 1000  # weights are kept as whole thousandths
LONGEST = 300  # characters; what is longer is no borrower's message, and the rules judge it
SHORT = 14  # characters up to which a message says little beside what the rules see in it
DIGIT, HALF = 32, 1 << 31  # bits of one packed number, and the half of what they can hold
BONUS_OF_RULE = 500  # thousandths that their verdict gains there


@dataclass(frozen=True)
class Decision:
    """One logistic regression. `weights`: for each feature one weight a label, in thousandths."""

    labels: tuple[str, ...]
    bias: tuple[int, ...]
    weights: Mapping[str, Sequence[int]]

    @cached_property
    def _packed(self) -> dict[str, int]:
        """The weights of each feature as one number, so that one addition adds those of all labels."""
        return {feature: packed(each) for feature, each in self.weights.items()}

    def label(self, features: Iterable[str], favoured: str | None = None, bonus: int = 0) -> str:
        """The likeliest label, after `bonus` has been added to the favoured one."""
        total = sum(map(self._packed.get, set(features), repeat(0)), packed(self.bias))
        scores = unpacked(total, len(self.labels))
        if bonus and favoured in self.labels:
            scores[self.labels.index(favoured)] += bonus
        return self.labels[scores.index(max(scores))]


def packed(numbers: Sequence[int]) -> int:
    """Whole numbers as digits of one, each with 32 bits to itself and its sign."""
    return sum(number << (DIGIT * place) for place, number in enumerate(numbers))


def unpacked(total: int, count: int) -> list[int]:
    """The `count` numbers of a sum of packed ones."""
    numbers = []
    for _ in range(count):
        number = ((total + HALF) & (2 * HALF - 1)) - HALF
        numbers.append(number)
        total = (total - number) >> DIGIT
    return numbers


@dataclass(frozen=True)
class PromiseModel:
    """What `train_promises` learns."""

    day: Decision
    sum: Decision
    message: Decision

    def judge(self, plain: str, clauses: list[Clause], today: date) -> Verdict:
        """What of the message is promised."""
        rules = judge_by_rules(plain, clauses, today)
        if len(plain) > LONGEST:
            return rules
        sketch = Sketch(plain, clauses, rules, today)
        days, undated = self.promised_days(sketch), None
        if not days:
            undated = self.message.label(
                message_features(sketch), rules.undated or NOTHING, bonus_of_rule(sketch)
            )
        if undated == NOTHING:
            return Verdict({}, frozenset())
        sums = self.offered_sums(sketch)
        if undated == "firm" and not sums:
            return Verdict({}, frozenset())
        return Verdict(days, sums, undated, rules.clause)

    def promised_days(self, sketch: Sketch) -> dict[Span, str]:
        """How firmly each day is promised, where it is."""
        rules, bonus = sketch.rules.days, bonus_of_rule(sketch)
        labels = {
            day.span: self.day.label(day_features(sketch, day), rules.get(day.span, NOTHING), bonus)
            for day in sketch.placed_days
        }
        return {span: label for span, label in labels.items() if label != NOTHING}

    def offered_sums(self, sketch: Sketch) -> frozenset[Span]:
        """The sums that are to be paid."""
        return frozenset(
            each.span for each in sketch.placed_sums if self.sum.label(sum_features(sketch, each)) == OFFERED
        )

    def save(self, path: Path) -> None:
        """Write the model to one file, all or nothing."""
        parts = {
            name: {"labels": decision.labels, "bias": decision.bias, "weights": decision.weights}
            for name, decision in vars(self).items()
        }
        path.parent.mkdir(parents=True, exist_ok=True)
        unfinished = path.with_name(path.name + ".part")
        text = json.dumps({"format": FORMAT, **parts}, ensure_ascii=False, separators=(",", ":"))
        unfinished.write_text(text, encoding="utf-8")
        unfinished.replace(path)

    @staticmethod
    def load(path: Path) -> PromiseModel:
        """The model that `save` wrote.

        Raises:
            Broken: no such file, or not written by this version.
        """
        try:
            stored: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
            if stored.pop("format") != FORMAT:
                raise ValueError("another format")
            parts = {
                name: Decision(tuple(each["labels"]), tuple(each["bias"]), each["weights"])
                for name, each in stored.items()
            }
            return PromiseModel(**parts)
        except (OSError, KeyError, ValueError, TypeError, AttributeError) as error:
            raise Broken(
                f"{path} is no model of this version ({error}); train again with `make train`"
            ) from error


def bonus_of_rule(sketch: Sketch) -> int:
    return BONUS_OF_RULE if len(sketch.plain) <= SHORT else 0


@cache
def trained_model() -> PromiseModel | None:
    """The model of MODEL_FILE; None before the first training."""
    return PromiseModel.load(MODEL_FILE) if MODEL_FILE.exists() else None


def judge(plain: str, clauses: list[Clause], today: date) -> Verdict:
    """What of a message is promised: by the trained model, else by the rules."""
    model = trained_model()
    return judge_by_rules(plain, clauses, today) if model is None else model.judge(plain, clauses, today)
