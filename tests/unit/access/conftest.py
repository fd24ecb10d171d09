"""Cheap password hashes: these tests sign in some two hundred times."""

from __future__ import annotations

import pytest
from argon2 import PasswordHasher


@pytest.fixture(autouse=True)
def cheap_hashes(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if "real_hashes" not in request.fixturenames:
        monkeypatch.setattr("heyue.access.passwords.HASHER", PasswordHasher(1, 8, 1))


@pytest.fixture
def real_hashes() -> None:
    """For a test of the hashes themselves."""
