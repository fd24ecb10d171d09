"""Which talks are reviewed: all with flags, all that the machine is unsure of, and a random share of the rest.

Whether a talk is drawn depends on the seed and its own number alone: a keyed hash (HMAC-SHA-256) of the number, read
as a share from 0 to 1. So a draw can be repeated, and talks that come later change nothing of what was chosen before.
"""

from __future__ import annotations

import hmac
from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path
from typing import NamedTuple

from heyue.review.data_file import DataFile

FLAGGED, UNSURE, RANDOM = "flagged", "unsure", "random"
_HASH_SPACE = 2**64


class Candidate(NamedTuple):
    """A talk that may be reviewed. `confidence`: how sure the machine is of what it read, 0 to 1."""

    transcript_id: str
    has_flags: bool
    confidence: float


class SamplingPlan(NamedTuple):
    """The fields of sampling.yml."""

    version: str
    seed: str
    share: float
    confidence_below: float
    second_review_share: float


class Chosen(NamedTuple):
    """A talk to review. `why`: flagged, unsure or random; `twice`: a second reviewer judges it blind."""

    transcript_id: str
    why: str
    twice: bool


def choose_for_review(candidates: Sequence[Candidate], plan: SamplingPlan) -> list[Chosen]:
    """The talks to review, in the order given."""
    return [
        Chosen(
            each.transcript_id, why, _drawn(each.transcript_id, "second", plan.second_review_share, plan.seed)
        )
        for each in candidates
        if (why := _why(each, plan)) is not None
    ]


def load_sampling_plan(path: Path | None = None) -> SamplingPlan:
    """The plan of `path`, or the one shipped with the package.

    Raises:
        BadInput: the file cannot be read or a field is wrong; the message names file and field.
    """
    data = DataFile.read(path if path is not None else files("heyue.review") / "sampling.yml")
    data.only(*SamplingPlan._fields)
    shares = {name: data.share(name) for name in ("share", "confidence_below", "second_review_share")}
    return SamplingPlan(version=data.text("version"), seed=data.text("seed"), **shares)


def _why(candidate: Candidate, plan: SamplingPlan) -> str | None:
    if candidate.has_flags:
        return FLAGGED
    if candidate.confidence < plan.confidence_below:
        return UNSURE
    return RANDOM if _drawn(candidate.transcript_id, "first", plan.share, plan.seed) else None


def _drawn(transcript_id: str, draw: str, share: float, seed: str) -> bool:
    digest = hmac.digest(seed.encode(), f"{draw}:{transcript_id}".encode(), "sha256")
    return int.from_bytes(digest[:8], "big") < share * _HASH_SPACE
