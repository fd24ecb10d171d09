"""`heyue users`: add, list, set."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest

from heyue.access.people import SignedIn
from heyue.cli import main
from heyue.desk import open_desk
from heyue.settings import ZONE, Settings

PASSWORD = "Wolke-7-Regen"
ADD = ["users", "add", "li.na", "--name", "李娜", "--role", "reviewer"]
Heyue = Callable[..., int]


@pytest.fixture
def heyue(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Heyue:
    """Runs the command over a store of its own, with lines for standard input."""
    monkeypatch.setenv("HEYUE_DATA_FOLDER", str(tmp_path))
    monkeypatch.delenv("HEYUE_DATABASE_URL", raising=False)

    def run(*words: str, typed: str = "") -> int:
        monkeypatch.setattr("sys.stdin", io.StringIO(typed))
        return main(list(words))

    return run


def signs_in(password: str) -> bool:
    desk = open_desk(Settings.from_environment())
    verdict = desk.sign_in("li.na", password, datetime.now(ZONE))
    desk.store.close()
    return isinstance(verdict, SignedIn)


def test_add_list_set(heyue: Heyue, capsys: pytest.CaptureFixture[str]) -> None:
    assert heyue(*ADD, "--password-stdin", typed=PASSWORD + "\n") == 0
    assert signs_in(PASSWORD)
    assert heyue("users", "set", "li.na", "--role", "lead", "--password-stdin", typed="Sonne-8-Schnee\n") == 0
    assert signs_in("Sonne-8-Schnee")
    assert heyue("users", "set", "li.na", "--disable") == 0
    assert not signs_in("Sonne-8-Schnee")
    capsys.readouterr()
    assert heyue("users", "list") == 0
    assert capsys.readouterr().out.split() == ["li.na", "lead", "李娜", "(disabled)"]


def test_the_password_is_asked_for_twice(heyue: Heyue, monkeypatch: pytest.MonkeyPatch) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    answers = iter([PASSWORD, PASSWORD + "x", PASSWORD, PASSWORD])
    monkeypatch.setattr("heyue.cli.users.getpass.getpass", lambda _prompt: next(answers))
    monkeypatch.setattr("heyue.cli.users.sys.stdin", Terminal())
    assert main(ADD) == 1
    assert main(ADD) == 0
    assert signs_in(PASSWORD)


@pytest.mark.parametrize(
    ("words", "typed", "why"),
    [
        (ADD, PASSWORD, "no terminal"),
        ([*ADD, "--password-stdin"], "short\n", "too short"),
        ([*ADD[:-1], "boss", "--password-stdin"], PASSWORD, "no role"),
        (["users", "set", "nobody", "--enable"], "", "nobody has the login"),
    ],
)
def test_refusals_are_plain_messages(
    heyue: Heyue, capsys: pytest.CaptureFixture[str], words: list[str], typed: str, why: str
) -> None:
    assert heyue(*words, typed=typed) == 1
    said = capsys.readouterr().err
    assert said.startswith("heyue: ")
    assert why in said


def test_a_password_is_no_argument(heyue: Heyue) -> None:
    assert heyue(*ADD, "--password", PASSWORD) == 2


def test_somebody_of_an_identity_provider_needs_none(
    heyue: Heyue, capsys: pytest.CaptureFixture[str]
) -> None:
    assert heyue(*ADD, "--email", "li.na@bank.example") == 0
    assert "added li.na" in capsys.readouterr().out
