"""Trains the models that read whole talks from nlu_data/types. Never imported where talks are read.

Settings were chosen by rotation over voices (`heyue evaluate`, docs/models.md).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from heyue.coaching.reading import CONTEXT, read_talk
from heyue.coaching.situations import answers_of, has_broken_enough
from heyue.coaching.transcript import Transcript, transcript_from_dict
from heyue.errors import BadInput
from heyue.settings import ZONE
from heyue.understanding.linear_text import LinearText, Scales
from heyue.understanding.linear_training import EARLY, Example, Settings, fit, fit_questions

TYPE_SETTINGS = Settings(scales=Scales(concepts=0.7, flags=0.2, meaning=1.0))
TURN_SETTINGS = Settings(inverse_penalty=5.0, scales=Scales(concepts=0.7, flags=0.0, meaning=1.0))
SITUATION_SETTINGS = Settings(scales=Scales(concepts=0.7, flags=0.2, meaning=1.0), with_squares=True)
COLLECTOR_SETTINGS = Settings(scales=Scales(concepts=0.7, flags=0.0, meaning=1.0), with_squares=True)
# What the beginning of a talk counts against the whole, so that the type is known early and the end stays sure.
BEGINNING_WEIGHT = 0.1
EARLY_WEIGHTS = 0.1, 0.3  # the same for situations, of the borrower's side and the collector's; after few turns (EARLY)
UNDATED = datetime(2026, 11, 18, 10, 0, tzinfo=ZONE)  # when turns without a time were said


class LabelledTalk(NamedTuple):
    """A talk, who wrote it, and its labels. `reason`: None where the borrower states none. `family`: of the talks that are
    written with the same words, None where it is in none. `weight`: how much it counts in training."""

    voice: str
    transcript: Transcript
    debtor_type: str
    situation: str
    reason: str | None
    family: str | None = None
    weight: float = 1.0


def read_talks(folder: Path) -> list[LabelledTalk]:
    """The talks of every <voice>.jsonl in `folder`, in order of file and line.

    Raises:
        BadInput: a line is not a labelled transcript; the message names file and line.
    """
    return [talk for path in sorted(folder.glob("*.jsonl")) for talk in _talks_of(path)]


def _talks_of(path: Path) -> Iterator[LabelledTalk]:
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        try:
            raw = json.loads(line)
            gold = raw["gold"]
            labels = gold["debtor_type"], gold["situation"], gold["reason"]
            yield LabelledTalk(path.stem, transcript_from_dict(raw), *labels, raw.get("family"), float(raw.get("weight", 1)))
        except (BadInput, ValueError, KeyError, TypeError) as error:
            raise BadInput(f"{path}, line {number}: not a labelled transcript ({error})") from error


def type_examples(talks: Iterable[LabelledTalk]) -> list[Example]:
    """Each talk and, with less weight, each of its beginnings."""
    examples = []
    for talk in talks:
        *beginnings, whole = [part for _, part in talk.transcript.beginnings()]
        examples += [type_example(part, talk.debtor_type, BEGINNING_WEIGHT * talk.weight) for part in beginnings]
        examples.append(type_example(whole, talk.debtor_type, talk.weight))
    return examples


def type_example(transcript: Transcript, label: str, weight: float = 1.0) -> Example:
    """What the type model is shown of a talk: neither the collector's words nor the days that the borrower names."""
    talk = read_talk(transcript, UNDATED)
    own_flags = tuple(flag for flag in talk.flags if not flag.startswith(CONTEXT))
    return Example(talk.own, own_flags, label, weight)


def turn_examples(talks: Iterable[LabelledTalk]) -> list[Example]:
    """Each turn of a borrower by itself, labelled as its talk."""
    return [
        Example(turn, (), talk.debtor_type, talk.weight)
        for talk in talks
        for turn in read_talk(talk.transcript, UNDATED).own.split("\n")
    ]


class SituationExamples(NamedTuple):
    """A talk as the two models of situations see it, its beginnings first: the borrower's words and behaviour; the collector's words."""

    own: list[Example]
    collector: list[Example]


def situation_examples(talk: LabelledTalk) -> SituationExamples:
    """What the two models of situations are shown of a talk: with less weight its beginnings, then the whole."""
    beginnings = [part for _, part in talk.transcript.beginnings()]
    early = [beginnings[turns - 1] for turns in EARLY if turns < len(beginnings)]
    seen = [read_talk(part, UNDATED) for part in (*early, talk.transcript)]
    own_weights, collector_weights = ([weight] * len(early) + [1.0] for weight in EARLY_WEIGHTS)
    label, counts = talk.situation, talk.weight
    return SituationExamples(
        [Example(each.own, each.flags, label, counts * weight) for each, weight in zip(seen, own_weights, strict=True)],
        [Example(each.collector, (), label, counts * weight) for each, weight in zip(seen, collector_weights, strict=True)],
    )


def train_types(talks: Sequence[LabelledTalk]) -> LinearText:
    """The model of debtor types that sees all that has been said."""
    return fit(type_examples(talks), TYPE_SETTINGS)


def train_type_turns(talks: Sequence[LabelledTalk]) -> LinearText:
    """The model of debtor types that sees one turn at a time."""
    return fit(turn_examples(talks), TURN_SETTINGS)


def train_situations(talks: Iterable[SituationExamples]) -> LinearText:
    """The model of situations that sees the borrower's words and behaviour."""
    examples = [example for talk in talks for example in talk.own]
    right = [answers_of(each.label, has_broken_enough(each.flags)) for each in examples]
    questions = dict.fromkeys(question for each in right for question in each)
    answers = {question: [each.get(question) for each in right] for question in questions}
    return fit_questions(examples, answers, SITUATION_SETTINGS)


def train_situations_by_collector(talks: Iterable[SituationExamples]) -> LinearText:
    """The model of situations that sees the collector's words."""
    return fit([example for talk in talks for example in talk.collector], COLLECTOR_SETTINGS)
