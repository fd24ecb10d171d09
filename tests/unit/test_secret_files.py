"""Secrets from files, and the database's password beside its URL."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from heyue.errors import BadInput
from heyue.secret_files import read_secret_files
from heyue.settings import Settings, with_password


def test_a_secret_is_read_from_its_file_without_the_line_break(tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text(" 密 令 \r\n", encoding="utf-8")
    environment = {"HEYUE_TRANSCRIPT_TOKEN_FILE": str(file)}
    for later in (" 密 令 \r\n", "changed while the process runs"):
        file.write_text(later, encoding="utf-8")
        read_secret_files(environment)
        assert environment == {"HEYUE_TRANSCRIPT_TOKEN": " 密 令 "}


def test_other_programs_files_are_left_alone() -> None:
    environment = {"POSTGRES_PASSWORD_FILE": "/nowhere", "HEYUE_DATA_KEY_FILE": ""}
    before = dict(environment)
    read_secret_files(environment)
    assert environment == before


def test_an_empty_variable_beside_a_file_says_nothing(tmp_path: Path) -> None:
    (tmp_path / "key").write_text("from the file")
    environment = {"HEYUE_DATA_KEY": "", "HEYUE_DATA_KEY_FILE": str(tmp_path / "key")}
    read_secret_files(environment)
    assert environment == {"HEYUE_DATA_KEY": "from the file"}


def test_two_values_for_one_name_are_refused_without_showing_either(tmp_path: Path) -> None:
    (tmp_path / "key").write_text("from the file")
    with pytest.raises(BadInput, match="both HEYUE_DATA_KEY and HEYUE_DATA_KEY_FILE") as refused:
        read_secret_files({"HEYUE_DATA_KEY": "another", "HEYUE_DATA_KEY_FILE": str(tmp_path / "key")})
    assert "another" not in str(refused.value)
    assert "from the file" not in str(refused.value)


@pytest.mark.parametrize("content", [None, b"\xff\xfe"], ids=["missing", "no text"])
def test_a_file_that_cannot_be_read_is_named(tmp_path: Path, content: bytes | None) -> None:
    file = tmp_path / "key"
    if content:
        file.write_bytes(content)
    with pytest.raises(BadInput, match=f"HEYUE_DATA_KEY_FILE names {file}"):
        read_secret_files({"HEYUE_DATA_KEY_FILE": str(file)})


@pytest.mark.parametrize(
    ("url", "password", "expected"),
    [
        ("postgresql://heyue@db:5432/heyue", "a/b@c:%", "postgresql://heyue:a%2Fb%40c%3A%25@db:5432/heyue"),
        ("postgresql://heyue:own@db/heyue", "other", "postgresql://heyue:own@db/heyue"),
        ("postgresql://db/heyue", "other", "postgresql://db/heyue"),
        ("postgresql://heyue@db/heyue", "", "postgresql://heyue@db/heyue"),
        ("sqlite:////var/heyue.db", "other", "sqlite:////var/heyue.db"),
        ("postgresql://heyue:p[x@db/heyue", "", "postgresql://heyue:p[x@db/heyue"),
    ],
)
def test_the_password_goes_into_a_url_that_names_a_user_only(url: str, password: str, expected: str) -> None:
    assert with_password(url, password) == expected


def test_a_url_that_takes_no_password_is_refused_and_not_repeated() -> None:
    with pytest.raises(BadInput, match="HEYUE_DATABASE_PASSWORD") as refused:
        with_password("postgresql://heyue:p[x@db/heyue", "s3cret")
    assert "p[x" not in str(refused.value)
    assert "s3cret" not in str(refused.value)


def test_settings_read_the_files_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "password").write_text("s3cret\n")
    monkeypatch.setenv("HEYUE_DATABASE_URL", "postgresql://heyue@db/heyue")
    monkeypatch.setenv("HEYUE_DATABASE_PASSWORD_FILE", str(tmp_path / "password"))
    monkeypatch.delenv("HEYUE_DATABASE_PASSWORD", raising=False)
    assert Settings.from_environment().database_url == "postgresql://heyue:s3cret@db/heyue"
    del os.environ["HEYUE_DATABASE_PASSWORD"]  # which monkeypatch has not set
