"""Workers that send are killed at random moments: nobody gets a message twice, and nothing is forgotten.

Two workers at a time send to a provider that writes down what it gets. At random moments one is ended by kill -9 and
started again. HEYUE_KILLS says how often (12 by default, 50 before a release).
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from heyue.desk import Desk
from heyue.records import Case
from tests.outgoing import CASE, NOW, Provider, hours, notice, open_outgoing, still

pytestmark = pytest.mark.kill
KILLS = int(os.environ.get("HEYUE_KILLS", "12"))
MESSAGES = 40 * KILLS
LATEST_BLOW = 0.5  # seconds after it began to send; a message takes about 10 ms
WORKER = """
import os, sys, time
from heyue.delivery.sender import Receipt
from tests.outgoing import still, NOW, open_outgoing
got = os.open(sys.argv[2], os.O_WRONLY | os.O_APPEND | os.O_CREAT)
class Noting:
    name, channel = "stand-in", "sms"
    def send(self, message, at):
        time.sleep(0.002)
        os.write(got, f"{message.message_id}\\n".encode())
        time.sleep(0.002)
        return Receipt("accepted")
desk = open_outgoing(sys.argv[1])
print("ready", flush=True)
while True:
    if not desk.deliver_due(still(NOW), {"sms": Noting()}, most=20):
        time.sleep(0.05)
"""


def test_no_message_goes_out_twice_and_none_is_forgotten(tmp_path: Path) -> None:
    url, got, draw = f"sqlite:///{tmp_path / 'heyue.db'}", tmp_path / "got", random.Random(KILLS)
    desk = open_outgoing(url)
    people = [
        replace(CASE, case_id=f"P-{number}", phone=f"139{number:08}", wechat_openid=None, id_last4=None)
        for number in range(MESSAGES)
    ]
    with desk.store.transaction() as tx:
        tx.put_cases([(person, "usable") for person in people])
    ids = [f"m-{person.case_id}" for person in people]
    workers = [_start(url, got) for _ in range(2)]
    for kill in range(KILLS):
        _enqueue(desk, people[kill * 40 : (kill + 1) * 40])
        time.sleep(draw.uniform(0, LATEST_BLOW))
        victim = workers.pop(draw.randrange(2))
        victim.send_signal(signal.SIGKILL)
        victim.wait()
        workers.append(_start(url, got))
    for worker in workers:
        worker.kill()
        worker.wait()
    last = Provider()
    while desk.deliver_due(still(NOW + hours(1)), {"sms": last}, most=1000):
        pass
    received = Counter([*got.read_text().split(), *last.ids])
    states = desk.message_states(ids)
    desk.store.close()
    assert [message_id for message_id, times in received.items() if times > 1] == []
    assert set(states) == set(ids)
    assert set(states.values()) <= {"sent", "unknown"}
    lost = [message_id for message_id in ids if states[message_id] == "sent" and message_id not in received]
    assert lost == []
    assert sum(state == "unknown" for state in states.values()) <= KILLS + 2  # at most one for each that died


def _start(url: str, got: Path) -> subprocess.Popen[str]:
    worker = subprocess.Popen([sys.executable, "-c", WORKER, url, str(got)], stdout=subprocess.PIPE, text=True)
    assert worker.stdout is not None
    assert worker.stdout.readline() == "ready\n"
    return worker


def _enqueue(desk: Desk, people: list[Case]) -> None:
    for person in people:
        desk.enqueue(notice(f"m-{person.case_id}", person), NOW)
