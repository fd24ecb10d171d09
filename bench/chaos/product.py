"""The product of docker-compose.yml as processes, with stand-ins for its providers, started again whenever something ends."""

from __future__ import annotations

import contextlib
import time
from base64 import b64decode
from collections import defaultdict
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from bench.chaos.links import Links
from bench.chaos.restarter import Restarter
from bench.chaos.stack import Clock, FaultyStack
from heyue.delivery.configured import pushing_channels
from heyue.desk import Desk
from heyue.policy import default_policy
from heyue.provider_sim.aliyun import AliyunSms
from heyue.provider_sim.configuration import approve_templates, callback_of, environment_of
from heyue.provider_sim.sms import Sms
from heyue.provider_sim.wechat import ENCRYPTED, OfficialAccount
from heyue.records import Case
from heyue.settings import ZONE
from heyue.store import Keys, Store
from tests.bot_process import steady_port

OWED_FEN, FEWEST_DIGITS = 460_000, 1_000
NAMES = ("吴桂芳", "赵明远", "李小曼", "陈建国", "周丽华")


class Noted(list[Any]):
    """What a stand-in gave to borrowers, also by address and with the moment, by the clock that never jumps."""

    def __init__(self) -> None:
        super().__init__()
        self.by_address: dict[str, list[tuple[float, Any]]] = defaultdict(list)

    def append(self, item: Any) -> None:
        address = item.number if isinstance(item, Sms) else item.openid
        self.by_address[address].append((time.monotonic(), item))
        super().append(item)


@dataclass
class Product:
    """All of it, running."""

    stack: FaultyStack
    links: Links
    clock: Clock
    sms: AliyunSms
    wechat: OfficialAccount
    restarter: Restarter
    desk: Desk

    def arrived(self, address: str) -> list[tuple[float, Any]]:
        """What somebody got, with the moments."""
        given: Any = self.sms.sent if address.isdigit() else self.wechat.shown
        return list(given.by_address.get(address, ()))

    def holder(self, address: str) -> str:
        """Who has the talk with somebody now."""
        with self.desk.store.reading() as tx:
            talk = tx.latest_conversation(address)
        return talk.holder if talk else "nobody"


def case_of(number: int) -> Case:
    """A borrower like no other, who can be reached in both ways."""
    due = datetime.now(ZONE).date() - timedelta(days=6)
    digits, name = FEWEST_DIGITS + number % 9_000, NAMES[number // 9_000]  # the same two would be the same person
    return Case(
        f"F-{number:06}", name, "青禾消费金融", OWED_FEN, due, phone=f"138{number:08}", wechat_openid=f"oFaulty{number:07}",
        id_last4=str(digits), product="消费分期", minimum_due_fen=46_000,
    )  # fmt: skip


def case_at(phone: str) -> str:
    """Whose number it is: the id of the case."""
    return case_of(int(phone.removeprefix("138"))).case_id


@contextmanager
def running_product(folder: Path, cases: int, seed: int, faketime: Path | None, ahead: float) -> Iterator[Product]:
    """The product with so many cases in its store. `ahead`: seconds by which the clock of its parts is ahead of the machine's."""
    clock = Clock(faketime, folder / "clock", ahead)
    with ExitStack() as under:
        links = under.enter_context(Links(seed))
        sms = under.enter_context(AliyunSms(port=steady_port(), sent=Noted(), reports_itself=True))
        wechat = under.enter_context(OfficialAccount(port=steady_port(), mode=ENCRYPTED, shown=Noted()))
        extra = environment(folder, sms) | environment(folder, wechat)
        stack = FaultyStack(folder, replicas={"coach": 1}, extra=extra)
        stack.links, stack.clock = links, clock
        under.enter_context(stack)
        for each in (sms, wechat):
            each.callback = callback_of(each, stack.url("nginx", 8080))  # type: ignore[attr-defined]
        desk = desk_over(stack, extra)
        fill(desk.store, cases)
        restarter = Restarter(stack)
        try:
            yield Product(stack, links, clock, sms, wechat, restarter, desk)
        finally:
            restarter.pause()
            links.slow_to(0)
            desk.store.close()  # PostgreSQL waits for who is connected
            with contextlib.suppress(Exception):
                stack.stop()
            restarter.end()


def environment(folder: Path, stand_in: AliyunSms | OfficialAccount) -> dict[str, str]:
    """What an operator would set for a provider, with all our wordings approved there."""
    file = folder / f"templates_{type(stand_in).__name__}.yml"
    approve_templates(stand_in, file)
    return environment_of(stand_in, file)


def desk_over(stack: FaultyStack, extra: dict[str, str]) -> Desk:
    """A desk of ours over the same store."""
    store = Store.open(stack.own_url(), Keys.from_data_key(b64decode(stack.secret("data_key"))))
    return Desk(store, default_policy(), pushing=pushing_channels(extra))


def fill(store: Store, cases: int) -> None:
    for begin in range(0, cases, 500):
        with store.transaction() as tx:
            tx.put_cases([(case_of(number), "usable") for number in range(begin, min(begin + 500, cases))])
