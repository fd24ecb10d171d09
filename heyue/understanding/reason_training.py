"""Trains the reason models, of messages and of talks, from nlu_data. Never imported where they are read."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import yaml

from heyue.errors import BadInput
from heyue.understanding.linear_text import LinearText, Scales
from heyue.understanding.linear_training import EARLY, Example, Settings, fit
from heyue.understanding.reason_talks import both_sides, collector_words, talk_input
from heyue.understanding.reasons import NO_REASON, reason_input

# Chosen by rotation over voices.
REASON_SETTINGS = Settings(scales=Scales(flags=0.25, meaning=2.0), with_squares=True)
TALK_SETTINGS = Settings(scales=Scales(flags=0.2, meaning=1.5), with_squares=True)
COLLECTOR_SETTINGS = Settings(scales=Scales(concepts=0.7, flags=0.0, meaning=1.5), with_squares=True)
EARLY_WEIGHT = 0.3  # what the beginning of a talk counts against the whole
# What an utterance counts against a message labelled for its reason: utterances without one are many and short.
WEIGHT_WITH_REASON, WEIGHT_WITHOUT = 0.5, 0.3
# Labels are balanced in training, but most messages in life state no reason.
WEIGHT_OF_NONE = 3.0
# Utterances whose intent tells their reason, so that they can teach the reason model too.
REASON_OF_INTENT = {"dispute_amount": "dispute", "not_my_loan": "fraud", "refuse_to_pay": "unwilling"}
INTENTS_WITHOUT_REASON = frozenset({
    "confirm_identity", "wrong_number", "third_party", "refuse_to_verify", "affirm", "deny", "noncommittal", "greet",
    "goodbye", "thanks", "promise_to_pay", "correct", "ask_who", "ask_purpose", "ask_scam", "ask_bot", "ask_amount",
    "ask_calculation", "ask_how_to_pay", "ask_extension", "ask_credit_record", "ask_consequences", "want_human",
    "complaint", "opt_out", "insult", "off_topic", "injection",
})  # fmt: skip


PROMISES_ONLY = "promises"  # of messages that would make readers miss plain reasons beside a promise (nlu_data/README.md)


class Talk(NamedTuple):
    """What the borrower said in one talk, turn by turn, and the main reason, NO_REASON where he states none.

    `asked`: the collector's turns that he answers. `asked_early`: those at each beginning that is learnt from (EARLY).
    """

    voice: str
    turns: tuple[str, ...]
    label: str
    asked: tuple[str, ...] = ()
    asked_early: tuple[tuple[str, ...], ...] = ()


class Utterance(NamedTuple):
    """One handwritten line: who wrote it (the voice), what it says, its label."""

    voice: str
    text: str
    label: str


def read_intents(folder: Path) -> list[Utterance]:
    """The lines of every nlu_data/nlu/<voice>.yml in `folder`, in order of file and line."""
    return [line for path in sorted(folder.glob("*.yml")) for line in _intents_of(path)]


def _intents_of(path: Path) -> Iterator[Utterance]:
    for block in yaml.safe_load(path.read_text(encoding="utf-8"))["nlu"]:
        for line in block["examples"].splitlines():
            if line.strip():
                yield Utterance(path.stem, line.strip().removeprefix("-").strip(), block["intent"])


def read_reasons(folder: Path) -> list[Utterance]:
    """The messages of every nlu_data/messages/<voice>.jsonl in `folder` with their reason, NO_REASON where none; without those that
    teach promises only."""
    return [line for path in sorted(folder.glob("*.jsonl")) for line in _reasons_of(path)]


def _reasons_of(path: Path) -> Iterator[Utterance]:
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        try:
            message = json.loads(line)
            if message.get("teaches") != PROMISES_ONLY:
                yield Utterance(path.stem, message["text"], message["gold"]["reason"] or NO_REASON)
        except (ValueError, KeyError, TypeError) as error:
            raise BadInput(f"{path}, line {number}: not a labelled message ({error})") from error


def read_talks(folder: Path) -> list[Talk]:
    """The talks of every nlu_data/types/<voice>.jsonl in `folder` with their reason."""
    return [talk for path in sorted(folder.glob("*.jsonl")) for talk in _talks_of(path)]


def _talks_of(path: Path) -> Iterator[Talk]:
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        try:
            raw = json.loads(line)
            said = [(turn["speaker"] == "borrower", turn["text"]) for turn in raw["turns"]]
            own, asked = both_sides(said)
            yield Talk(path.stem, tuple(own), raw["gold"]["reason"] or NO_REASON, tuple(asked), tuple(_asked_early(said)))
        except (ValueError, KeyError, TypeError) as error:
            raise BadInput(f"{path}, line {number}: not a labelled talk ({error})") from error


def _asked_early(said: Sequence[tuple[bool, str]]) -> Iterator[tuple[str, ...]]:
    """The collector's turns that the borrower had answered after the first of his own."""
    own = [number for number, (is_own, _) in enumerate(said) if is_own]
    for turns in EARLY:
        if turns < len(own):
            yield tuple(both_sides(said[: own[turns - 1] + 1]).asked)


