"""How a borrower behaves in a talk, beside the words: flags that the type and situation models see.

Counted from the borrower's turns; the collector's turns only say what was asked, offered or reproached.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache
from importlib.resources import files

import yaml

from heyue.coaching.transcript import CaseFacts
from heyue.understanding.promises import Promise
from heyue.understanding.sieve import Sieve, Sifted

ALIKE = 0.5  # share of common character pairs from which two turns say the same
BRIEF, LONG = 8, 45  # characters a turn
_SIEVE = Sieve()


@cache
def cues() -> dict[str, Sifted]:
    """The expressions of behaviour.yml by name, over masked text."""
    source = (files("heyue.coaching") / "behaviour.yml").read_text(encoding="utf-8")
    return {name: _SIEVE.compiled("|".join(patterns)) for name, patterns in yaml.safe_load(source).items()}


def behaviour_flags(
    own: Sequence[str],
    asked: Sequence[str],
    promises: Sequence[Sequence[Promise]],
    gone_by: int,
    case: CaseFacts,
    by_bot: Sequence[str] = (),
) -> tuple[str, ...]:
    """The flags of a talk. Broken promises on file and days gone by without money count together (contracts.md section 4).

    Args:
        own: the masked turns of the borrower; asked: those of the collector; promises: what each turn promises; gone_by: how
            many of the promises that stand were for days before the last turn's; by_bot: the masked turns of the bot, which tell
            only whether money has come.
    """
    context = set(_context(asked))
    has_come = "asked_arrived:0" not in context or any(cues()["asked_arrived"].search(text) for text in by_bot)
    return tuple(
        sorted({
            *_said(own), *_promised(promises, case), *_manner(own), *context, *_broken_again(asked, case),
            f"broken_by_now:{some((case.broken_promises or 0) + (0 if has_come else gone_by))}",
        })
    )  # fmt: skip


def _said(own: Sequence[str]) -> Iterator[str]:
    return _counted(own, [name for name in cues() if not name.startswith("asked_")])


def _context(asked: Sequence[str]) -> Iterator[str]:
    return _counted(asked, [name for name in cues() if name.startswith("asked_")])


def _counted(texts: Sequence[str], names: Sequence[str]) -> Iterator[str]:
    """In how many of the texts each cue stands."""
    found = [_SIEVE.matching(text) for text in texts]
    for name in names:
        bit = cues()[name].bit
        yield f"{name}:{some(len([each for each in found if each & bit]))}"


def _broken_again(asked: Sequence[str], case: CaseFacts) -> Iterator[str]:
    """One broken promise on file, and the collector holds another against him, or recalls what he said: two (contracts.md section 4)."""
    if case.broken_promises == 1:
        for flag, name in (("again", "asked_broken"), ("recalled", "asked_recalled")):
            if any(cues()[name].search(text) for text in asked):
                yield f"broken:{flag}"


def _promised(promises: Sequence[Sequence[Promise]], case: CaseFacts) -> Iterator[str]:
    dated = [promise for said in promises for promise in said if promise.start is not None]
    loose = [promise for said in promises for promise in said if promise.start is None]
    yield f"dates:{some(len(dated))}"
    yield f"loose:{some(len(loose))}"
    yield f"conditional:{some(sum(each.certainty == 'conditional' for said in promises for each in said))}"
    yield f"amounts:{some(sum(each.amount is not None for said in promises for each in said))}"
    yield f"broken:{some(case.broken_promises)}" if case.broken_promises is not None else "broken:unknown"


def _manner(own: Sequence[str]) -> Iterator[str]:
    yield f"turns:{some(len(own))}"
    mean = sum(map(len, own)) / max(len(own), 1)
    yield f"length:{'brief' if mean <= BRIEF else 'long' if mean > LONG else 'middling'}"
    yield f"repeats:{some(_repeats(own))}"


def _repeats(own: Sequence[str]) -> int:
    """How many turns say again what an earlier one said."""
    pairs = [{text[at : at + 2] for at in range(len(text) - 1)} for text in own]
    return sum(
        any(
            len(later & earlier) >= ALIKE * min(len(later), len(earlier))
            for earlier in pairs[:index]
            if earlier
        )
        for index, later in enumerate(pairs)
        if len(later) >= 2
    )


def some(count: int) -> str:
    """A count as flags have it: up to two exactly."""
    return str(count) if count < 3 else "3+"
