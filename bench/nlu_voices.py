"""How well intents and reasons are read in voices never seen: `python -m bench.nlu_voices`.

Every voice (author) is left out in turn, models are trained on the others, and the voice is read by them. Writes the
section between the markers in docs/models.md and docs/figures/intents_confusion.png, reasons_confusion.png.
"""

from __future__ import annotations

import argparse
import time
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import yaml
from rich.progress import track

from bot.components.intent_features import TRAINING_NOW, certain_intent, intent_input
from heyue.understanding.linear_training import Example, Settings, fit
from heyue.understanding.reading import Reading, read
from heyue.understanding.reason_training import (
    REASON_SETTINGS,
    Utterance,
    extra_example,
    extra_lines,
    read_intents,
    read_reasons,
    reason_example,
)

ROOT = Path(__file__).resolve().parents[1]
DATA = ROOT / "nlu_data"
REPORT = ROOT / "docs" / "models.md"
FIGURES = ROOT / "docs" / "figures"
BEGIN, END = "<!-- nlu_voices: begin -->", "<!-- nlu_voices: end -->"
OWN_VOICES = frozenset({"voice_nlu"})  # written by the developer who looked at the errors: trained on, never measured
# Two authors wrote the same persona: neither is trained on where the other is held out.
PERSONA = {"mianyang": "chengdu", "xianggang": "yuegang"}
THRESHOLDS = (0.0, 0.1, 0.15, 0.2, 0.25, 0.3, 0.4, 0.5)


class Item(NamedTuple):
    """One line to train on or to judge; `reading` where signals may overrule the model."""

    line: Utterance
    example: Example
    reading: Reading | None = None


class Judged(NamedTuple):
    """One held-out line: its voice, text, right label, the label given and how sure that was."""

    voice: str
    text: str
    right: str
    given: str
    confidence: float


def intent_items() -> list[Item]:
    items = []
    for line in read_intents(DATA / "nlu"):
        reading = read(line.text, TRAINING_NOW)
        items.append(Item(line, Example(*intent_input(reading), line.label), reading))
    return items


def reason_items() -> list[Item]:
    return [Item(line, reason_example(line)) for line in read_reasons(DATA / "messages")]


def reason_extras() -> list[Item]:
    """Lines whose intent tells the reason: trained on unless their voice is held out, never judged."""
    return [Item(line, extra_example(line)) for line in extra_lines(DATA)]


def unseen(judged: Sequence[Judged]) -> list[Judged]:
    """Lines that stand in one voice only: "你好" of every voice is no test."""
    spread = Counter(line.text for line in judged)
    return [line for line in judged if spread[line.text] == 1]


def judge_voices(items: Sequence[Item], extras: Sequence[Item], settings: Settings, what: str) -> list[Judged]:
    """Every line of every measured voice, judged by a model that never saw the voice."""
    voices = sorted({item.line.voice for item in items} - OWN_VOICES)
    judged: list[Judged] = []
    for voice in track(voices, description=f"{what}: voice held out"):
        persona = PERSONA.get(voice, voice)
        known = [item for item in [*items, *extras] if PERSONA.get(item.line.voice, item.line.voice) != persona]
        model = fit([item.example for item in known], settings)
        for item in items:
            if item.line.voice == voice:
                given, confidence = model.ranking(item.example.masked, item.example.flags)[0]
                if item.reading and (certain := certain_intent(item.reading, given)):
                    given, confidence = certain, 1.0
                judged.append(Judged(voice, item.line.text, item.line.label, given, confidence))
    return judged


def accuracy(judged: Sequence[Judged], same: Callable[[str], str] = str) -> float:
    """Share of right labels; with `same`, labels that it maps to one name count as one."""
    return float(np.mean([same(line.right) == same(line.given) for line in judged]))


def f1_by_label(judged: Sequence[Judged]) -> dict[str, float]:
    right, given = Counter(line.right for line in judged), Counter(line.given for line in judged)
    both = Counter(line.right for line in judged if line.right == line.given)
    return {label: 2 * both[label] / (right[label] + given[label]) for label in sorted(right)}


