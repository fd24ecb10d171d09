"""Prove that a message really travels: from the channel through the bot into the store, and an answer back."""

from __future__ import annotations

import secrets
from datetime import datetime

import httpx

from heyue.errors import Broken
from heyue.records import Case
from heyue.store import Store

PROBE_SECONDS = 30.0
SPEAKERS = {"borrower", "bot"}


class ProbeFailed(Broken):
    """The test message was not answered, or the answer is not in the store."""


def probe(store: Store, bot_url: str, now: datetime) -> None:
    """Send one message as an invented borrower and look it up in the store; nothing of it remains.

    Raises:
        ProbeFailed: what of the way is broken.
    """
    case = probe_case(now)
    with store.transaction() as tx:
        tx.put_case(case)
    try:
        _send(bot_url, case)
        with store.transaction() as tx:
            speakers = {turn.speaker for turn in tx.turns_of_case(case.case_id)}
        if missing := SPEAKERS - speakers:
            raise ProbeFailed(
                f"the test message was answered, but the {' and '.join(sorted(missing))}'s turn is not in the store: "
                "does the bot use the same database, and does bot/endpoints.yml name the event broker?"
            )
    finally:
        with store.transaction() as tx:
            tx.delete_case(case.case_id)


def probe_case(now: datetime) -> Case:
    """A case that nobody else can have."""
    mark = secrets.token_hex(8)
    return Case(
        f"PROBE-{mark}", "测试", "自检", 100, now.date(), wechat_openid=f"probe-{mark}", id_last4="0000"
    )


def _send(bot_url: str, case: Case) -> None:
    """Say hello as the borrower of the case; the bot must say something."""
    try:
        answer = httpx.post(
            f"{bot_url}/webhooks/rest/webhook", json={"sender": case.wechat_openid, "message": "你好"},
            timeout=PROBE_SECONDS, trust_env=False,
        )  # fmt: skip
        lines = answer.json()
    except (httpx.HTTPError, ValueError) as error:
        raise ProbeFailed(f"the bot did not answer the test message: {error}") from error
    if answer.status_code != 200 or not lines:
        raise ProbeFailed(
            f"the bot's answer to the test message was HTTP {answer.status_code} with {len(lines)} lines"
        )
