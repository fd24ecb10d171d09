"""The use cases of the try-it page: anyone plays the borrower of a demonstration case against the running bot."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import httpx

from heyue.desk.base import DeskBase
from heyue.desk.live import DEMONSTRATION, OpenTalk, talk_as_it_stands
from heyue.errors import Broken, UnknownCase
from heyue.settings import Settings

ANSWER_SECONDS = 20


class BotAway(Broken):
    """The bot does not answer."""


@dataclass(frozen=True)
class DemonstrationCase:
    """A demonstration case as whoever plays its borrower must know it; all of it is invented."""

    case_id: str
    borrower_name: str
    product: str
    days_overdue: int
    id_last4: str


class TrialDesk(DeskBase):
    """The demonstration cases, open to everybody."""

    def demonstration_cases(self, at: datetime) -> list[DemonstrationCase]:
        """The demonstration cases in the store."""
        with self.store.reading() as tx:
            cases = [tx.case(case_id) for case_id in tx.demonstration_case_ids()]
        return [
            DemonstrationCase(
                case.case_id, case.borrower_name, case.product or "贷款", case.days_overdue(at.date()),
                case.id_last4 or "",
            )
            for case in cases
        ]  # fmt: skip

    def say_as_borrower(self, case_id: str, text: str, at: datetime) -> None:
        """Send a message to the running bot over its REST channel, as the borrower of a demonstration case.

        Raises:
            UnknownCase: no demonstration case has this number. BotAway: the bot does not answer.
        """
        message = {"sender": self._address(case_id), "message": text}
        url = f"{Settings.from_environment().bot_url}/webhooks/rest/webhook"
        try:
            httpx.post(url, json=message, timeout=ANSWER_SECONDS, trust_env=False).raise_for_status()
        except httpx.HTTPError as error:
            raise BotAway(f"the bot at {url} does not answer") from error

    def trial_talk(self, case_id: str, at: datetime) -> OpenTalk | None:
        """The latest conversation about a demonstration case, or None.

        Raises:
            UnknownCase: no demonstration case has this number.
        """
        address = self._address(case_id)
        with self.store.reading() as tx:
            conversation = tx.latest_conversation(address)
            if conversation is None or conversation.case_id != case_id:  # a real case may have the same number
                return None
            return talk_as_it_stands(tx, conversation.conversation_id, at, self.policy)

    def _address(self, case_id: str) -> str:
        if not case_id.startswith(DEMONSTRATION):
            raise UnknownCase(f"{case_id!r} is no demonstration case")
        with self.store.reading() as tx:
            case = tx.case(case_id)
        return case.phone or case.wechat_openid or ""
