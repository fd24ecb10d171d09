"""What a failed request to a provider means for the message in it: surely not taken, or perhaps taken."""

from __future__ import annotations

from heyue.delivery.sender import LATER, REFUSED, UNKNOWN, Receipt

NOT_TAKEN = (429, 503)  # HTTP: too many requests, not available
TIMEOUT_SECONDS = (3.05, 15)  # to connect, to answer
NO_CONNECTION = ("NewConnectionError", "ConnectTimeoutError", "NameResolutionError")  # urllib3's words


def receipt_of_status(status: int) -> Receipt:
    """What an HTTP error says: a gateway's 502 or 504 may stand for a message that was taken."""
    code = f"http_{status}"
    if status in NOT_TAKEN:
        return Receipt(LATER, code=code)
    return Receipt(UNKNOWN if status >= 500 else REFUSED, code=code)


def receipt_of_no_answer(failure: str) -> Receipt:
    """What the words of a network error say: where no connection came about, the request cannot have arrived."""
    if any(name in failure for name in NO_CONNECTION):
        return Receipt(LATER, code="no_connection")
    return Receipt(UNKNOWN, code="no_answer")
