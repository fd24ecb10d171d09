"""Sign-in by the lender's identity provider (OpenID Connect), where .streamlit/secrets.toml has a section [auth]."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import streamlit as st

from heyue.access.limits import limits
from heyue.settings import ZONE


def is_configured() -> bool:
    """Whether there is an identity provider."""
    try:
        return "auth" in st.secrets
    except FileNotFoundError:
        return False


def leave() -> None:
    """Let Streamlit forget what the provider said: else signing out would not last."""
    if is_configured() and st.user.is_logged_in:
        st.logout()


def proved_email(claims: dict[str, Any], now: datetime) -> str | None:
    """The e-mail address that the provider vouches for, or None.

    Streamlit keeps the provider's word for 30 days; it opens a session only just after it was given.
    """
    email, issued_at = claims.get("email"), claims.get("iat")
    if not claims.get("is_logged_in") or not email or not issued_at or claims.get("email_verified") is False:
        return None
    age = now - datetime.fromtimestamp(float(issued_at), ZONE)
    return str(email) if age < timedelta(minutes=limits().session.provider_minutes) else None
