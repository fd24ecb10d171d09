"""A stand-in for an endpoint with OpenAI's protocol: it says what it is told to say and keeps all that it hears."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from heyue.provider_sim.loopback import Asked, Loopback, Refusal

PATH, MODELS = "/v1/chat/completions", "/v1/models"


@dataclass
class ChatModel(Loopback):
    """One endpoint. `replies`: what it says next, one a call; then what `says` makes of the last line that it is asked.

    `heard`: everything that came in, headers and body as they were.
    Source: OpenAI API reference, "Create chat completion", "The chat completion object" and "List models".
    """

    model: str = "stand-in"
    key: str = "a-key-of-the-stand-in"
    replies: deque[str] = field(default_factory=deque)
    says: Callable[[str], str] = str
    heard: list[str] = field(default_factory=list)

    def respond(self, asked: Asked) -> dict[str, Any]:
        self.heard.append(f"{dict(asked.headers)} {asked.body.decode()}")
        if (asked.method, asked.path) not in (("POST", PATH), ("GET", MODELS)):
            raise Refusal(404, _error("no such API", "not_found"))
        if asked.headers.get("authorization") != f"Bearer {self.key}":
            raise Refusal(401, _error("Incorrect API key provided", "invalid_api_key"))
        if asked.path == MODELS:
            return {"object": "list", "data": [{"id": self.model, "object": "model", "created": 0, "owned_by": "heyue"}]}
        if asked.json.get("model") != self.model:
            raise Refusal(404, _error("The model does not exist", "model_not_found"))
        question = asked.json["messages"][-1]["content"]
        return self.completion(self.replies.popleft() if self.replies else self.says(question.splitlines()[-1]), question)

    def completion(self, text: str, question: str = "") -> dict[str, Any]:
        """A whole answer with this text."""
        usage = {"prompt_tokens": len(question), "completion_tokens": len(text)}
        return {
            "id": f"chatcmpl-{len(self.heard)}", "object": "chat.completion", "created": 0, "model": self.model,
            "choices": [
                {"index": 0, "message": {"role": "assistant", "content": text}, "finish_reason": "stop"}
            ],
            "usage": usage | {"total_tokens": sum(usage.values())},
        }  # fmt: skip

    def environment(self) -> dict[str, str]:
        """What to set so that the product asks it."""
        return {"HEYUE_LLM_URL": f"{self.url}/v1", "HEYUE_LLM_MODEL": self.model, "HEYUE_LLM_KEY": self.key}


def _error(message: str, code: str) -> dict[str, Any]:
    return {"error": {"message": message, "type": "invalid_request_error", "param": None, "code": code}}
