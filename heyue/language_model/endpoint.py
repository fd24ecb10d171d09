"""The endpoint: one question, one answer, within a deadline that holds for all of it. The only module that imports openai."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Sequence
from concurrent.futures import TimeoutError as WaitedTooLong
from typing import TYPE_CHECKING, Any, NamedTuple

import httpx

from heyue.errors import BadInput
from heyue.language_model.limits import limits
from heyue.settings import LanguageModelSettings

if TYPE_CHECKING:
    from openai import AsyncOpenAI

NO_KEY = "none"  # for an endpoint that asks for no key; the client insists on one


class Message(NamedTuple):
    """A message of a question. `role`: system (ours) or user (the material)."""

    role: str
    content: str


class Answer(NamedTuple):
    """What came back, and what it cost in tokens where the endpoint says so."""

    text: str
    prompt_tokens: int = 0
    completion_tokens: int = 0


class NoAnswer(Exception):
    """Nothing that could be used came back. `why`: timeout, no_connection, http_500, too_long, broken."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


class Endpoint:
    """Asks an OpenAI-compatible endpoint, on an event loop of its own: a cancelled call leaves no thread behind."""

    def __init__(self, settings: LanguageModelSettings) -> None:
        self._settings = settings
        self._create = _client(settings).chat.completions.with_streaming_response.create  # loads what it takes for it
        self._starting = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None

    def ask(self, messages: Sequence[Message]) -> Answer:
        """The answer to a question.

        Raises:
            NoAnswer: there is none in time, or none that can be used.
        """
        waiting = asyncio.run_coroutine_threadsafe(self._asked(messages), self._running_loop())
        try:
            return waiting.result(self._settings.seconds)
        except WaitedTooLong:
            waiting.cancel()  # closes the connection
            raise NoAnswer("timeout") from None

    def _running_loop(self) -> asyncio.AbstractEventLoop:
        """The loop; started by the first question, for a server that divides after this was made takes no thread along."""
        with self._starting:
            if self._loop is None:
                self._loop = asyncio.new_event_loop()
                threading.Thread(target=self._loop.run_forever, name="language-model", daemon=True).start()
            return self._loop

    async def _asked(self, messages: Sequence[Message]) -> Answer:
        from openai import APIConnectionError, APIStatusError, APITimeoutError

        try:
            return _answer(await self._body(messages))
        except APITimeoutError:
            raise NoAnswer("timeout") from None
        except APIStatusError as error:
            raise NoAnswer(f"http_{error.status_code}") from None
        except (APIConnectionError, httpx.HTTPError):  # the latter: it breaks off in the middle
            raise NoAnswer("no_connection") from None

    async def _body(self, messages: Sequence[Message]) -> bytes:
        """What the endpoint sends, read no further than the limit."""
        asked: Any = [each._asdict() for each in messages]
        body = b""
        async with self._create(model=self._settings.model, messages=asked, max_tokens=limits().tokens) as answer:
            async for part in answer.iter_bytes():
                body += part
                if len(body) > limits().bytes:
                    raise NoAnswer("too_long")
        return body


def _client(settings: LanguageModelSettings) -> AsyncOpenAI:
    try:
        from openai import AsyncOpenAI
    except ImportError:
        raise BadInput(
            "HEYUE_LLM_URL is set, but its package is not here. In the checkout: "
            ".venv/bin/uv pip install -c requirements-dev.lock 'openai<2'"
        ) from None
    return AsyncOpenAI(
        base_url=settings.url, api_key=settings.key or NO_KEY, max_retries=0, timeout=settings.seconds
    )


def _answer(body: bytes) -> Answer:
    """The text of a chat completion and its usage. Source: OpenAI API reference, "The chat completion object"."""
    try:
        said = json.loads(body)
        choice, usage = said["choices"][0], said.get("usage") or {}
        text = choice["message"]["content"]
        if not isinstance(text, str):
            raise TypeError
        if choice.get("finish_reason") == "length":
            raise NoAnswer("too_long")
        return Answer(text, int(usage.get("prompt_tokens") or 0), int(usage.get("completion_tokens") or 0))
    except (ValueError, TypeError, KeyError, IndexError, AttributeError, RecursionError):
        raise NoAnswer("broken") from None
