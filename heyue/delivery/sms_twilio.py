"""SMS by Twilio: free words; its reports come back to an address that names our message."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import datetime
from urllib.parse import quote

import requests
from twilio.base.exceptions import TwilioException, TwilioRestException
from twilio.http.http_client import TwilioHttpClient
from twilio.rest import Client

from heyue.delivery.configuration import required, with_country
from heyue.delivery.network import TIMEOUT_SECONDS, receipt_of_no_answer, receipt_of_status
from heyue.delivery.sender import ACCEPTED, REFUSED, UNKNOWN, ProviderState, Receipt
from heyue.delivery.sms_codes import is_known, receipt_of_code
from heyue.delivery.sms_templates import NotFillable, counted, words_of
from heyue.records import OutboundMessage

PROVIDER, CODES = "sms_twilio", "twilio"
STATUS_PATH = "/webhooks/twilio/status"  # below HEYUE_PUBLIC_URL; query: message
MESSAGING_SERVICE = "MG"  # how the name of one begins
logging.getLogger("twilio.http_client").setLevel(logging.WARNING)  # it logs what is sent


class SmsTwilio:
    """Sends SMS from one number, or by one messaging service."""

    name = PROVIDER
    channel = "sms"

    def __init__(self, client: Client, origin: str, public_url: str) -> None:
        self._client = client
        by = "messaging_service_sid" if origin.startswith(MESSAGING_SERVICE) else "from_"
        self._from = {by: origin}
        self._public_url = public_url.rstrip("/")

    def send(self, message: OutboundMessage, at: datetime) -> Receipt:
        """Give a message to Twilio."""
        report_to = f"{self._public_url}{STATUS_PATH}?message={quote(message.message_id, safe='')}"
        try:
            taken = self._client.messages.create(
                to=with_country(message.address), body=words_of(message), status_callback=report_to, **self._from
            )
            receipt = Receipt(ACCEPTED, provider_id=taken.sid) if taken.sid else Receipt(UNKNOWN, code="no_sid")
            return counted(receipt, message)
        except NotFillable as error:
            return Receipt(REFUSED, code=error.code)
        except TwilioRestException as error:
            return _receipt_of_error(error)
        except requests.RequestException as error:
            return receipt_of_no_answer(str(error))
        except (TwilioException, ValueError, KeyError, TypeError):  # an answer that cannot be read
            return Receipt(UNKNOWN, code="no_json")


def _receipt_of_error(error: TwilioRestException) -> Receipt:
    code = str(error.code)
    if is_known(CODES, code):
        return receipt_of_code(CODES, code)
    return receipt_of_status(error.status) if error.status >= 429 else Receipt(REFUSED, code=code)


def sender_from(environment: Mapping[str, str], state: ProviderState) -> SmsTwilio:
    """The sender of the configured account.

    Raises:
        BadInput: a part of the configuration is missing.
    """
    account, token, origin, public_url = required(
        environment, "HEYUE_SMS_PROVIDER=twilio",
        "TWILIO_ACCOUNT_SID", "TWILIO_AUTH_TOKEN", "HEYUE_TWILIO_FROM", "HEYUE_PUBLIC_URL",
    )  # fmt: skip
    client = Client(account, token, http_client=TwilioHttpClient(timeout=TIMEOUT_SECONDS[1]))
    if url := environment.get("HEYUE_TWILIO_URL"):
        client.api.base_url = url
    return SmsTwilio(client, origin, public_url)
