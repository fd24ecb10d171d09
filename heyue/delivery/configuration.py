"""What the configuration of a provider must have."""

from __future__ import annotations

from collections.abc import Mapping

from heyue.errors import BadInput


def required(environment: Mapping[str, str], beside: str, *names: str) -> list[str]:
    """The values of variables that are needed where `beside` is set.

    Raises:
        BadInput: some are missing.
    """
    if missing := [name for name in names if not environment.get(name)]:
        raise BadInput(f"{beside} needs {', '.join(missing)} beside it")
    return [environment[name] for name in names]


def with_country(number: str) -> str:
    """A telephone number in the international form; one without a country is China's."""
    digits = "".join(each for each in number if each.isdigit() or each == "+")
    if digits.startswith("+"):
        return digits
    return f"+{digits}" if len(digits) == 13 and digits.startswith("86") else f"+86{digits}"
