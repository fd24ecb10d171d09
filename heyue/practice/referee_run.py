"""Plays the referee's talks one after the other, with a progress bar."""

from __future__ import annotations

from datetime import datetime

from rich.progress import track

from heyue.practice.referee import Played, matches, played


def play_all(talks: int, seed: int, at: datetime) -> list[Played]:
    """So many talks that begin at `at`."""
    return [
        played(*match, at)
        for match in track(matches(talks, seed), description="practice talks", total=talks, transient=True)
    ]
