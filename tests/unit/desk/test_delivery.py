"""Sending over SQLite, and how long an SMS was."""

from __future__ import annotations

from pathlib import Path

import pytest
from prometheus_client import REGISTRY
from structlog.testing import capture_logs

from heyue.delivery.sender import ACCEPTED, LATER, Receipt
from tests.delivery_contract import DeliveryContract
from tests.outgoing import NOW, Provider, notice, open_outgoing, still


class TestSqlite(DeliveryContract):
    """The contract over SQLite."""

    @pytest.fixture
    def url(self, tmp_path: Path) -> str:
        return f"sqlite:///{tmp_path / 'heyue.db'}"


def counted() -> float:
    return REGISTRY.get_sample_value("heyue_sms_segments_total", {"kind": "reminder"}) or 0.0


@pytest.mark.parametrize(
    ("receipt", "more", "logged"),
    [
        (Receipt(ACCEPTED, "p-1", segments=2), 2, [(2, False)]), (Receipt(ACCEPTED, "p-1", segments=3), 3, [(3, False)]),
        (Receipt(ACCEPTED, "p-1", segments=4), 4, [(4, True)]), (Receipt(LATER), 0, []),
    ],
)  # fmt: skip
def test_an_sms_is_counted_in_segments_where_it_is_sent(
    tmp_path: Path, receipt: Receipt, more: int, logged: list[tuple[int, bool]]
) -> None:
    desk, before = open_outgoing(f"sqlite:///{tmp_path / 'heyue.db'}"), counted()
    desk.enqueue(notice(), NOW)
    with capture_logs() as logs:
        desk.deliver_due(still(NOW), {"sms": Provider("sms", receipt)})
    desk.store.close()
    assert counted() - before == more
    assert [(each["segments"], each["is_long"]) for each in logs if each["event"] == "delivery.sms"] == logged
