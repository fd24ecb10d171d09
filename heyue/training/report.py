"""The section of docs/models.md that `heyue evaluate` writes, and its figures."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from heyue.training import figures
from heyue.training.alternatives import KEPT
from heyue.training.evaluation import Evaluation, Extent
from heyue.training.line_evaluation import JudgedLine
from heyue.training.reading_evaluation import PROMISE_PARTS, JudgedPromises
from heyue.training.scores import (
    Judged,
    accuracy,
    calibration_error,
    f1_by_label,
    f1_of_sets,
    macro_f1,
    precision_and_recall,
    reliability,
)
from heyue.training.type_report import WORDS_ONLY, Lines, by_turn, learning_curves, type_section, voice_table
from heyue.understanding.reasons import NO_REASON


def write(found: Evaluation, extent: Extent, docs: Path, seconds: float) -> Path:
    """Write the section between its markers in docs/models.md, and the figures.

    Returns:
        The file written.
    """
    draw(found, docs / "figures")
    return write_section(docs / "models.md", "heyue evaluate", lines_of(found, extent, seconds))


def write_section(report: Path, command: str, lines: Sequence[str]) -> Path:
    """Put the lines between the markers of the command that wrote them; at the end where there are none yet."""
    begin, end = (f"<!-- {command}: {edge} -->" for edge in ("begin", "end"))
    text = report.read_text(encoding="utf-8") if report.exists() else "# Models\n"
    if begin not in text:
        text = text.rstrip("\n") + f"\n\n{begin}\n{end}\n"
    before, rest = text.split(begin, 1)
    after = rest.split(end, 1)[1]
    report.write_text(before + "\n".join([begin, *lines, end]) + after, encoding="utf-8")
    return report


def draw(found: Evaluation, folder: Path) -> None:
    """All figures."""
    types = found.types
    whole, early = types.judged(KEPT), types.judged(KEPT, types.early_rows())
    figures.draw_confusion(whole, folder / "types_confusion.png")
    figures.draw_reliability(
        {"whole talks": reliability(whole), "after three turns": reliability(early)},
        folder / "types_reliability.png",
    )
    figures.draw_curves(
        learning_curves(types), "voices trained on", "macro-F1", folder / "types_learning.png"
    )
    figures.draw_curves(
        {name: by_turn(types, name) for name in types.names if name in (KEPT, WORDS_ONLY)},
        "borrower turns heard", "macro-F1", folder / "types_by_turn.png",
    )  # fmt: skip
    figures.draw_confusion(found.situations, folder / "situations_confusion.png")
    figures.draw_confusion([line.first for line in found.lines], folder / "rules_confusion.png")


def lines_of(found: Evaluation, extent: Extent, seconds: float) -> Lines:
    """The section."""
    quick = "" if extent == Extent() else (
        f" **Quick figures**: only {extent.judged_groups} of {extent.groups} groups of voices and "
        f"{extent.line_voices} voices of lines were held out."
    )  # fmt: skip
    return [
        "## What reads talks, lines and messages, on voices never seen", "",
        (
            "Measured by `heyue evaluate`: texts are judged by models that never saw a text of the same author "
            f"(a voice). Only the settings of debtor types are chosen anew for each group held out; those of the other "
            "models, and the rules and word lists that all of them see, were chosen by people who had read texts of "
            f"these voices, so that their figures are a little on the bright side. {seconds / 60:.0f} minutes.{quick}"
        ), "",
        *type_section(found.types), *situation_section(found.situations), *line_section(found.lines),
        *reason_section(found), *promise_section(found),
    ]  # fmt: skip


def situation_section(judged: Sequence[Judged]) -> Lines:
    """Situations."""
    return [
        f"### Situations: {len(f1_by_label(judged))} labels, {len(judged)} talks", "",
        label_figures(judged), "", *voice_table(judged), "",
        "![Confusion of situations](figures/situations_confusion.png)", "",
    ]  # fmt: skip


def label_figures(judged: Sequence[Judged]) -> str:
    """Accuracy, macro-F1, calibration and F1 of each label in two sentences."""
    by_label = ", ".join(f"{label} {value:.2f}" for label, value in f1_by_label(judged).items())
    return (
        f"Accuracy **{accuracy(judged):.1%}**, macro-F1 **{macro_f1(judged):.3f}**, "
        f"ECE {calibration_error(judged):.3f}. F1: {by_label}."
    )


def line_section(lines: Sequence[JudgedLine]) -> Lines:
    """Rules that collector lines break."""
    flagged = [bool(line.right) for line in lines], [bool(line.given) for line in lines]
    precision, recall = precision_and_recall(*flagged)
    by_rule = f1_of_sets([line.right for line in lines], [frozenset(line.given) for line in lines])
    exact = sum(line.right == frozenset(line.given) for line in lines) / len(lines)
    voices = sorted({line.voice for line in lines})
    rows = ["| held-out voice | lines | precision | recall |", "|---|---|---|---|"]
    for voice in voices:
        own = [line for line in lines if line.voice == voice]
        p, r = precision_and_recall([bool(line.right) for line in own], [bool(line.given) for line in own])
        rows.append(f"| {voice} | {len(own)} | {p:.3f} | {r:.3f} |")
    return [
        f"### Rules broken by collector lines: {len(by_rule)} rules, {len(lines)} lines", "",
        (
            f"A line that breaks some rule is flagged with precision **{precision:.3f}** and recall **{recall:.3f}**; "
            f"macro-F1 over rules **{np.mean(list(by_rule.values())):.3f}**; exactly the right rules: {exact:.1%}."
        ), "",
        "F1: " + ", ".join(f"{rule} {value:.2f}" for rule, value in by_rule.items()) + ".", "",
        *rows, "", "![Confusion of rules](figures/rules_confusion.png)", "",
    ]  # fmt: skip


def reason_section(found: Evaluation) -> Lines:
    """Reasons of messages and of talks."""
    lines = ["### Reasons", ""]
    for what, judged in (("messages", found.message_reasons), ("whole talks", found.talk_reasons)):
        stated = [each for each in judged if each.right != NO_REASON]
        lines += [
            f"{len(judged)} {what}: {label_figures(judged)} Where a reason is stated: {accuracy(stated):.1%}.",
            "",
        ]
    return [
        *lines,
        "The model of talks reads their turns with the model of messages; other authors wrote those.",
        "",
    ]


def promise_section(found: Evaluation) -> Lines:
    """Promises of messages and of talks."""
    rows = [
        "| | texts | all right | dates | amounts | certainty | read where none is |",
        "|---|---|---|---|---|---|---|",
    ]
    for what, judged in (("messages", found.message_promises), ("whole talks", found.talk_promises)):
        parts = [agreement(judged, *fields) for fields in PROMISE_PARTS.values()]
        without = [each for each in judged if not each.right]
        false = sum(bool(each.given) for each in without)
        shares = " | ".join(f"{part:.1%}" for part in parts)
        everything = agreement(judged, *(name for fields in PROMISE_PARTS.values() for name in fields))
        rows.append(
            f"| {what} | {len(judged)} | {everything:.1%} | {shares} | "
            f"{false} of {len(without)} ({false / max(len(without), 1):.1%}) |"
        )
    return [
        "### Promises", "", *rows, "",
        "A text counts as right where all its promises are, in their order. The messages of held-out voices are judged by a model of the others' messages and of the talks, which other authors wrote; talks by a model of all messages and of the other voices' talks.", "",
    ]  # fmt: skip


def agreement(judged: Sequence[JudgedPromises], *fields: str) -> float:
    """Share of texts whose promises agree in these fields."""
    return sum(each.agrees(*fields) for each in judged) / max(len(judged), 1)
