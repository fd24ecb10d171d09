"""A provider that tests script, and messages for it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta

from heyue.conduct.contact_policy import default_contact_policy
from heyue.delivery.sender import ACCEPTED, Receipt
from heyue.desk import Desk
from heyue.policy import default_policy
from heyue.records import Case, OutboundMessage
from heyue.settings import ZONE
from heyue.store import Keys, Store

NOW = datetime(2026, 11, 26, 10, 0, tzinfo=ZONE)
PHONE, OTHER_PHONE, OPENID = "13800138000", "13900139000", "oZxQ8abc_1"
CASE = Case(
    "C-1", "赵明远", "云山消费金融", 320_000, date(2026, 11, 15), phone=PHONE, wechat_openid=OPENID, id_last4="512X"
)
SAME_PHONE = replace(CASE, case_id="C-2", creditor="江岸银行", wechat_openid=None, id_last4=None)
SAME_PERSON = replace(CASE, case_id="C-3", phone=OTHER_PHONE, wechat_openid=None)
SOMEBODY_ELSE = Case("C-4", "李小曼", "云山消费金融", 100_000, date(2026, 11, 15), phone="13700137000")
CASES = [CASE, SAME_PHONE, SAME_PERSON, SOMEBODY_ELSE]
POLICY = replace(
    default_contact_policy(), approved_templates={"sms": frozenset({"notice"}), "wechat": frozenset({"notice"})}
)
WORDS = "您好，有一项服务事项请您查看官方App，人工请回复人工，退订请回复退订。本消息由AI生成"
ACCEPT = Receipt(ACCEPTED)


class Provider:
    """Takes messages, answers as scripted (accepted from then on) and remembers what was sent."""

    name = "stand-in"

    def __init__(self, channel: str = "sms", *answers: Receipt | Exception, then: Callable[[], object] | None = None) -> None:
        self.channel = channel
        self.sent: list[OutboundMessage] = []
        self._answers = list(answers)
        self._then = then
        self._lock = threading.Lock()

    def send(self, message: OutboundMessage, at: datetime) -> Receipt:
        with self._lock:
            self.sent.append(message)
            answer = self._answers.pop(0) if self._answers else ACCEPT
        if self._then:
            self._then()
        if isinstance(answer, Exception):
            raise answer
        return answer

    @property
    def ids(self) -> list[str]:
        return [message.message_id for message in self.sent]


def open_outgoing(url: str) -> Desk:
    """A desk over this database with an SMS and a WeChat provider; new stores get the cases."""
    store = Store.open(url, Keys.from_data_key(bytes(32)))
    store.migrate()
    with store.transaction() as tx:
        tx.put_cases([(case, "usable") for case in CASES])
    return Desk(store, default_policy(), POLICY, frozenset({"sms", "wechat"}))


def notice(
    message_id: str = "m-1", case: Case = CASE, channel: str = "sms", kind: str = "reminder", **fields: object
) -> OutboundMessage:
    """A first message that the gate lets out."""
    address = case.wechat_openid if channel == "wechat" else case.phone
    text = f"【{case.creditor}】{WORDS}"
    message = OutboundMessage(message_id, case.case_id, channel, address or "", kind, text, template="notice")
    return replace(message, **fields)  # type: ignore[arg-type]


def state(desk: Desk, message_id: str = "m-1") -> str | None:
    """Where a message stands."""
    return desk.message_states([message_id]).get(message_id)


def decisions(desk: Desk, message_id: str = "m-1") -> list[tuple[str, bool, list[str]]]:
    """What the gate said to it: stage, yes or no, the checks that said no."""
    with desk.store.reading() as tx:
        return [(each["stage"], each["allowed"], each["refused"]) for each in tx.decisions(message_id)]


def still(at: datetime) -> Callable[[], datetime]:
    """A clock that stands."""
    return lambda: at


def hours(count: float) -> timedelta:
    return timedelta(hours=count)


def run_together(deeds: Sequence[Callable[[], object]]) -> None:
    """Run deeds in threads that begin at the same moment; a deed that fails makes this fail."""
    start, failures = threading.Barrier(len(deeds)), []

    def run(deed: Callable[[], object]) -> None:
        try:
            start.wait(30)
            deed()
        except Exception as error:
            failures.append(error)

    threads = [threading.Thread(target=run, args=(deed,)) for deed in deeds]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert failures == []
