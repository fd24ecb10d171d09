"""The stand-ins together: their environment is complete, and every wording of ours goes out in them as it was written."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path

import pytest

from heyue.delivery.configured import senders
from heyue.delivery.sender import ACCEPTED
from heyue.delivery.sms_text import compact
from heyue.outreach.wording import plain_facts, template_texts
from heyue.policy import default_policy
from heyue.provider_sim.stand_ins import SMS_PROVIDERS, StandIns
from heyue.records import Case, OutboundMessage
from heyue.settings import ZONE
from tests.bot_process import steady_port
from tests.providers.memory_state import MemoryState

AT = datetime(2026, 11, 26, 10, 0, tzinfo=ZONE)
CASE = Case("C-1", "赵明远", "云山消费金融", 320_000, date(2026, 11, 15), gender="男", phone="13800138000")
ADDRESSES = {"sms": "13800138000", "wechat": "oBorrower0001"}


@pytest.fixture(params=list(SMS_PROVIDERS))
def stand_ins(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[StandIns]:
    with StandIns(request.param, "http://127.0.0.1:9", steady_port(), tmp_path / "sim") as running:
        yield running


def message(channel: str, name: str) -> OutboundMessage:
    facts = plain_facts(CASE, default_policy())
    text = template_texts()[name][channel].format_map(facts)
    return OutboundMessage(
        f"remind:{name}", "C-1", channel, ADDRESSES[channel], "reminder", text, template=name, parameters=facts
    )


def test_every_wording_goes_out_as_it_was_written(stand_ins: StandIns) -> None:
    ours = senders(stand_ins.environment(), MemoryState())
    assert set(ours) == {"sms", "wechat", "wecom"}
    for name in template_texts():
        assert ours["sms"].send(message("sms", name), AT).outcome == ACCEPTED
        assert stand_ins.sms.sent[-1].text == compact(message("sms", name).text)
        assert ours["wechat"].send(message("wechat", name), AT).outcome == ACCEPTED
    news = list(stand_ins.news())
    assert [each.channel.split(" ")[0] for each in news].count("sms") == len(template_texts())
    assert list(stand_ins.news()) == []


def test_a_bot_that_is_away_is_noticed(stand_ins: StandIns) -> None:
    stand_ins.say("13800138000", "你好")
    assert stand_ins.failures() == 1
