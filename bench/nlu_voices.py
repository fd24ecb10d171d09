"""How well intents are read in voices never seen: `python -m bench.nlu_voices`.

Every voice (author) is left out in turn, the model is trained on the others, and the voice is read by it. Writes its
section of docs/models.md and docs/figures/intents_confusion.png. Talks, lines, reasons and promises: `heyue evaluate`.
"""

from __future__ import annotations

import argparse
import json
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import yaml
from rich.progress import track

from bot.components.intent_features import TRAINING_NOW, certain_intent, intent_input
from heyue.training.figures import draw_confusion
from heyue.training.report import write_section
from heyue.training.scores import Judged, accuracy, calibration_error, f1_by_label, macro_f1
from heyue.understanding.linear_training import Example, Settings, fit
from heyue.understanding.reading import Reading, read
from heyue.understanding.reason_training import Utterance, read_intents

ROOT = Path(__file__).resolve().parents[1]
DATA, DOCS = ROOT / "nlu_data", ROOT / "docs"
OWN_VOICES = frozenset(
    {"voice_nlu"}
)  # written by the developer who looked at the errors: trained on, never measured
# Two authors wrote the same persona: neither is trained on where the other is held out.
PERSONA = {"mianyang": "chengdu", "xianggang": "yuegang"}
THRESHOLDS = (0.0, 0.1, 0.15, 0.2, 0.25, 0.3, 0.4, 0.5)
MOST_CONFUSIONS = 12


class Item(NamedTuple):
    """One utterance to train on or to judge; its reading may hold signals that overrule the model."""

    line: Utterance
    example: Example
    reading: Reading


def intent_items() -> list[Item]:
    items = []
    for line in read_intents(DATA / "nlu"):
        reading = read(line.text, TRAINING_NOW)
        items.append(Item(line, Example(*intent_input(reading), line.label), reading))
    return items


def judge_voices(items: Sequence[Item]) -> list[Judged]:
    """Every utterance of every measured voice, judged by a model that never saw the voice."""
    voices = sorted({item.line.voice for item in items} - OWN_VOICES)
    judged: list[Judged] = []
    for voice in track(voices, description="intents: voice held out"):
        persona = PERSONA.get(voice, voice)
        known = [item.example for item in items if PERSONA.get(item.line.voice, item.line.voice) != persona]
        model = fit(known, Settings())
        for item in items:
            if item.line.voice == voice:
                given, confidence = model.ranking(item.example.masked, item.example.flags)[0]
                if certain := certain_intent(item.reading, given):
                    given, confidence = certain, 1.0
                judged.append(Judged(voice, item.line.text, item.line.label, given, confidence))
    return judged


def unseen(judged: Sequence[Judged]) -> list[Judged]:
    """Utterances that stand in one voice only: "你好" of every voice is no test."""
    spread = Counter(line.text for line in judged)
    return [line for line in judged if spread[line.text] == 1]


def actions_of_intents() -> dict[str, str]:
    """Which action each intent leads to, from nlu_data/rules."""
    actions: dict[str, str] = {}
    for path in sorted((DATA / "rules").glob("*.yml")):
        for rule in yaml.safe_load(path.read_text(encoding="utf-8")).get("rules", []):
            steps = {name: value for step in rule["steps"] for name, value in step.items()}
            if "intent" in steps and "action" in steps:
                actions[steps["intent"]] = steps["action"]
    return actions


def as_actions(judged: Sequence[Judged]) -> list[Judged]:
    """The same with the actions that right and given intents lead to as labels."""
    action = actions_of_intents()
    return [
        line._replace(right=action.get(line.right, line.right), given=action.get(line.given, line.given))
        for line in judged
    ]


def voice_table(judged: Sequence[Judged]) -> list[str]:
    rows = ["| held-out voice | utterances | right |", "|---|---|---|"]
    for voice in sorted({line.voice for line in judged}):
        own = [line for line in judged if line.voice == voice]
        rows.append(f"| {voice} | {len(own)} | {accuracy(own):.1%} |")
    return rows


def confusion_table(judged: Sequence[Judged]) -> list[str]:
    """The commonest errors, each with one such utterance."""
    pairs = Counter((line.right, line.given) for line in judged if line.right != line.given)
    sample = {(line.right, line.given): line.text for line in reversed(judged)}
    rows = ["| right | given | utterances | one of them |", "|---|---|---|---|"]
    return rows + [
        f"| {right} | {given} | {count} | {sample[right, given]} |"
        for (right, given), count in pairs.most_common(MOST_CONFUSIONS)
    ]


def threshold_table(judged: Sequence[Judged]) -> list[str]:
    rows = ["| threshold | answered | right of those answered | wrong of all |", "|---|---|---|---|"]
    for threshold in THRESHOLDS:
        kept = [line for line in judged if line.confidence >= threshold]
        wrong = sum(line.right != line.given for line in kept) / len(judged)
        rows.append(
            f"| {threshold:.2f} | {len(kept) / len(judged):.1%} | {accuracy(kept):.1%} | {wrong:.1%} |"
        )
    return rows


def section(judged: Sequence[Judged]) -> list[str]:
    by_label = f1_by_label(judged)
    weakest = sorted(by_label, key=by_label.__getitem__)[:8]
    return [
        "## Intents on voices never seen", "",
        (
            "Measured by `python -m bench.nlu_voices`: each voice is left out of training in turn and then read. "
            "Settings were chosen on the same rotation, so the figures are a little on the bright side."
        ), "",
        f"{len(by_label)} labels, {len(judged)} utterances, {len({line.voice for line in judged})} voices. "
        f"Accuracy **{accuracy(judged):.1%}**, macro-F1 **{macro_f1(judged):.3f}**; counting intents that lead to the "
        f"same action as one **{accuracy(as_actions(judged)):.1%}**; calibration error {calibration_error(judged):.3f}. "
        f"On utterances that no other voice has word for word: {accuracy(unseen(judged)):.1%}.", "",
        "Weakest (F1): " + ", ".join(f"{label} {by_label[label]:.2f}" for label in weakest) + ".", "",
        *voice_table(judged), "", *confusion_table(judged), "", *threshold_table(judged), "",
        "![Confusion of intents](figures/intents_confusion.png)", "",
    ]  # fmt: skip


def write_errors(judged: Sequence[Judged], path: Path) -> None:
    wrong = sorted(line for line in judged if line.right != line.given)
    path.write_text("".join(json.dumps(line, ensure_ascii=False) + "\n" for line in wrong), encoding="utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(description="Measure intents on held-out voices.")
    parser.add_argument(
        "--errors", type=Path, help="also write every error to this file, one JSON array a line"
    )
    arguments = parser.parse_args()
    begun = time.perf_counter()
    judged = judge_voices(intent_items())
    draw_confusion(judged, DOCS / "figures" / "intents_confusion.png")
    lines = section(judged)
    report = write_section(DOCS / "models.md", "bench.nlu_voices", lines)
    print("\n".join(line for line in lines if "Accuracy" in line or line.startswith("Weakest")))
    print(f"{time.perf_counter() - begun:.0f} s; written to {report.relative_to(ROOT)}")
    if arguments.errors:
        write_errors(judged, arguments.errors)


if __name__ == "__main__":
    main()
