"""The part of docs/models.md on debtor types: the comparison of alternatives, and the kept one more closely."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from heyue.coaching.debtor_types import UNDETERMINED
from heyue.training import figures
from heyue.training.alternatives import ALTERNATIVES, BY_TALK, KEPT, Settings
from heyue.training.report import Lines, Run, kind_figures, voice_table
from heyue.training.scores import Judged, accuracy, calibration_error, f1_by_label, macro_f1, reliability
from heyue.training.type_evaluation import UNSURE, TypeEvaluation

WORDS_ONLY = ALTERNATIVES[0].name
MOST_TURNS = 7  # longest point of the curve over borrower turns; few talks have more


def type_section(types: TypeEvaluation, run: Run) -> Lines:
    """Debtor types: the comparison, the settings chosen, the kept model more closely."""
    held = types.held
    talks = int(types.talks.whole[held].sum())
    whole, early = types.judged(KEPT), types.judged(KEPT, types.early_rows())
    return [
        f"## Debtor types: {len(types.talks.labels)} labels, {talks} talks of {len(set(types.talks.voices[held]))} "
        f"held-out voices", "", run.words, "",
        (
            "Nested: inverse penalty, weight of beginnings, scales and temperature are chosen inside the training "
            "voices (by likelihood on one half, trained on the other), the figures come from outside. *Hard* talks are those whose type a "
            f"model of {WORDS_ONLY} gives wrongly or less sure than {UNSURE:.0%} on held-out voices (it scores low "
            "there by definition). ± is the standard deviation between groups of voices. Training is the seconds of "
            "one fit on the training voices, judging milliseconds a talk, all at once and features ready."
        ), "",
        *comparison_table(types), "",
        *family_table(types),
        "Chosen inside the training voices, for each group held out:", "",
        *choice_table(types), "",
        f"The kept model ({KEPT}) on whole talks: accuracy **{accuracy(whole):.1%}**, macro-F1 "
        f"**{macro_f1(whole):.3f}**, ECE **{calibration_error(whole):.3f}**; after three borrower turns: accuracy "
        f"{accuracy(early):.1%}, macro-F1 **{macro_f1(early):.3f}**, ECE {calibration_error(early):.3f}. Where it names "
        f"a type other than {UNDETERMINED} it is right in {named_right(whole):.1%} of whole talks.", "",
        "| type | F1, whole talks | F1, after three turns |", "|---|---|---|",
        *(f"| {label} | {value:.2f} | {f1_by_label(early).get(label, 0):.2f} |"
          for label, value in f1_by_label(whole).items()), "",
        *kind_figures(whole, run.kinds("types")), "",
        *voice_table(whole), "",
        *learning_lines(types), "",
        "![Confusion of types](figures/types_confusion.png)", "![Reliability](figures/types_reliability.png)",
        "![Learning curve](figures/types_learning.png)", "![After each turn](figures/types_by_turn.png)", "",
    ]  # fmt: skip


def draw_types(types: TypeEvaluation, folder: Path) -> None:
    """Confusion, reliability, and how F1 grows with the voices learnt from and the turns heard."""
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


def comparison_table(types: TypeEvaluation) -> Lines:
    """Every alternative: all talks and hard ones, at the end and early, calibration, time."""
    hard, early = types.hard_rows(WORDS_ONLY), types.early_rows()
    hard_early = early[np.isin(types.talks.talk[early], types.talks.talk[hard])]
    rows = [
        f"| | macro-F1, whole | macro-F1, after 3 turns | ECE, whole | ECE, 3 turns | {len(hard)} hard: macro-F1 | "
        "hard, 3 turns | ECE, hard | training s | judging ms |",
        "|---|---|---|---|---|---|---|---|---|---|",
    ]
    for name in types.names:
        whole, soon = types.judged(name), types.judged(name, early)
        difficult, difficult_soon = types.judged(name, hard), types.judged(name, hard_early)
        shown = f"**{name}** (kept)" if name == KEPT else name
        rows.append(
            f"| {shown} | {macro_f1(whole):.3f} ± {spread(types, name):.3f} | {macro_f1(soon):.3f} | "
            f"{calibration_error(whole):.3f} | {calibration_error(soon):.3f} | {macro_f1(difficult):.3f} | "
            f"{macro_f1(difficult_soon):.3f} | {calibration_error(difficult) if difficult else 0:.3f} | "
            f"{cost(types, name)} |"
        )
    return rows


def family_table(types: TypeEvaluation) -> Lines:
    """Every alternative on talks of the same words and another behaviour; nothing where the data have none."""
    rows, early = types.family_rows(), types.early_rows()
    if not len(rows):
        return []
    talks = types.talks.talk[rows]
    soon = early[np.isin(types.talks.talk[early], talks)]
    families = {types.talks.talks[talk].family for talk in talks}
    return [
        (
            f"Same words, other behaviour: {len(rows)} talks in {len(families)} families, made of the same words each; what the borrower "
            "does, or what is the case, makes the difference (nlu_data/README.md)."
        ), "",
        "| | macro-F1, whole | macro-F1, after 3 turns | ECE, whole |", "|---|---|---|---|",
        *(f"| {f'**{name}** (kept)' if name == KEPT else name} | {macro_f1(whole):.3f} | {macro_f1(types.judged(name, soon)):.3f} | "
          f"{calibration_error(whole):.3f} |"
          for name in types.names for whole in [types.judged(name, rows)]), "",
    ]  # fmt: skip


def spread(types: TypeEvaluation, name: str) -> float:
    """Standard deviation of macro-F1 between the groups held out."""
    return float(np.std([macro_f1(types.judged(name, rows)) for rows in whole_rows_of_groups(types)]))


def whole_rows_of_groups(types: TypeEvaluation) -> list[np.ndarray]:
    return [outer.rows[types.talks.whole[outer.rows]] for outer in types.outers[BY_TALK]]


def cost(types: TypeEvaluation, name: str) -> str:
    """Seconds of a fit and milliseconds of a judgement, as two cells."""
    outers = types.outers.get(name)
    if outers is None:
        return "their sum | their sum"
    train, judge = (
        np.median([getattr(outer, key) for outer in outers]) for key in ("train_seconds", "judge_ms")
    )
    return f"{train:.1f} | {judge:.1f}"


def choice_table(types: TypeEvaluation) -> Lines:
    """What was chosen for each alternative that had a choice."""
    chosen = {
        alternative.name: Counter(
            (outer.settings, outer.temperature) for outer in types.outers[alternative.name]
        )
        for alternative in ALTERNATIVES
        if alternative.name in types.outers
    }
    rows = [
        "| | chosen (inverse penalty; a beginning counts; scales; temperature) | groups |",
        "|---|---|---|",
    ]
    return rows + [
        f"| {name} | {in_words(settings)}; {temperature:g} | {count} |"
        for name, choices in chosen.items()
        for (settings, temperature), count in choices.most_common()
    ]


def in_words(settings: Settings) -> str:
    """Settings as the table shows them."""
    scales = ", ".join(f"{name} {value:g}" for name, value in settings.parts._asdict().items() if value)
    return f"{settings.penalty:g}; {settings.beginning:g}; {scales or '-'}"


def named_right(judged: Sequence[Judged]) -> float:
    """Share of right ones among those given a type."""
    return accuracy([each for each in judged if each.given != UNDETERMINED])


def learning_curves(types: TypeEvaluation) -> dict[str, dict[int, float]]:
    """Macro-F1 of the model of whole talks by the number of voices trained on, of whole talks and after three turns."""
    voices = len(set(types.talks.voices))
    full = voices - len(set(types.talks.voices[types.outers[BY_TALK][0].rows]))
    sized = {
        size: TypeEvaluation(types.talks, {BY_TALK: outers}) for size, outers in sorted(types.by_size.items())
    }
    sized[full] = types
    return {
        "whole talks": {size: macro_f1(each.judged(BY_TALK)) for size, each in sized.items()},
        "after three turns": {
            size: macro_f1(each.judged(BY_TALK, each.early_rows())) for size, each in sized.items()
        },
    }


def learning_lines(types: TypeEvaluation) -> Lines:
    """The learning curve in words: what the last doubling of voices brought."""
    curves = learning_curves(types)
    rows = [f"| voices trained on ({BY_TALK}) | " + " | ".join(curves) + " |", "|---" * (len(curves) + 1) + "|"]
    return rows + [
        f"| {size} | " + " | ".join(f"{points[size]:.3f}" for points in curves.values()) + " |"
        for size in curves["whole talks"]
    ]


def by_turn(types: TypeEvaluation, name: str) -> dict[int, float]:
    """Macro-F1 after one, two, three … borrower turns; a talk that has ended keeps its last judgement."""
    held, _ = types.shares(name)
    talks = types.talks
    lengths = talks.lengths[talks.talk[held]]
    return {
        turn: macro_f1(types.judged(name, held[talks.turns[held] == np.minimum(turn, lengths)]))
        for turn in range(1, MOST_TURNS + 1)
    }
