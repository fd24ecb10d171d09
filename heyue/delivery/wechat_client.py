"""wechatpy's client with an access token that all processes share, and what WeChat's answers mean for a message."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import requests
import structlog
import yaml
from wechatpy.client.base import BaseWeChatClient
from wechatpy.exceptions import WeChatClientException

from heyue.delivery.network import TIMEOUT_SECONDS, receipt_of_no_answer, receipt_of_status
from heyue.delivery.sender import ACCEPTED, LATER, REFUSED, ProviderState, Receipt

logger = structlog.get_logger(__name__)
CODES = Path(__file__).with_name("wechat_codes.yml")
TOKEN_CODES = (40001, 40014, 42001)  # the access token is not, or no longer, valid
TOKEN_MARGIN_SECONDS = 300  # so long before its end a token is fetched anew
NO_TOKEN_SECONDS = 30  # after which a message is tried again that found no token to be had


@dataclass(frozen=True)
class Account:
    """Whose API is called. `codes`: its part of wechat_codes.yml; `token`: how an access token is asked for."""

    codes: str
    name: str
    url: str
    token_path: str
    token_request: Mapping[str, str] = field(repr=False)


class NoToken(Exception):
    """The provider gave no access token, so nothing was sent. `code`: its word, None where the network failed."""

    def __init__(self, code: int | None) -> None:
        super().__init__(f"no access token: {code}")
        self.code = code


class SharedTokenClient(BaseWeChatClient):
    """Calls one account's API. The access token is fetched once for all processes, and once more when it is refused.

    (wechatpy's own retry asks for ever when the token it gets is refused too, and knows one address only.)
    """

    def __init__(self, account: Account, state: ProviderState) -> None:
        super().__init__(account.name, timeout=TIMEOUT_SECONDS, auto_retry=False)
        self.API_BASE_URL = f"{account.url.rstrip('/')}/cgi-bin/"
        self.account = account
        self._state = state
        self._token_key = f"{account.codes}.access_token.{account.name}"

    def call(self, path: str, data: Mapping[str, Any], at: datetime) -> dict[str, Any]:
        """What the API answers to a request.

        Raises:
            WeChatClientException: it says no. NoToken: it could not be asked. requests.RequestException: no answer.
        """
        token = self._token(at)
        try:
            return self._ask(path, data, token)
        except WeChatClientException as error:
            if error.errcode not in TOKEN_CODES:
                raise
        return self._ask(path, data, self._token(at, refused=token))

    def _ask(self, path: str, data: Mapping[str, Any], token: str) -> dict[str, Any]:
        answer = self.post(path, data=dict(data), params={"access_token": token})
        if not isinstance(answer, dict):
            raise requests.exceptions.InvalidJSONError("the answer is no JSON object")
        return answer

    def _token(self, at: datetime, refused: str | None = None) -> str:
        """The shared token, unless it is the refused one: then whoever comes first fetches another for all."""
        token = self._state.get(self._token_key, at)
        if token and token != refused:
            return token
        with self._state.exclusive(self._token_key):
            token = self._state.get(self._token_key, at)
            return token if token and token != refused else self._fetch_token(at)

    def _fetch_token(self, at: datetime) -> str:
        try:
            answer = self.get(
                self.account.token_path, params={"access_token": None, **self.account.token_request}  # none is sent  # nosec B105
            )
            token, seconds = str(answer["access_token"]), int(answer["expires_in"])
        except WeChatClientException as error:
            raise NoToken(error.errcode) from None
        except (requests.RequestException, TypeError, KeyError, ValueError):
            raise NoToken(None) from None
        rest = seconds - min(TOKEN_MARGIN_SECONDS, seconds // 4)
        self._state.put(self._token_key, token, at + timedelta(seconds=rest))
        return token


@cache
def meanings(account: str) -> dict[int, dict[str, Any]]:
    """What the codes of an account's API mean: outcome, seconds, opted_out."""
    found: dict[int, dict[str, Any]] = yaml.safe_load(CODES.read_text(encoding="utf-8"))[account]
    return found


def receipt_of(client: SharedTokenClient, call: Callable[[], dict[str, Any]]) -> Receipt:
    """Make a call that sends a message and say what became of it. Nothing of the error's text is logged: it holds the token."""
    try:
        answer = call()
        return Receipt(ACCEPTED, provider_id=str(answer["msgid"]) if answer.get("msgid") else None)
    except NoToken as error:
        logger.error("wechat.no_token", account=client.account.name, code=error.code)
        said = _receipt_of_code(client, error.code) if error.code is not None else None
        is_later = said is not None and said.outcome == LATER
        return said if said and is_later else Receipt(LATER, code=str(error.code or "no_token"), retry_after_seconds=NO_TOKEN_SECONDS)
    except WeChatClientException as error:
        if error.errcode is None:
            return receipt_of_status(error.response.status_code)
        return _receipt_of_code(client, error.errcode)
    except requests.RequestException as error:
        return receipt_of_no_answer(str(error))


def _receipt_of_code(client: SharedTokenClient, code: int) -> Receipt:
    meaning = meanings(client.account.codes).get(code, {})
    return Receipt(
        meaning.get("outcome", REFUSED), code=str(code),
        retry_after_seconds=meaning.get("seconds"), opted_out=meaning.get("opted_out", False),
    )  # fmt: skip


def number_of(message_id: str) -> str:
    """The number of our message at WeChat: at most 32 letters and digits."""
    return hashlib.sha256(message_id.encode()).hexdigest()[:32]
