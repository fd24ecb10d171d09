"""Sending over PostgreSQL."""

from __future__ import annotations

import pytest

from tests.delivery_contract import DeliveryContract
from tests.integration.test_store_postgres import cluster, url  # noqa: F401  fixtures

pytestmark = pytest.mark.postgres


class TestPostgres(DeliveryContract):
    """The contract over PostgreSQL."""

    @pytest.fixture
    def url(self, url: str) -> str:  # noqa: F811
        return url
