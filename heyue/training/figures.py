"""The drawings of docs/figures. Needs matplotlib, which only the environment of the tests has."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from heyue.errors import Broken
from heyue.training.scores import Bin, Judged


def need_matplotlib() -> Any:
    """matplotlib's pyplot, drawing to files.

    Raises:
        Broken: it is not installed.
    """
    try:
        import matplotlib
    except ImportError as error:
        raise Broken(
            "figures need matplotlib, which only the development environment has: run `make setup-dev`"
        ) from error
    matplotlib.use("Agg")
    from matplotlib import pyplot

    return pyplot


def draw_confusion(judged: Sequence[Judged], path: Path) -> None:
    """A matrix of right against given labels, each row in shares of its label."""
    labels = sorted({each.right for each in judged} | {each.given for each in judged})
    index = {label: place for place, label in enumerate(labels)}
    matrix = np.zeros((len(labels), len(labels)))
    for each in judged:
        matrix[index[each.right], index[each.given]] += 1
    matrix /= np.maximum(matrix.sum(axis=1, keepdims=True), 1)
    pyplot = need_matplotlib()
    figure, axes = pyplot.subplots(figsize=(0.4 * len(labels) + 2.5, 0.4 * len(labels) + 2))
    axes.imshow(matrix, cmap="Blues", vmin=0, vmax=1)
    axes.set_xticks(range(len(labels)), labels, rotation=90, fontsize=8)
    axes.set_yticks(range(len(labels)), labels, fontsize=8)
    for row, column in zip(*np.where(matrix >= 0.01), strict=True):
        share = matrix[row, column]
        axes.text(column, row, f"{100 * share:.0f}", ha="center", va="center", fontsize=7,
                  color="white" if share > 0.5 else "black")  # fmt: skip
    axes.set_xlabel("given")
    axes.set_ylabel("right (rows sum to 100)")
    _save(figure, path)


def draw_reliability(curves: Mapping[str, Sequence[Bin]], path: Path) -> None:
    """Accuracy against confidence; the diagonal is perfect, a dot's area the share of its texts."""
    figure, axes = need_matplotlib().subplots(figsize=(4.6, 4.4))
    axes.plot([0, 1], [0, 1], color="grey", linewidth=0.8, linestyle="--")
    for name, bins in curves.items():
        confidence, right = [each.confidence for each in bins], [each.accuracy for each in bins]
        (line,) = axes.plot(confidence, right, linewidth=1, label=name)
        axes.scatter(
            confidence, right, [20 + 400 * each.share for each in bins], color=line.get_color(), alpha=0.6
        )
    axes.set(xlabel="confidence", ylabel="accuracy", xlim=(0, 1.03), ylim=(0, 1.03))
    axes.legend(fontsize=8, loc="upper left")
    _save(figure, path)


def draw_curves(curves: Mapping[str, Mapping[int, float]], xlabel: str, ylabel: str, path: Path) -> None:
    """One line a curve over whole numbers."""
    figure, axes = need_matplotlib().subplots(figsize=(5.4, 3.8))
    for name, points in curves.items():
        axes.plot(list(points), list(points.values()), marker="o", linewidth=1.2, label=name)
    axes.set_xticks(sorted({x for points in curves.values() for x in points}))
    axes.set(xlabel=xlabel, ylabel=ylabel)
    axes.grid(alpha=0.3)
    axes.legend(fontsize=8, loc="lower right")
    _save(figure, path)


def _save(figure: Any, path: Path) -> None:
    figure.tight_layout()
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=110, metadata={"Software": None})
    need_matplotlib().close(figure)