def read_labelled_utterances(path: Path) -> dict[str, str]:
    """Reasons of single utterances by their text (nlu_data/reasons/utterances.yml)."""
    blocks = yaml.safe_load(path.read_text(encoding="utf-8"))
    return {
        line.strip(): code for code, lines in blocks.items() for line in lines.splitlines() if line.strip()
    }


def reasons_from_intents(utterances: Iterable[Utterance], labelled: dict[str, str]) -> list[Utterance]:
    """Those utterances whose reason is labelled, or told by their intent."""
    told = {**REASON_OF_INTENT, **dict.fromkeys(INTENTS_WITHOUT_REASON, NO_REASON)}
    reasons = [(line, labelled.get(line.text, told.get(line.label))) for line in utterances]
    return [line._replace(label=reason) for line, reason in reasons if reason]


def extra_lines(data: Path) -> list[Utterance]:
    """All utterances under `data` that tell a reason or plainly have none."""
    return reasons_from_intents(
        read_intents(data / "nlu"), read_labelled_utterances(data / "reasons" / "utterances.yml")
    )


def reason_example(line: Utterance) -> Example:
    """One line as the reason model sees it."""
    return Example(*reason_input(line.text), line.label, WEIGHT_OF_NONE if line.label == NO_REASON else 1.0)


def extra_example(line: Utterance) -> Example:
    """One utterance as the reason model sees it, at its lower weight."""
    weight = WEIGHT_WITHOUT if line.label == NO_REASON else WEIGHT_WITH_REASON
    return reason_example(line)._replace(weight=weight)


def train_reasons(data: Path) -> LinearText:
    """The reason model of all messages and utterances under `data` (the folder nlu_data)."""
    examples = [reason_example(line) for line in read_reasons(data / "messages")]
    return fit(examples + [extra_example(line) for line in extra_lines(data)], REASON_SETTINGS)


def talk_example(talk: Talk, messages: LinearText) -> Example:
    """One talk as the model of talks sees it. `messages`: the model that reads its single turns."""
    masked, blocks = talk_input(talk.turns, messages, talk.asked)
    return Example(masked, blocks.flags, talk.label)


def collector_examples(talk: Talk) -> list[Example]:
    """What the model of the collector's words is shown of a talk: its beginnings, then the whole."""
    early = [Example(collector_words(asked), (), talk.label, EARLY_WEIGHT) for asked in talk.asked_early]
    return [*early, Example(collector_words(talk.asked), (), talk.label)]


def train_talk_reasons(data: Path, messages: LinearText) -> LinearText:
    """The model of whole talks under `data`. `messages`: what `train_reasons` gave."""
    return fit([talk_example(talk, messages) for talk in read_talks(data / "types")], TALK_SETTINGS)


def train_reasons_by_collector(data: Path) -> LinearText:
    """The model of the collector's words in the talks under `data`."""
    talks = read_talks(data / "types")
    return fit([example for talk in talks for example in collector_examples(talk)], COLLECTOR_SETTINGS)
