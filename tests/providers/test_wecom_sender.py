"""Messages to and from 微信客服 of WeCom, over wechatpy's client against the stand-in."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest

from heyue.delivery.sender import ACCEPTED, LATER, REFUSED, UNKNOWN
from heyue.delivery.wecom import Wecom, sender_from
from heyue.errors import BadInput
from heyue.provider_sim.loopback import Fault
from heyue.provider_sim.wecom import HUMAN, POOL, CustomerService
from heyue.records import OutboundMessage
from heyue.settings import ZONE
from tests.providers.memory_state import MemoryState

AT = datetime(2026, 11, 26, 10, 0, tzinfo=ZONE)
CUSTOMER = "wmCustomer0001"
SEND = "/kf/send_msg"


@pytest.fixture
def service() -> Iterator[CustomerService]:
    with CustomerService() as running:
        running.keep(CUSTOMER, "在吗")
        yield running


def configured(service: CustomerService, **more: str) -> dict[str, str]:
    return {
        "HEYUE_WECOM_CORP_ID": service.corp_id, "HEYUE_WECOM_SECRET": service.secret,
        "HEYUE_WECOM_OPEN_KFID": service.open_kfid, "HEYUE_WECOM_URL": service.url, **more,
    }  # fmt: skip


def message(text: str = "您好") -> OutboundMessage:
    return OutboundMessage("reply:17", "C-1", "wecom", CUSTOMER, "reply", text)


def texts(taken: list[dict[str, Any]]) -> list[str]:
    return [each["text"]["content"] for each in taken]


def test_a_message_goes_under_a_number_that_reports_will_name(service: CustomerService) -> None:
    sender = sender_from(configured(service), MemoryState())
    receipt = sender.send(message("您好"), AT)
    assert (receipt.outcome, len(receipt.provider_id or "")) == (ACCEPTED, 32)
    assert service.seen_by(CUSTOMER) == ["您好"]


def test_the_number_is_known_also_when_no_answer_came(service: CustomerService) -> None:
    sender = sender_from(configured(service), MemoryState())
    service.faults.append(Fault(SEND, cut=True, after=True))
    receipt = sender.send(message(), AT)
    assert (receipt.outcome, receipt.provider_id) == (UNKNOWN, sender.send(message(), AT).provider_id)


@pytest.mark.parametrize(
    ("code", "outcome"), [(95001, LATER), (95002, REFUSED), (95018, REFUSED), (45009, LATER), (45033, LATER), (40003, REFUSED)]
)
def test_each_error_code_has_its_meaning(service: CustomerService, code: int, outcome: str) -> None:
    service.faults.append(Fault(SEND, answer={"errcode": code, "errmsg": "on command"}))
    assert sender_from(configured(service), MemoryState()).send(message(), AT).outcome == outcome


def test_everything_is_fetched_once_over_many_pages(service: CustomerService) -> None:
    for number in range(7):
        service.keep(CUSTOMER, str(number))
    service.page = 3
    sender, taken = sender_from(configured(service), MemoryState()), []
    assert sender.fetch(AT, taken.append, "token") == 8
    assert texts(taken) == ["在吗", *"0123456"]
    assert sender.fetch(AT, taken.append) == 0
    service.keep(CUSTOMER, "再来")
    assert sender.fetch(AT, taken.append) == 1


def test_a_page_on_which_a_process_died_comes_again_and_nothing_is_left_out(service: CustomerService) -> None:
    for number in range(7):
        service.keep(CUSTOMER, str(number))
    service.page, state, taken = 3, MemoryState(), []

    def dies_at_the_fifth(each: dict[str, Any]) -> None:
        if len(taken) == 4:
            raise KeyboardInterrupt
        taken.append(each)

    with pytest.raises(KeyboardInterrupt):
        sender_from(configured(service), state).fetch(AT, dies_at_the_fifth)
    again: list[dict[str, Any]] = []
    sender_from(configured(service), state).fetch(AT, again.append)
    assert {each["msgid"] for each in taken + again} == {each["msgid"] for each in service.log}
    assert texts(again) == [*"23456"]


@pytest.mark.parametrize(("human", "state"), [("pool", POOL), ("LiMing", HUMAN)])
def test_a_session_is_given_to_a_human_once(service: CustomerService, human: str, state: int) -> None:
    sender: Wecom = sender_from(configured(service, HEYUE_WECOM_HUMAN=human), MemoryState())
    assert sender.hand_over(CUSTOMER, "v-1", AT)
    assert sender.hand_over(CUSTOMER, "v-1", AT)
    assert service.states == {CUSTOMER: state}
    assert service.asked.count("/cgi-bin/kf/service_state/trans") == 1
    assert sender.send(message(), AT).code == "95018"


def test_a_session_that_could_not_be_given_over_is_tried_again(service: CustomerService) -> None:
    sender = sender_from(configured(service, HEYUE_WECOM_HUMAN="pool"), MemoryState())
    service.faults.append(Fault("/trans", answer={"errcode": -1, "errmsg": "busy"}))
    assert not sender.hand_over(CUSTOMER, "v-1", AT)
    assert sender.hand_over(CUSTOMER, "v-1", AT)


def test_without_a_human_in_wecom_the_coach_keeps_the_session(service: CustomerService) -> None:
    assert not sender_from(configured(service), MemoryState()).hand_over(CUSTOMER, "v-1", AT)
    assert service.asked == []


def test_an_account_that_is_half_configured_is_refused_at_the_start() -> None:
    with pytest.raises(BadInput, match="HEYUE_WECOM_SECRET and HEYUE_WECOM_OPEN_KFID"):
        sender_from({"HEYUE_WECOM_CORP_ID": "ww1"}, MemoryState())
