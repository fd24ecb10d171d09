"""How the moves of a line move a debtor: by kind, by his card, by level, and less each time (reactions.yml)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from functools import cache
from importlib.resources import files
from typing import Any, NamedTuple

import yaml

from heyue.practice.levels import Level
from heyue.practice.moves import moves
from heyue.practice.persona import Persona
from heyue.practice.state import Moved, State

GAUGES = ("tension", "trust", "willingness", "fatigue")
SOOTHES, PRESSES = "soothes", "presses"
TURN, UNHEARD = "turn", "unheard"


class Kind(NamedTuple):
    """How one kind of debtor reacts; the fields are told in reactions.yml."""

    start: Mapping[str, float]
    yields_to: frozenset[str]
    cold_to: frozenset[str]
    hardened_by: frozenset[str]
    tiring: float
    opens_at: tuple[float, float]
    needs: float
    resists: float


class Reactions(NamedTuple):
    """reactions.yml."""

    effects: Mapping[str, Mapping[str, float]]
    turn: Mapping[str, float]
    unheard: float
    hot_at: float
    deaf: float
    again: float
    card: float
    lost_at: float
    yielding: float
    cold: float
    hardening: float
    kinds: Mapping[str, Kind]
    events: Mapping[str, str]


@cache
def reactions() -> Reactions:
    """The reactions, read once."""
    raw: dict[str, Any] = yaml.safe_load(
        (files("heyue.practice") / "reactions.yml").read_text(encoding="utf-8")
    )
    return Reactions(**raw | {"kinds": {name: _kind(fields) for name, fields in raw["kinds"].items()}})


def _kind(raw: dict[str, Any]) -> Kind:
    sets = {name: frozenset(raw[name]) for name in ("yields_to", "cold_to", "hardened_by")}
    return Kind(**raw | sets | {"opens_at": tuple(raw["opens_at"])})


def kind_of(persona: Persona) -> Kind:
    """How a persona's kind reacts."""
    return reactions().kinds[persona.kind]


def cause_name(cause: str) -> str:
    """The Chinese name of what moved a debtor: a move or an event."""
    return reactions().events.get(cause) or moves()[cause].name


@cache
def moves_of_kind(kind: str) -> frozenset[str]:
    """The moves of a kind: soothes, builds, presses or neutral."""
    return frozenset(name for name, move in moves().items() if move.effect == kind)


def is_hot(state: State) -> bool:
    """Whether he is too upset to talk about a plan."""
    return state.tension >= reactions().hot_at


def started(persona: Persona, level: Level) -> State:
    """The state in which a persona begins a talk."""
    start = kind_of(persona).start
    return State(round(max(start["tension"] - level.calmer, 0.0), 4), start["trust"], start["willingness"])


def moved_by(
    state: State, made: Iterable[str], persona: Persona, level: Level
) -> tuple[State, tuple[Moved, ...]]:
    """The state after a line that makes these moves, and what each of them moved."""
    accounts = [
        *_moved(TURN, reactions().turn, level.tiring * kind_of(persona).tiring, 1.0),
        *(each for move in made for each in _move_effects(state, move, persona, level)),
    ]
    if (
        state.verified
        and is_hot(state)
        and not any(moves()[move].effect in (SOOTHES, PRESSES) for move in made)
    ):
        accounts.append(Moved(UNHEARD, "tension", reactions().unheard * level.pressing))
    totals = {gauge: sum(each.delta for each in accounts if each.gauge == gauge) for gauge in GAUGES}
    gauges = {
        gauge: round(min(max(getattr(state, gauge) + delta, 0.0), 1.0), 4) for gauge, delta in totals.items()
    }
    counts = dict(state.moves)
    for move in made:
        counts[move] = counts.get(move, 0) + 1
    return replace(state, moves=tuple(sorted(counts.items())), **gauges), tuple(accounts)


def _move_effects(state: State, move: str, persona: Persona, level: Level) -> Iterator[Moved]:
    effects = reactions().effects.get(move, {})
    return _moved(move, effects, *_strengths(state, move, persona, level))


def _strengths(state: State, move: str, persona: Persona, level: Level) -> tuple[float, float]:
    """What bad effects of a move count, and what good ones do."""
    kind, weigh, card = kind_of(persona), reactions(), persona.card
    bad = level.pressing * (weigh.hardening if move in kind.hardened_by else 1.0)
    bad *= weigh.card if move in card.enraged_by else 1.0
    good = level.soothing * weigh.again ** state.times(move)
    good *= weigh.yielding if move in kind.yields_to else weigh.cold if move in kind.cold_to else 1.0
    good *= weigh.card if move in card.moved_by else 1.0
    return bad, good * (weigh.deaf if is_hot(state) and moves()[move].effect != SOOTHES else 1.0)


def _moved(cause: str, effects: Mapping[str, float], bad: float, good: float) -> Iterator[Moved]:
    for gauge, delta in effects.items():
        is_bad = (delta > 0) == (gauge in ("tension", "fatigue"))
        yield Moved(cause, gauge, round(delta * (bad if is_bad else good), 4))


def is_ready(state: State, persona: Persona, level: Level) -> bool:
    """Whether he agrees to a plan: calm and willing enough, after enough of the moves that his kind yields to,
    and not before he has resisted in the manner of his type."""
    kind = kind_of(persona)
    shown = sum(state.times(move) > 0 for move in kind.yields_to)
    has_resisted = state.stalled >= level.resists * kind.resists
    return (
        not is_hot(state)
        and state.willingness >= level.ready_at
        and shown >= level.skills * kind.needs
        and has_resisted
    )
