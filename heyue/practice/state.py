"""Where a practice talk stands: the debtor's inner state, what he has said of himself, what is on the table."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

NOT_TOLD, HINTED, PLAIN = 0, 1, 2  # how much of his true reason the debtor has told


class Terms(NamedTuple):
    """A day to pay and a sum; None where one is not said."""

    day: date | None = None
    amount_fen: int | None = None


class Agreed(NamedTuple):
    """A promise of the debtor. `is_concrete`: day and sum were read back to him and he said yes."""

    day: date | None
    amount_fen: int | None
    is_concrete: bool = False


class Moved(NamedTuple):
    """One thing that moved the debtor: the move or event (moves.yml, reactions.yml), what it moved, by how much.

    `gauge`: tension, trust, willingness or fatigue.
    """

    cause: str
    gauge: str
    delta: float


@dataclass(frozen=True)
class State:
    """The debtor's state; gauges run from 0 to 1.

    `willingness`: how near he is to a plan. `fatigue`: how near he is to ending the talk.
    `informed`: he has been told what it is about. `reason_told`: NOT_TOLD, HINTED or PLAIN. `proposal`: his own offer on the table; `promise`: what he has agreed to.
    `moves`: how often each move was made; `acts`: what he did so far; `said`: the lines of the store he has used;
    `warnings`: how often he warned of a complaint; `stalled`: how often he put the trainee
    off in the manner of his type.
    """

    tension: float = 0.0
    trust: float = 0.0
    willingness: float = 0.0
    fatigue: float = 0.0
    verified: bool = False
    introduced: bool = False
    informed: bool = False
    reason_told: int = NOT_TOLD
    proposal: Terms | None = None
    promise: Agreed | None = None
    moves: tuple[tuple[str, int], ...] = ()
    acts: tuple[str, ...] = ()
    said: frozenset[str] = frozenset()
    warnings: int = 0
    stalled: int = 0

    def times(self, move: str) -> int:
        """How often the trainee has made a move."""
        return dict(self.moves).get(move, 0)