def calibration_error(judged: Sequence[Judged], bins: int = 10) -> float:
    """Expected calibration error: mean distance of confidence and accuracy over equal bins of confidence."""
    confidence = np.array([line.confidence for line in judged])
    right = np.array([line.right == line.given for line in judged])
    place = np.minimum((confidence * bins).astype(int), bins - 1)
    return float(
        sum(abs(confidence[place == b].mean() - right[place == b].mean()) * (place == b).mean() for b in set(place))
    )


def actions_of_intents() -> dict[str, str]:
    """Which action each intent leads to, from nlu_data/rules."""
    actions: dict[str, str] = {}
    for path in sorted((DATA / "rules").glob("*.yml")):
        for rule in yaml.safe_load(path.read_text(encoding="utf-8")).get("rules", []):
            steps = {name: value for step in rule["steps"] for name, value in step.items()}
            if "intent" in steps and "action" in steps:
                actions[steps["intent"]] = steps["action"]
    return actions


def confusions(judged: Sequence[Judged], most: int = 12) -> list[tuple[str, str, int, str]]:
    """The commonest errors: right label, given label, how often, one such line."""
    pairs = Counter((line.right, line.given) for line in judged if line.right != line.given)
    sample = {(line.right, line.given): line.text for line in reversed(judged)}
    return [(right, given, count, sample[right, given]) for (right, given), count in pairs.most_common(most)]


