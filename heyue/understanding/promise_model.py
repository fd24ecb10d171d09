"""The learnt decision which days and sums of a message are promised, and how firmly. Pure Python, no numpy.

Three logistic regressions over the features of heyue/understanding/promise_features.py: of each day (not promised, firm,
conditional), of each sum (offered or not), and of the message as a whole. Where they are in doubt, the small trees of
heyue/understanding/promise_second.py decide by what all of them said. Until they have been trained
(heyue/understanding/promise_training.py) the rules decide alone.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date
from functools import cache, cached_property
from pathlib import Path
from typing import Any

from heyue.errors import Broken
from heyue.understanding.clauses import Clause
from heyue.understanding.cues import cue
from heyue.understanding.instalments import paid_ahead, paid_behind, parts_of
from heyue.understanding.model_file import written_whole
from heyue.understanding.never_promised import never_promised
from heyue.understanding.plain_words import (
    hangs_on_condition,
    said_plainly,
    struck_by_lender,
    sum_at_hand,
    sum_said_with,
)
from heyue.understanding.promise_features import Sketch, day_features, message_features, sum_features
from heyue.understanding.promise_rules import (
    TODAY,
    Span,
    Verdict,
    judge_by_rules,
)
from heyue.understanding.promise_second import (
    NOTHING,
    OFFERED,
    FirstLook,
    Forest,
    Scores,
    day_row,
    doubt,
    message_row,
    undated_label,
    undated_over_not,
)

MODEL_FILE = Path(__file__).parent / "models" / "promises.json"
FORMAT = 3
SCALE = 1000  # weights are kept as whole thousandths
LONGEST = 300  # characters; what is longer is no borrower's message, and the rules judge it
DOUBT = 2000  # thousandths between two labels up to which a second look is worth its time
DIGIT, HALF = 32, 1 << 31  # bits of one packed number, and the half of what they can hold


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

    @cached_property
    def _packed_bias(self) -> int:
        return packed(self.bias)

    def scores(self, features: Iterable[str]) -> Scores:
        """The score of each label."""
        total = sum(filter(None, map(self._packed.get, set(features))), self._packed_bias)
        return dict(zip(self.labels, unpacked(total, len(self.labels)), strict=True))


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
    """What `train_promises` learns: the decisions of the first look, and those of the second."""

    day: Decision
    sum: Decision
    whole: Decision
    day_again: Forest
    whole_again: Forest

    def judge(self, plain: str, clauses: list[Clause], today: date) -> Verdict:
        """What of the message is promised."""
        rules = judge_by_rules(plain, clauses, today)
        if len(plain) > LONGEST:
            return rules
        look = Look(self, Sketch(plain, clauses, rules, today))
        days = self.promised_days(look)
        undated = None if days else self.undated(look)
        if not days and undated is None:
            return Verdict({}, frozenset())
        parts = parts_of(look.sketch, days)
        days = {each.day: "firm" for each in parts} | days
        sums = self.offered_sums(look, days, rules.clause if undated == TODAY else None)
        if undated == "firm" and not sums:
            return Verdict({}, frozenset())
        ahead, behind = paid_ahead(look.sketch, days), paid_behind(look.sketch, days)
        own = {each.day: each.sum for each in parts}
        return Verdict(days, sums, undated, rules.clause, ahead.span if ahead else None, own, behind)

    def promised_days(self, look: Look) -> dict[Span, str]:
        """How firmly each day is promised, where it is."""
        sketch = look.sketch
        labels = {
            day: max(scores, key=scores.__getitem__)
            if doubt(scores) > DOUBT
            else self.day_again.label(day_row(sketch, place, look.everything))
            for place, (day, scores) in enumerate(zip(sketch.placed_days, look.days, strict=True))
        }
        found = {}
        for day, label in labels.items():
            place = sketch.places[day.span][0]
            if label == NOTHING and said_plainly(sketch.clauses, place, day):
                label = "firm"
            if label != NOTHING and not never_promised(sketch.clauses, place, day, sketch.today):
                found[day.span] = "conditional" if hangs_on_condition(sketch.clauses, place) else label
        return found

    def offered_sums(self, look: Look, days: Mapping[Span, str], at_once: int | None) -> frozenset[Span]:
        """The sums that are to be paid. `days`: those promised; `at_once`: the place of what is paid now, though no day is named."""
        sketch = look.sketch
        sums = {
            each.span
            for each, scores in zip(sketch.placed_sums, look.sums, strict=True)
            if offered(scores) and not struck_by_lender(sketch.clauses[sketch.places[each.span][0]])
        }
        promised = [(sketch.places[day.span][0], day) for day in sketch.placed_days if day.span in days]
        sums |= {
            said.span
            for place, day in promised
            if (said := sum_said_with(sketch.clauses, place, day)) is not None
        }
        places = [place for place, _ in promised] if at_once is None else [at_once]
        if not sums and places and "conditional" not in days.values():
            sums |= {said.span for said in sum_at_hand(sketch.clauses, places)}
        return frozenset(sums & sketch.places.keys())

    def undated(self, look: Look) -> str | None:
        """What a message in which no day is promised promises; None where nothing."""
        if cue("only_talk").search(look.sketch.plain):
            return None
        surety = undated_over_not(look.whole)
        if abs(surety) > DOUBT:
            promises = surety > 0
        else:
            promises = self.whole_again.label(message_row(look.sketch, look.everything)) != NOTHING
        if look.sketch.rules.undated == TODAY and (promises or says_at_once(look.sketch)):
            return TODAY  # too rare in the lessons for the whole message's scores to tell it from waiting, or from nothing
        if not promises and any(cue("waits_plainly").fullmatch(clause.text) for clause in look.sketch.clauses):
            return "conditional"
        return undated_label(look.whole) if promises else None

    def save(self, path: Path) -> None:
        """Write the model to one file, all or nothing."""
        parts = {
            name: {field.name: getattr(part, field.name) for field in fields(part)}
            for name, part in vars(self).items()
        }
        text = json.dumps({"format": FORMAT, **parts}, ensure_ascii=False, separators=(",", ":"))
        with written_whole(path) as file:
            file.write(text.encode())

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
            first = {
                name: Decision(tuple(each["labels"]), tuple(each["bias"]), each["weights"])
                for name, each in stored.items()
                if "weights" in each
            }
            second = {
                name: Forest(tuple(each["labels"]), tuple(each["base"]), each["trees"])
                for name, each in stored.items()
                if "trees" in each
            }
            return PromiseModel(
                first["day"], first["sum"], first["whole"], second["day_again"], second["whole_again"]
            )
        except (OSError, KeyError, ValueError, TypeError, AttributeError) as error:
            raise Broken(
                f"{path} is no model of this version ({error}); train again with `make train`"
            ) from error


class Look:
    """The first look at one message, each part of it taken when it is asked for."""

    def __init__(self, model: PromiseModel, sketch: Sketch) -> None:
        self.model, self.sketch = model, sketch
        self.days = [model.day.scores(day_features(sketch, day)) for day in sketch.placed_days]

    @cached_property
    def sums(self) -> list[Scores]:
        return [self.model.sum.scores(sum_features(self.sketch, each)) for each in self.sketch.placed_sums]

    @cached_property
    def whole(self) -> Scores:
        return self.model.whole.scores(message_features(self.sketch))

    @cached_property
    def everything(self) -> FirstLook:
        return FirstLook(self.days, self.sums, self.whole)


def says_at_once(sketch: Sketch) -> bool:
    """A clause says nothing but that it is paid at once, and no later day is named ("12号过了关，立马")."""
    later = any(day.start is None or day.start > sketch.today for day in sketch.future)
    return not later and sketch.clauses[sketch.rules.clause].has("at_once")


def offered(scores: Scores) -> bool:
    """A sum is to be paid."""
    return max(scores, key=scores.__getitem__) == OFFERED


@cache
def trained_model() -> PromiseModel | None:
    """The model of MODEL_FILE; None before the first training."""
    return PromiseModel.load(MODEL_FILE) if MODEL_FILE.exists() else None


def judge(plain: str, clauses: list[Clause], today: date) -> Verdict:
    """What of a message is promised: by the trained model, else by the rules."""
    model = trained_model()
    return judge_by_rules(plain, clauses, today) if model is None else model.judge(plain, clauses, today)
