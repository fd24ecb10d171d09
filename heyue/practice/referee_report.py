"""The referee's figures: rates with intervals by type, collector and level, what failed, and whether all is as it must be."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

from heyue.practice.collectors import collectors
from heyue.practice.levels import LEVELS
from heyue.practice.persona import COOPERATIVE, KINDS
from heyue.practice.referee import Played, Rate, rate, recognised

RECOGNISED_AT_LEAST = 0.85
ORDER = ("skilled", "rigid", "abusive")  # each must end with a dated promise more often than the next
ABUSIVE = ("blaming", "threatening")

Figures = dict[str, Any]


def figures_of(talks: Sequence[Played]) -> Figures:
    """All figures, as plain JSON data."""
    return {
        "talks": len(talks),
        "most_turns": max(len(each.exercise.turns) for each in talks),
        "dated": _by(talks, lambda each: each.is_dated),
        "kept": _by(talks, lambda each: each.is_kept),
        "order": {kind: [_share(talks, kind, group) for group in ORDER] for kind in KINDS},
        "recognised": _recognised(talks, until_he_yields=True),
        "recognised_whole": _recognised(talks, until_he_yields=False),
        "measures": {name: _measures([each for each in talks if each.collector == name]) for name in collectors()},
        "faults": dict(Counter(fault for each in talks for fault in each.faults).most_common(20)),
    }  # fmt: skip


def passes(figures: Figures) -> bool:
    """No fault, the order holds for every type, types are recognised."""
    ordered = all(first > second > third for first, second, third in figures["order"].values())
    return ordered and not figures["faults"] and figures["recognised"]["all"]["share"] >= RECOGNISED_AT_LEAST


def _recognised(talks: Sequence[Played], until_he_yields: bool) -> Figures:
    """How often the type is told: of the seven types together, and by kind (cooperative is none of the seven)."""
    judged = zip(talks, recognised(talks, until_he_yields), strict=True)
    known = [(each.exercise.persona.kind, right) for each, right in judged if right is not None]
    by_kind = {kind: [right for own, right in known if own == kind] for kind in KINDS}
    return {
        "all": _rate(
            Rate(
                sum(own != COOPERATIVE and right for own, right in known),
                sum(own != COOPERATIVE for own, _ in known),
            )
        ),
        "by_kind": {kind: _rate(Rate(sum(right), len(right))) for kind, right in by_kind.items()},
    }


def _by(talks: Sequence[Played], happened: Callable[[Played], bool]) -> Figures:
    """By kind and by level, each by collector."""
    groups: dict[str, Callable[[Played], str]] = {
        "kind": lambda each: each.exercise.persona.kind,
        "level": lambda each: each.exercise.level,
    }
    return {
        name: {
            value: {
                collector: _rate(
                    rate(
                        [each for each in talks if each.collector == collector and of(each) == value],
                        happened,
                    )
                )
                for collector in collectors()
            }
            for value in (KINDS if name == "kind" else LEVELS)
        }
        for name, of in groups.items()
    }


def _share(talks: Sequence[Played], kind: str, group: str) -> float:
    names = ABUSIVE if group == "abusive" else (group,)
    own = [each for each in talks if each.exercise.persona.kind == kind and each.collector in names]
    return round(rate(own, lambda each: each.is_dated).share, 3)


def _rate(found: Rate) -> Figures:
    low, high = found.interval
    return {"share": round(found.share, 3), "low": round(low, 3), "high": round(high, 3), "of": found.of}


def _measures(talks: Sequence[Played]) -> Figures:
    """Means over a collector's talks; days only over talks in which something is paid."""
    found = [each.outcome.measures for each in talks]
    days = [each.days_to_recovery for each in found if each.days_to_recovery is not None]
    means = {
        name: round(sum(getattr(each, name) for each in found) / max(len(found), 1), 3)
        for name in ("soundness", "recovery", "health", "harmonic")
    }
    granted = sum(each.outcome.over_concessions > 0 for each in talks)
    return means | {
        "days_to_recovery": round(sum(days) / len(days), 1) if days else None,
        "over_concession": round(granted / max(len(talks), 1), 3),
    }


def table(figures: Figures) -> str:
    """The figures as Markdown."""
    names = list(collectors())
    lines = [
        f"{figures['talks']} talks, none longer than {figures['most_turns']} turns. Ended with a dated promise, in %:",
        "", "| | " + " | ".join(names) + " |", "|---" * (len(names) + 1) + "|",
    ]  # fmt: skip
    for group in ("kind", "level"):
        for value, row in figures["dated"][group].items():
            lines.append(f"| {value} | " + " | ".join(_cell(row[name]) for name in names) + " |")
    lines += ["", "| measure | " + " | ".join(names) + " |", "|---" * (len(names) + 1) + "|"]
    for measure in ("soundness", "recovery", "days_to_recovery", "health", "harmonic", "over_concession"):
        values = (figures["measures"][name][measure] for name in names)
        lines.append(
            f"| {measure} | " + " | ".join("-" if value is None else str(value) for value in values) + " |"
        )
    lines += [
        "",
        _told(figures["recognised"], "before he names a day"),
        "",
        _told(figures["recognised_whole"], "whole"),
    ]
    return "\n".join([*lines, "", f"Faults: {figures['faults'] or 'none'}."])


def _told(found: Figures, what: str) -> str:
    by_kind = ", ".join(f"{kind} {_cell(rate)}" for kind, rate in found["by_kind"].items())
    return f"Type recognised, {what}: {_cell(found['all'])} of {found['all']['of']} talks ({by_kind})."


def _cell(found: Figures) -> str:
    return (
        f"{100 * found['share']:.0f} ({100 * found['low']:.0f}–{100 * found['high']:.0f})"
        if found["of"]
        else "-"
    )