def draw_confusion(judged: Sequence[Judged], path: Path) -> None:
    """A matrix of right against given labels, each row in shares of its label."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    labels = sorted({line.right for line in judged} | {line.given for line in judged})
    index = {label: place for place, label in enumerate(labels)}
    matrix = np.zeros((len(labels), len(labels)))
    for line in judged:
        matrix[index[line.right], index[line.given]] += 1
    matrix /= np.maximum(matrix.sum(axis=1, keepdims=True), 1)
    figure, axes = pyplot.subplots(figsize=(0.26 * len(labels) + 3, 0.26 * len(labels) + 2.5))
    axes.imshow(matrix, cmap="Blues", vmin=0, vmax=1)
    axes.set_xticks(range(len(labels)), labels, rotation=90, fontsize=7)
    axes.set_yticks(range(len(labels)), labels, fontsize=7)
    for row, column in zip(*np.where(matrix >= 0.05), strict=True):
        share = matrix[row, column]
        axes.text(column, row, f"{100 * share:.0f}", ha="center", va="center", fontsize=5,
                  color="white" if share > 0.5 else "black")  # fmt: skip
    axes.set_xlabel("given")
    axes.set_ylabel("right (rows sum to 100)")
    figure.tight_layout()
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=110)
    pyplot.close(figure)


def voice_table(judged: Sequence[Judged]) -> list[str]:
    rows = ["| held-out voice | lines | right |", "|---|---|---|"]
    for voice in sorted({line.voice for line in judged}):
        own = [line for line in judged if line.voice == voice]
        rows.append(f"| {voice} | {len(own)} | {accuracy(own):.1%} |")
    return rows


def confusion_table(judged: Sequence[Judged]) -> list[str]:
    rows = ["| right | given | lines | one of them |", "|---|---|---|---|"]
    return rows + [f"| {right} | {given} | {count} | {text} |" for right, given, count, text in confusions(judged)]


def threshold_table(judged: Sequence[Judged]) -> list[str]:
    rows = ["| threshold | answered | right of those answered | wrong of all |", "|---|---|---|---|"]
    for threshold in THRESHOLDS:
        kept = [line for line in judged if line.confidence >= threshold]
        wrong = sum(line.right != line.given for line in kept) / len(judged)
        rows.append(f"| {threshold:.2f} | {len(kept) / len(judged):.1%} | {accuracy(kept):.1%} | {wrong:.1%} |")
    return rows


def intent_section(judged: Sequence[Judged]) -> list[str]:
    action = actions_of_intents()
    by_label = f1_by_label(judged)
    weakest = sorted(by_label, key=by_label.__getitem__)[:8]
    return [
        f"### Intents: {len(by_label)} labels, {len(judged)} lines, {len({line.voice for line in judged})} voices", "",
        (
            f"Accuracy **{accuracy(judged):.1%}**, macro-F1 **{np.mean(list(by_label.values())):.3f}**; counting "
            f"intents that lead to the same action as one "
            f"**{accuracy(judged, lambda name: action.get(name, name)):.1%}**; "
            f"calibration error {calibration_error(judged):.3f}. On lines that no other voice has word for word: "
            f"{accuracy(unseen(judged)):.1%}."
        ), "",
        "Weakest (F1): " + ", ".join(f"{label} {by_label[label]:.2f}" for label in weakest) + ".", "",
        *voice_table(judged), "", *confusion_table(judged), "", *threshold_table(judged), "",
        "![Confusion of intents](figures/intents_confusion.png)", "",
    ]  # fmt: skip


def reason_section(judged: Sequence[Judged]) -> list[str]:
    by_label = f1_by_label(judged)
    stated = [line for line in judged if line.right != "none"]
    return [
        f"### Reasons: {len(by_label)} labels with none, {len(judged)} messages", "",
        (
            f"Accuracy **{accuracy(judged):.1%}** (where a reason is stated {accuracy(stated):.1%}), macro-F1 "
            f"**{np.mean(list(by_label.values())):.3f}**, calibration error {calibration_error(judged):.3f}."
        ), "",
        "F1: " + ", ".join(f"{label} {value:.2f}" for label, value in by_label.items()) + ".", "",
        *voice_table(judged), "", *confusion_table(judged), "",
        "![Confusion of reasons](figures/reasons_confusion.png)", "",
    ]  # fmt: skip


def write_section(lines: Sequence[str]) -> None:
    """Put the section into docs/models.md between its markers, at the end when they are not there yet."""
    text = REPORT.read_text(encoding="utf-8") if REPORT.exists() else "# Models\n\n" + f"{BEGIN}\n{END}\n"
    if BEGIN not in text:
        text += f"\n{BEGIN}\n{END}\n"
    before, rest = text.split(BEGIN, 1)
    after = rest.split(END, 1)[1]
    REPORT.write_text(before + "\n".join([BEGIN, *lines, END]) + after, encoding="utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(description="Measure intents and reasons on held-out voices.")
    parser.add_argument("--errors", type=Path, help="also write every error to this file, one JSON array a line")
    arguments = parser.parse_args()
    begun = time.perf_counter()
    intents = judge_voices(intent_items(), [], Settings(), "intents")
    reasons = judge_voices(reason_items(), reason_extras(), REASON_SETTINGS, "reasons")
    draw_confusion(intents, FIGURES / "intents_confusion.png")
    draw_confusion(reasons, FIGURES / "reasons_confusion.png")
    lines = [
        "## Intents and reasons on voices never seen", "",
        (
            "Measured by `python -m bench.nlu_voices`: each voice is left out of training in turn and then read. "
            "Settings were chosen on the same rotation, so the figures are a little on the bright side."
        ), "",
        *intent_section(intents), *reason_section(reasons),
    ]  # fmt: skip
    write_section(lines)
    print("\n".join(line for line in lines if line.startswith(("###", "Accuracy", "Weakest", "F1"))))
    print(f"{time.perf_counter() - begun:.0f} s; written to {REPORT.relative_to(ROOT)}")
    if arguments.errors:
        write_errors([*intents, *reasons], arguments.errors)


def write_errors(judged: Sequence[Judged], path: Path) -> None:
    import json

    wrong = sorted(line for line in judged if line.right != line.given)
    path.write_text("".join(json.dumps(line, ensure_ascii=False) + "\n" for line in wrong), encoding="utf-8")


if __name__ == "__main__":
    main()
