"""Actions in Rasa's own process: the endpoint that runs them without a server in between."""

from __future__ import annotations

from typing import Any

from rasa.utils.endpoints import EndpointConfig
from rasa_sdk.executor import ActionExecutor


class LocalActions(EndpointConfig):
    """Takes the place of the HTTP action endpoint; Rasa calls `request` on either."""

    def __init__(self) -> None:
        super().__init__(url="local", enable_selective_domain=True)
        self._executor = ActionExecutor()
        self._executor.register_package("actions")

    async def request(self, method: str = "post", subpath: str | None = None, content_type: str | None = None,
                      compress: bool = False, **kwargs: Any) -> Any:  # fmt: skip
        """Run the action that the call names; its events and responses."""
        return await self._executor.run(kwargs["json"])
