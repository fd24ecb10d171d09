"""The command line: lazy, and without stack traces."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from heyue.cli import COMMANDS, main


def test_every_command_shows_its_help(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--help"]) == 0
    shown = capsys.readouterr().out
    assert all(name in shown for name in COMMANDS)


@pytest.mark.parametrize("name", COMMANDS)
def test_each_command_has_help_of_its_own(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([name, "--help"]) == 0
    assert "Usage: heyue " + name in capsys.readouterr().out


def test_extract_imports_no_heavy_library() -> None:
    program = (
        "import sys; from heyue.cli import main; sys.argv = ['heyue', 'extract']; status = main(); "
        "print([name for name in ('sqlalchemy', 'rasa', 'spacy', 'sklearn', 'streamlit') if name in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], input="", capture_output=True, text=True, check=True
    )
    assert done.stdout.strip().endswith("[]"), done.stdout


@pytest.mark.parametrize("words", [["nonsense"], ["case"], ["run", "--port", "99999"]])
def test_wrong_usage_is_status_2(words: list[str]) -> None:
    assert main(words) == 2


def test_chat_with_an_unknown_case_or_no_bot_is_a_plain_message(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("HEYUE_DATA_FOLDER", str(tmp_path))
    monkeypatch.delenv("HEYUE_DATABASE_URL", raising=False)
    assert main(["chat", "NO-SUCH-CASE"]) == 1
    assert capsys.readouterr().err == "heyue: no case has the number 'NO-SUCH-CASE'\n"
