"""Scripted borrowers talk to the running bot at their dates; the store is checked afterwards."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from heyue.conduct.disclosure import reveals_debt
from heyue.records import Case
from tests.bot_process import ROOT, Bot, bot_environment, running_bot
from tests.scripted_borrower import Talk, play

SAMPLES = ROOT.parent / "shared/samples/sample_dialogues.jsonl"
OWN = ROOT / "tests/data/dialogues.jsonl"
SCRIPTS = [
    json.loads(line)
    for file in (OWN, SAMPLES)
    if file.exists()
    for line in file.read_text(encoding="utf-8").splitlines()
]
FIELDS = [
    "case_id", "borrower_name", "gender", "phone", "wechat_openid", "id_last4", "creditor", "product", "amount_due",
    "minimum_due", "due_date", "pay_day", "broken_promises",
]  # fmt: skip


@pytest.fixture(scope="module")
def bot(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bot]:
    folder = tmp_path_factory.mktemp("dialogues")
    case_file = folder / "cases.csv"
    with case_file.open("w", encoding="utf-8", newline="") as out:
        writer = csv.DictWriter(out, FIELDS)
        writer.writeheader()
        writer.writerows({name: script["case"].get(name) for name in FIELDS} for script in SCRIPTS)
    heyue(folder, "import", str(case_file))
    with running_bot(folder) as running:
        yield running


def heyue(folder: Path, *words: str) -> str:
    """Run the console command over the store in `folder`; its output."""
    done = subprocess.run(
        [sys.executable, "-m", "heyue.cli", *words],
        cwd=ROOT, env=bot_environment(folder), capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def talk_to(bot: Bot, script: dict[str, Any]) -> Talk:
    sender = script["case"]["wechat_openid"] or script["case"]["phone"]
    start, minutes = datetime.fromisoformat(script["now"]), count()
    return play(script, lambda text: bot.send(sender, text, start + timedelta(minutes=next(minutes))))


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script["id"])
def test_dialogue(bot: Bot, script: dict[str, Any]) -> None:
    talk = talk_to(bot, script)
    folder = Path(bot.database_url.removeprefix("sqlite:///")).parent
    case = json.loads(heyue(folder, "case", script["case"]["case_id"]))
    expect = script["expect"]
    story = "\n".join(f"> {said}\n  {' / '.join(lines)}" for said, lines in talk.turns)
    standing = [
        {name: promise[name] for name in ("start", "end", "amount", "certainty")}
        for promise in case["promises"]
    ]
    assert standing == expect["promises"], story
    assert case["reason"] == expect["reason"], story
    if expect["situation"] is not None:
        assert case["situation"] == expect["situation"], story
    assert not disclosed(talk, script), story


def unverified_lines(talk: Talk, script: dict[str, Any]) -> list[str]:
    """What the bot said before the right ID digits were given; all of it where nobody may become verified."""
    lines: list[str] = []
    for said, answer in talk.turns:
        if (script["case"]["id_last4"] or "?") in said.upper() and not script["expect"]["must_not_disclose"]:
            break
        lines += answer
    return lines


def disclosed(talk: Talk, script: dict[str, Any]) -> list[str]:
    """The bot's lines that tell a person who is not verified of a debt."""
    raw = script["case"]
    case = Case(
        raw["case_id"], raw["borrower_name"], raw["creditor"], 0, datetime.fromisoformat(script["now"]).date(),
        product=raw["product"], id_last4=raw["id_last4"],
    )  # fmt: skip
    return [line for line in unverified_lines(talk, script) if reveals_debt(line, case)]
