"""Actions in Rasa's own process: the endpoint that runs them without a server in between."""

from __future__ import annotations

from typing import Any

import structlog
from rasa.utils.endpoints import EndpointConfig
from rasa_sdk.executor import ActionExecutor

logger = structlog.get_logger(__name__)


class LocalActions(EndpointConfig):
    """Takes the place of the HTTP action endpoint; Rasa calls `request` on either."""

    def __init__(self, package: str = "actions") -> None:
        super().__init__(url="local", enable_selective_domain=True)
        self._executor = ActionExecutor()
        self._executor.register_package(package)

    async def request(self, method: str = "post", subpath: str | None = None, content_type: str | None = None,
                      compress: bool = False, **kwargs: Any) -> Any:  # fmt: skip
        """Run the action that the call names; its events and responses.

        Raises: what the action raised. Rasa then goes on without a line, and the channel tells the borrower.
        """
        call = kwargs["json"]
        try:
            return await self._executor.run(call)
        except Exception as error:
            logger.error(
                "actions.failed", action=call["next_action"], session=call["sender_id"], exc_info=error
            )
            raise
