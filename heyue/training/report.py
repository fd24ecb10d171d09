"""The sections of docs/models.md that `heyue evaluate` writes, and their figures."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

import numpy as np

from heyue.settings import ZONE
from heyue.training import figures
from heyue.training.evaluation import Extent, PromiseEvaluation, ReasonEvaluation
from heyue.training.kinds import by_kind, voice_kinds
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
)
from heyue.understanding.reasons import NO_REASON

Lines = list[str]


class Run(NamedTuple):
    """One part measured: which, how much of it, on whose data, and how long it took."""

    part: str
    extent: Extent
    data: Path
    seconds: float

    @property
    def command(self) -> str:
        """What measures this part alone."""
        return f"heyue evaluate --only {self.part}"

    @property
    def words(self) -> str:
        """Where the figures come from, for their section."""
        quick = "" if self.extent == Extent() else (
            f" **Quick figures**: {self.extent.judged_groups} of {self.extent.groups} groups of voices, or "
            f"{self.extent.line_voices} voices, were held out."
        )  # fmt: skip
        return f"Measured by `{self.command}` on {datetime.now(ZONE).date().isoformat()}, {self.seconds / 60:.0f} minutes.{quick}"

    def kinds(self, folder: str) -> dict[str, str]:
        """The kinds of voices of a folder of the data."""
        return voice_kinds(self.data, folder)


def write_section(report: Path, command: str, lines: Sequence[str]) -> Path:
    """Put the lines between the markers of the command that wrote them; at the end where there are none yet.

    Returns:
        The file written.
    """
    begin, end = (f"<!-- {command}: {edge} -->" for edge in ("begin", "end"))
    text = report.read_text(encoding="utf-8") if report.exists() else "# Models\n"
    if begin not in text:
        text = text.rstrip("\n") + f"\n\n{begin}\n{end}\n"
    before, rest = text.split(begin, 1)
    after = rest.split(end, 1)[1]
    report.write_text(before + "\n".join([begin, *lines, end]) + after, encoding="utf-8")
    return report


def situation_section(judged: Sequence[Judged], run: Run) -> Lines:
    """Situations."""
    return [
        f"## Situations: {len(f1_by_label(judged))} labels, {len(judged)} talks", "", run.words, "",
        label_figures(judged), *kind_figures(judged, run.kinds("types")), "", *voice_table(judged), "",
        "![Confusion of situations](figures/situations_confusion.png)", "",
    ]  # fmt: skip


def draw_situations(judged: Sequence[Judged], folder: Path) -> None:
    """Their confusion."""
    figures.draw_confusion(judged, folder / "situations_confusion.png")


def kind_figures(judged: Sequence[Judged], kinds: dict[str, str]) -> Lines:
    """Accuracy of each kind of voices in a sentence, where there are several."""
    shares = [f"{kind} {accuracy(some):.1%} of {len(some)}" for kind, some in by_kind(judged, kinds)]
    return [f"By kind of voices: {', '.join(shares)}."] if shares else []


def voice_table(judged: Sequence[Judged]) -> Lines:
    """Accuracy of each held-out voice."""
    voices = sorted({each.voice for each in judged})
    share = {voice: accuracy([each for each in judged if each.voice == voice]) for voice in voices}
    return ["By held-out voice: " + ", ".join(f"{voice} {value:.0%}" for voice, value in share.items()) + "."]


def label_figures(judged: Sequence[Judged]) -> str:
    """Accuracy, macro-F1, calibration and F1 of each label in two sentences."""
    by_label = ", ".join(f"{label} {value:.2f}" for label, value in f1_by_label(judged).items())
    return (
        f"Accuracy **{accuracy(judged):.1%}**, macro-F1 **{macro_f1(judged):.3f}**, "
        f"ECE {calibration_error(judged):.3f}. F1: {by_label}."
    )


def line_section(lines: Sequence[JudgedLine], run: Run) -> Lines:
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
        f"## Rules broken by collector lines: {len(by_rule)} rules, {len(lines)} lines", "", run.words, "",
        (
            f"A line that breaks some rule is flagged with precision **{precision:.3f}** and recall **{recall:.3f}**; "
            f"macro-F1 over rules **{np.mean(list(by_rule.values())):.3f}**; exactly the right rules: {exact:.1%}."
        ), "",
        "F1: " + ", ".join(f"{rule} {value:.2f}" for rule, value in by_rule.items()) + ".", "",
        *rows, "", "![Confusion of rules](figures/rules_confusion.png)", "",
    ]  # fmt: skip


def draw_lines(lines: Sequence[JudgedLine], folder: Path) -> None:
    """Which rule is taken for which."""
    figures.draw_confusion([line.first for line in lines], folder / "rules_confusion.png")


def reason_section(found: ReasonEvaluation, run: Run) -> Lines:
    """Reasons of messages and of talks."""
    lines = ["## Reasons", "", run.words, ""]
    for what, judged, folder in (("messages", found.messages, "messages"), ("whole talks", found.talks, "types")):
        stated = [each for each in judged if each.right != NO_REASON]
        lines += [
            f"{len(judged)} {what}: {label_figures(judged)} Where a reason is stated: {accuracy(stated):.1%}.",
            *kind_figures(judged, run.kinds(folder)),
            "",
        ]
    return [
        *lines,
        "The model of talks reads their turns with the model of messages; other authors wrote those.",
        "",
    ]


def promise_section(found: PromiseEvaluation, run: Run) -> Lines:
    """Promises of messages and of talks."""
    rows = [
        "| | texts | all right | dates | amounts | certainty | read where none is |",
        "|---|---|---|---|---|---|---|",
    ]
    for what, judged, folder in (("messages", found.messages, "messages"), ("whole talks", found.talks, "types")):
        rows.append(_promise_row(what, judged))
        rows += [_promise_row(f"{what}: {kind}", some) for kind, some in by_kind(judged, run.kinds(folder))]
    return [
        "## Promises", "", run.words, "", *rows, "",
        "A text counts as right where all its promises are, in their order. The messages of held-out voices are judged by a model of the others' messages and of the talks, which other authors wrote; talks by a model of all messages and of the other voices' talks.", "",
    ]  # fmt: skip


def _promise_row(what: str, judged: Sequence[JudgedPromises]) -> str:
    parts = [agreement(judged, *fields) for fields in PROMISE_PARTS.values()]
    everything = agreement(judged, *(name for fields in PROMISE_PARTS.values() for name in fields))
    without = [each for each in judged if not each.right]
    false = sum(bool(each.given) for each in without)
    shares = " | ".join(f"{part:.1%}" for part in parts)
    return (
        f"| {what} | {len(judged)} | {everything:.1%} | {shares} | "
        f"{false} of {len(without)} ({false / max(len(without), 1):.1%}) |"
    )


def agreement(judged: Sequence[JudgedPromises], *fields: str) -> float:
    """Share of texts whose promises agree in these fields."""
    return sum(each.agrees(*fields) for each in judged) / max(len(judged), 1)
