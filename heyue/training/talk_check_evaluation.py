"""Rules broken in whole talks, judged by a line model that never saw their authors, and their section of docs/models.md.

What matters most is that nobody is flagged who is firm but clean: of the talks without a broken rule, how many are.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from functools import partial
from pathlib import Path
from typing import NamedTuple

from heyue.coaching.assessment import lines_said
from heyue.coaching.transcript import transcript_from_dict
from heyue.conduct.line_training import LabelledLine, read_lines, read_turns, train_lines
from heyue.conduct.rules import LINE_RULES, TALK_RULES
from heyue.conduct.talk_check import FLAG_IN_TALK_AT, check_talks_by
from heyue.training.evaluation import Extent, judge_groups
from heyue.training.reading_evaluation import Message, read_messages
from heyue.training.report import Lines, Run
from heyue.training.scores import precision_and_recall

MOST_SHOWN = 20
Broken = frozenset[tuple[int, str]]  # number of a turn, rule


class JudgedConduct(NamedTuple):
    """What a collector says in a talk of a held-out voice: the rules broken by hand and those found."""

    voice: str
    said: dict[int, str]
    right: Broken
    given: Broken


def evaluate_conduct(data: Path, extent: Extent, jobs: int) -> list[JudgedConduct]:
    """The talks of each group of voices, by the lines of other authors and the other voices' talks."""
    lines, turns = read_lines(data / "lines"), read_turns(data / "types")
    rows = read_messages(data / "types")
    return judge_groups("conduct in talks", partial(judge_conduct, lines, turns, rows), rows, extent, jobs)


def judge_conduct(
    lines: Sequence[LabelledLine],
    turns: Sequence[LabelledLine],
    rows: Sequence[Message],
    held_out: Collection[str],
) -> list[JudgedConduct]:
    """The talks of the held-out voices."""
    model = train_lines([*lines, *(turn for turn in turns if turn.voice not in held_out)])
    own = [row for row in rows if row.voice in held_out]
    talks = [lines_said(transcript_from_dict(row.raw)) for row in own]
    return [
        JudgedConduct(
            row.voice,
            {number: text for number, text, _ in talk},
            frozenset((each["turn"], each["rule"]) for each in row.raw["gold"]["violations"]),
            frozenset((each.turn, each.rule) for each in found),
        )
        for row, talk, found in zip(own, talks, check_talks_by(model, talks), strict=True)
    ]


def conduct_section(judged: Sequence[JudgedConduct], run: Run) -> Lines:
    """The section."""
    clean = [each for each in judged if not each.right]
    flagged = [each for each in clean if each.given]
    precision, recall = precision_and_recall(*_flagged_turns(judged))
    return [
        f"## Rules broken in whole talks: {len(judged)} talks, {len(clean)} of them clean", "",
        (
            f"{run.words} The collectors' turns of each group of voices (authors) are judged by a model of "
            "`nlu_data/lines`, which others wrote, and of the other voices' talks. A turn is flagged from a sum of scores "
            f"of {FLAG_IN_TALK_AT} on, chosen on these talks, and {' and '.join(TALK_RULES)} are expressions written by "
            "people who had read them, so that the figures are a little on the bright side."
        ), "",
        (
            f"Of the {len(clean)} talks in which no rule is broken **{len(flagged)}** are flagged "
            f"({len(flagged) / max(len(clean), 1):.2%}); a turn that breaks a rule is flagged with precision "
            f"**{precision:.3f}** and recall **{recall:.3f}**."
        ), "",
        *_wrongly_flagged(flagged), *_rule_rows(judged), "",
    ]  # fmt: skip


def _flagged_turns(judged: Sequence[JudgedConduct]) -> tuple[list[bool], list[bool]]:
    """Of every turn of a collector, whether it breaks a rule by hand, and by what was found."""
    turns = [(talk, turn) for talk in judged for turn in talk.said]
    return (
        [any(turn == place for place, _ in talk.right) for talk, turn in turns],
        [any(turn == place for place, _ in talk.given) for talk, turn in turns],
    )


def _wrongly_flagged(talks: Sequence[JudgedConduct]) -> Lines:
    """What is flagged of clean talks, word for word, so that a reader may judge who is right."""
    found = [f"- {rule}: {talk.said[turn]}" for talk in talks for turn, rule in sorted(talk.given)]
    return ["Flagged in them:", "", *found[:MOST_SHOWN], ""] if found else []


def _rule_rows(judged: Sequence[JudgedConduct]) -> Lines:
    """Precision and recall of each rule, turn by turn."""
    rows = ["| rule | turns that break it | precision | recall |", "|---|---|---|---|"]
    for rule in (*LINE_RULES, *TALK_RULES):
        holds = [(turn, rule) in talk.right for talk in judged for turn in talk.said]
        found = [(turn, rule) in talk.given for talk in judged for turn in talk.said]
        precision, recall = precision_and_recall(holds, found)
        rows.append(f"| {rule} | {sum(holds)} | {precision:.2f} | {recall:.2f} |")
    return rows
