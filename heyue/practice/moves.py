"""What a collector does with a line: which moves of moves.yml it holds, several at once or none ("other").

Thirty moves are learnt by one linear model with a head for each (move_training.py); the others are found by rules:
`threat` is any rule that conduct/line_check finds broken, `disclose` a debt named before verification
(conduct/disclosure), `repeat` what is much like an earlier line, `concede_too_much` what the policy does not allow.
Source: the technique library of domain.md; issue 5.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import NamedTuple

import yaml

from heyue.coaching.suggestions import is_like, pairs
from heyue.conduct.disclosure import CaseSecrets, debt_pattern, reveals_debt
from heyue.conduct.line_check import check_line
from heyue.conduct.talk_check import FLAG_IN_TALK_AT
from heyue.errors import Broken
from heyue.practice.concession import concedes_too_much
from heyue.practice.move_cues import move_flags
from heyue.understanding.linear_text import Blocks, LinearText, blocks_of, mask
from heyue.understanding.remembered import Remembered
from heyue.understanding.script import simplify

MODEL_FILE = Path(__file__).parent / "models" / "moves.npz"
READ_CHARACTERS = 400
REMEMBERED_LINES = 5_000
LEAST_PAIRS = 6  # a shorter line repeats another only where they are the same
OTHER, COMMAND = "other", "command"
# Politeness tells nothing of moves: all say 您 and 你.
_ONE_YOU = str.maketrans("您恁", "你你")
_DEPARTMENT = re.compile("(?:信用卡|贷后|还款|账单|分期)(?:业务)?(?:中心|部|管理|服务|客服|专员)")
_POLITE = re.compile("请(?!问|客|假)|麻烦|劳驾|請")  # a request, and no command (moves.yml)
_NOT_SAID = re.compile(r"[\W_]+")


class Move(NamedTuple):
    """A move in the words of whoever learns it. `effect`: soothes, builds, presses or neutral."""

    name: str
    what: str
    effect: str
    computed: bool = False


@cache
def moves() -> dict[str, Move]:
    """Every move by its identifier, in the order of moves.yml."""
    raw = yaml.safe_load((files("heyue.practice") / "moves.yml").read_text(encoding="utf-8"))
    return {identifier: Move(**fields) for identifier, fields in raw.items()}


@cache
def learnt_moves() -> tuple[str, ...]:
    """The moves that the model has a head for."""
    return tuple(identifier for identifier, move in moves().items() if not move.computed)


known_moves: Remembered[str, frozenset[str]] = Remembered(REMEMBERED_LINES)


def read_moves(
    line: str,
    earlier: Sequence[str] = (),
    is_verified: bool = True,
    case: CaseSecrets | None = None,
    now: datetime | None = None,
) -> frozenset[str]:
    """The moves that a collector makes with a line; {"other"} where there are none.

    Args:
        earlier: what he said before in this talk. is_verified: whether he knows that he speaks with the debtor.
        case: whose product and ID digits must not be told before. now: from when days that he grants are counted.

    Raises:
        Broken: a model has not been trained.
    """
    learnt = known_moves.of_all([line], _learnt)[0]
    computed = {
        "threat": bool(check_line(line, FLAG_IN_TALK_AT)),
        "disclose": not is_verified and names_debt(line, case),
        "repeat": _repeats(line, earlier),
        "concede_too_much": concedes_too_much(line, now),
    }
    found = learnt | {move for move, holds in computed.items() if holds}
    return frozenset(found) or frozenset({OTHER})


def _learnt(texts: Sequence[str]) -> list[frozenset[str]]:
    found = moves_by(move_model(), texts)
    return [each - {COMMAND} if _POLITE.search(text) else each for text, each in zip(texts, found, strict=True)]


def moves_by(model: LinearText, texts: Sequence[str]) -> list[frozenset[str]]:
    """The learnt moves of each text by this model: those whose score is above 0 (the thresholds are in its bias)."""
    scores = model.scores_of_all([move_blocks(text) for text in texts])
    return [
        frozenset(move for move, score in zip(model.labels, row, strict=True) if score > 0) for row in scores
    ]


def move_blocks(text: str) -> Blocks:
    """What the model sees of a line."""
    masked = masked_line(text)
    return blocks_of(masked, move_flags(masked))


def masked_line(text: str) -> str:
    """The line masked, polite and familiar address alike."""
    return mask(text[:READ_CHARACTERS]).translate(_ONE_YOU)


@cache
def move_model() -> LinearText:
    """The trained model.

    Raises:
        Broken: there is none.
    """
    if not MODEL_FILE.exists():
        raise Broken(f"the model {MODEL_FILE} is missing: run `make train`")
    return LinearText.load(MODEL_FILE)


def names_debt(line: str, case: CaseSecrets | None) -> bool:
    """Whether a line tells of the debt; the name of the lender's department may hold such words."""
    plain = _DEPARTMENT.sub("", simplify(line))
    return (reveals_debt(plain, case) if case else debt_pattern().search(plain)) is not None


def _repeats(line: str, earlier: Sequence[str]) -> bool:
    """Whether an earlier line says much the same; short lines share too many pairs with any other."""
    said, before = _bare(line), [_bare(each) for each in earlier]
    own = pairs(said)
    if len(own) < LEAST_PAIRS:
        return bool(said) and said in before
    return is_like(own, [known for each in before if len(known := pairs(each)) >= LEAST_PAIRS])


def _bare(line: str) -> str:
    return _NOT_SAID.sub("", simplify(line))
