"""When an item of the scorecard applies to a talk: conditions that the assessment of the talk decides."""

from __future__ import annotations

from collections.abc import Callable

from heyue.coaching.assessment import Assessment
from heyue.coaching.behaviour import cues
from heyue.coaching.talk_state import HOT
from heyue.coaching.tension import heat_of
from heyue.coaching.transcript import BORROWER, Transcript
from heyue.understanding.linear_text import mask

ALWAYS = "always"
NOBODY_TO_PAY = frozenset({"wrong_party", "unreachable", "deceased"})
NOTHING_TO_ARRANGE = NOBODY_TO_PAY | {"already_paid", "dispute"}
IN_DIFFICULTY = frozenset({"unable_short", "unable_long", "unwilling", "broken_promises"})
UPSET_TYPES = frozenset({"provocative", "victim"})
UPSET_WORDS = ("insult", "grief", "blame_lender")  # of behaviour.yml


def _always(transcript: Transcript, found: Assessment) -> bool:
    return True


def _borrower_reached(transcript: Transcript, found: Assessment) -> bool:
    return found.situation not in NOBODY_TO_PAY | {"already_paid"}


def _borrower_upset(transcript: Transcript, found: Assessment) -> bool:
    """A type whose whole talk is an outburst (domain.md, the seven types), or hot words; a flat no alone is none."""
    return found.debtor_type in UPSET_TYPES or any(
        _is_hot(mask(turn.text)) for turn in transcript.borrower_turns
    )


def _is_hot(masked: str) -> bool:
    return heat_of(masked) >= HOT and any(cues()[name].search(masked) for name in UPSET_WORDS)


def _payment_open(transcript: Transcript, found: Assessment) -> bool:
    return found.situation not in NOTHING_TO_ARRANGE


def _borrower_in_difficulty(transcript: Transcript, found: Assessment) -> bool:
    return found.situation in IN_DIFFICULTY


def _promise_made(transcript: Transcript, found: Assessment) -> bool:
    return any(promise.start is not None for promise in found.promises)


def _times_known(transcript: Transcript, found: Assessment) -> bool:
    return all(turn.at is not None for turn in transcript.turns if turn.speaker != BORROWER)


_HOLDS: dict[str, Callable[[Transcript, Assessment], bool]] = {
    ALWAYS: _always,
    "borrower_reached": _borrower_reached,
    "borrower_upset": _borrower_upset,
    "payment_open": _payment_open,
    "borrower_in_difficulty": _borrower_in_difficulty,
    "promise_made": _promise_made,
    "times_known": _times_known,
}
CONDITIONS = tuple(_HOLDS)


def holds(condition: str, transcript: Transcript, found: Assessment) -> bool:
    """Whether one of CONDITIONS holds for a talk and what was read in it."""
    return _HOLDS[condition](transcript, found)
