"""Collectors' moves judged for voices that the model never saw, and the section of docs/models.md on them."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import NamedTuple

import numpy as np

from heyue.practice.move_training import MoveLine, read_move_lines, train_moves
from heyue.practice.moves import learnt_moves, moves, moves_by
from heyue.training.evaluation import Extent, flat, run_all
from heyue.training.report import Lines, Run
from heyue.training.scores import f1_of_sets, precision_and_recall


class JudgedMoves(NamedTuple):
    """A line of a held-out voice: its moves and those found."""

    voice: str
    text: str
    right: frozenset[str]
    given: frozenset[str]


def evaluate_moves(data: Path, extent: Extent, jobs: int) -> list[JudgedMoves]:
    """Each voice of nlu_data/moves judged by a model of the others, whose thresholds are theirs too."""
    lines = read_move_lines(data / "moves")
    voices = sorted({line.voice for line in lines})[: extent.line_voices]
    return flat(run_all("moves", [partial(judge_moves, lines, voice) for voice in voices], jobs))


def judge_moves(lines: Sequence[MoveLine], held_out: str) -> list[JudgedMoves]:
    """The lines of one voice."""
    model = train_moves([line for line in lines if line.voice != held_out])
    own = [line for line in lines if line.voice == held_out]
    found = moves_by(model, [line.text for line in own])
    return [
        JudgedMoves(line.voice, line.text, line.moves, given) for line, given in zip(own, found, strict=True)
    ]


def move_section(judged: Sequence[JudgedMoves], run: Run) -> Lines:
    """The section."""
    right, given = [each.right for each in judged], [each.given for each in judged]
    by_move = f1_of_sets(right, given)
    micro, exact = micro_f1(judged), np.mean([each.right == each.given for each in judged])
    return [
        f"## Moves of collectors in practice: {len(by_move)} learnt moves, {len(judged)} lines", "",
        (
            f"{run.words} Each voice (an author) is judged by a model of the others' lines, whose thresholds "
            "were chosen on the others too. The words of move_cues.yml and the scales were chosen by someone who had read "
            "these voices, so that the figures are a little on the bright side. Computed moves (threat, disclose, repeat, "
            "concede_too_much) are rules and are not judged here; `other` is a line without a move."
        ), "",
        (
            f"Micro-F1 **{micro:.3f}**, macro-F1 **{np.mean(list(by_move.values())):.3f}**; exactly the right moves: "
            f"{exact:.1%}. A line without a move is left without one in {_left_alone(judged):.1%}."
        ), "",
        *_voice_rows(judged), "",
        *_move_rows(judged, by_move), "",
    ]  # fmt: skip


def micro_f1(judged: Sequence[JudgedMoves]) -> float:
    """F1 over all moves of all lines together."""
    both = sum(len(each.right & each.given) for each in judged)
    return 2 * both / max(sum(len(each.right) + len(each.given) for each in judged), 1)


def _left_alone(judged: Sequence[JudgedMoves]) -> float:
    without = [each for each in judged if not each.right]
    return sum(not each.given for each in without) / max(len(without), 1)


def _voice_rows(judged: Sequence[JudgedMoves]) -> Lines:
    rows = ["| held-out voice | lines | micro-F1 | macro-F1 |", "|---|---|---|---|"]
    for voice in sorted({each.voice for each in judged}):
        own = [each for each in judged if each.voice == voice]
        by_move = f1_of_sets([each.right for each in own], [each.given for each in own])
        rows.append(f"| {voice} | {len(own)} | {micro_f1(own):.3f} | {np.mean(list(by_move.values())):.3f} |")
    return rows


def _move_rows(judged: Sequence[JudgedMoves], by_move: dict[str, float]) -> Lines:
    rows = ["| move | | lines | precision | recall | F1 |", "|---|---|---|---|---|---|"]
    for move in (each for each in learnt_moves() if each in by_move):
        holds, found = [move in each.right for each in judged], [move in each.given for each in judged]
        precision, recall = precision_and_recall(holds, found)
        figures = f"{precision:.2f} | {recall:.2f} | {by_move[move]:.2f}"
        rows.append(f"| {move} | {moves()[move].name} | {sum(holds)} | {figures} |")
    return rows
