"""Without PySpark or Java the command says so, and how to get them; wrong options are usage errors."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from heyue.cli import main

SPARK = ["classify", "--engine", "spark", "--from", "nowhere", "--to", "out"]


def test_without_pyspark_the_command_that_brings_it_is_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "pyspark.sql", None)  # as where it is not installed
    assert main(SPARK) == 1
    assert ".venv/bin/uv pip install -c requirements-dev.lock pyspark" in capsys.readouterr().err


@pytest.mark.parametrize("home", [None, "/nowhere"])
def test_without_java_the_command_that_brings_it_is_named(
    home: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("JAVA_HOME", raising=False)
    if home:
        monkeypatch.setenv("JAVA_HOME", home)
    assert main(SPARK) == 1
    error = capsys.readouterr().err
    assert "apt-get install openjdk-17-jre-headless" in error
    assert (home or "PATH") in error


@pytest.mark.parametrize(
    "words",
    [
        ["classify", "--engine", "spark", "--from", "x"],
        ["extract", "--engine", "spark", "--to", "x"],
        ["check", "--engine", "spark", "--from", "x", "--to", "y", "--jobs", "2"],
        ["check", "--from", "x"],
        ["check", "--master", "local[2]"],
        ["check", "--engine", "hadoop"],
    ],
)
def test_options_that_do_not_fit_together_are_wrong_usage(words: list[str]) -> None:
    assert main(words) == 2
