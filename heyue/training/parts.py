"""The parts of `heyue evaluate`: each is measured, drawn and written to docs/models.md by itself, as soon as it is done."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from heyue.training import evaluation, report, type_report
from heyue.training.evaluation import Extent
from heyue.training.figures import need_matplotlib
from heyue.training.models import MODELS, need_data
from heyue.training.move_evaluation import evaluate_moves, move_section
from heyue.training.report import Lines, Run
from heyue.training.talk_check_evaluation import conduct_section, evaluate_conduct


class Part(NamedTuple):
    """How a part is measured (data, extent, jobs), what its section says, and its figures, if it has any."""

    evaluate: Callable[[Path, Extent, int], Any]
    section: Callable[[Any, Run], Lines]
    draw: Callable[[Any, Path], None] | None = None


PARTS = {
    "types": Part(evaluation.evaluate_types, type_report.type_section, type_report.draw_types),
    "situations": Part(evaluation.evaluate_situations, report.situation_section, report.draw_situations),
    "lines": Part(evaluation.evaluate_lines, report.line_section, report.draw_lines),
    "reasons": Part(evaluation.evaluate_reasons, report.reason_section),
    "promises": Part(evaluation.evaluate_promises, report.promise_section),
    "conduct": Part(evaluate_conduct, conduct_section),
    "moves": Part(evaluate_moves, move_section),
}


def measure(names: list[str], data: Path, docs: Path, extent: Extent, jobs: int) -> None:
    """Measure these parts of PARTS, one after the other, and write each to models.md and figures of `docs`.

    Args:
        data: a folder laid out as nlu_data. jobs: processes to work with.

    Raises:
        BadInput: data are missing.
        Broken: matplotlib, which draws the figures, is not installed.
    """
    need_data(data, MODELS)
    need_matplotlib()
    for name in names:
        part, begun = PARTS[name], time.perf_counter()
        found = part.evaluate(data, extent, jobs)
        run = Run(name, extent, data, time.perf_counter() - begun)
        if part.draw:
            part.draw(found, docs / "figures")
        report.write_section(docs / "models.md", run.command, part.section(found, run))
