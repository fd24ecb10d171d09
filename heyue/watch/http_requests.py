"""What any HTTP request must hold before its body is read, and how a bearer token is looked at; for every server of ours."""

from __future__ import annotations

import hmac
from collections.abc import Sequence


def framing_problem(lengths: Sequence[str], encodings: Sequence[str]) -> str | None:
    """Why nobody can tell where a body ends; None where it is clear.

    Sanic takes whatever int() takes: a Content-Length of -1 holds up its whole process for ever.
    Source: RFC 9112, section 6.3.

    Args:
        lengths: the values of the headers Content-Length. encodings: those of Transfer-Encoding.
    """
    if any(encoding != "chunked" for encoding in encodings) or len(encodings) > 1:
        return "Transfer-Encoding must be chunked or missing"
    if any(not (length.isascii() and length.isdigit()) for length in lengths) or len(lengths) > 1:
        return "Content-Length must be one number"
    return None


def bears(authorization: str, token: str) -> bool:
    """Whether a header Authorization holds this bearer token (RFC 6750, section 2.1); it may hold any bytes."""
    return hmac.compare_digest(authorization.encode("utf-8", "surrogatepass"), f"Bearer {token}".encode())
