"""Sending over SQLite."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.delivery_contract import DeliveryContract


class TestSqlite(DeliveryContract):
    """The contract over SQLite."""

    @pytest.fixture
    def url(self, tmp_path: Path) -> str:
        return f"sqlite:///{tmp_path / 'heyue.db'}"
