"""The demonstration talks: some of the invented talks of nlu_data, as if collectors had led them in the last weeks."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import Any

from heyue.access.people import User
from heyue.access.roles import role_of
from heyue.coaching.transcript import Transcript, transcript_from_dict
from heyue.desk.upload import UploadDesk
from heyue.intake.transcript_file import ReadTranscript

SECONDS_A_TURN = 40
LOADER = User("heyue-run", "heyue run", role_of("reviewer"))


def load_demonstration_talks(desk: UploadDesk, listed: Path, nlu_data: Path, now: datetime) -> int:
    """Take in the talks that a list names: voice, talk, collector, days ago and time of day. How many were new."""
    return desk.take_transcripts(LOADER, list(talks_of(listed, nlu_data, now)), now)


def talks_of(listed: Path, nlu_data: Path, now: datetime) -> Iterator[ReadTranscript]:
    """The talks of the list, each with the times it is to have."""
    with listed.open(encoding="utf-8", newline="") as source:
        for line, row in enumerate(csv.DictReader(source), 2):
            raw = talk_named(nlu_data / "types" / f"{row['voice']}.jsonl", row["talk"])
            day = (now - timedelta(days=int(row["days_ago"]))).date()
            begun = min(datetime.combine(day, time.fromisoformat(row["time"]), now.tzinfo), now)
            transcript = timed(transcript_from_dict(raw), begun)
            yield ReadTranscript(f"demo-{row['talk']}", transcript, row["collector"], line, line)


def talk_named(file: Path, talk_id: str) -> dict[str, Any]:
    """One talk of a file of labelled talks."""
    for line in file.read_text(encoding="utf-8").splitlines():
        raw: dict[str, Any] = json.loads(line)
        if raw["id"] == talk_id:
            return raw
    raise KeyError(f"{file} has no talk {talk_id!r}")


def timed(transcript: Transcript, begun: datetime) -> Transcript:
    """The talk with its turns said one after another from `begun` on."""
    turns = tuple(
        replace(turn, at=begun + timedelta(seconds=SECONDS_A_TURN * place))
        for place, turn in enumerate(transcript.turns)
    )
    return replace(transcript, turns=turns)
