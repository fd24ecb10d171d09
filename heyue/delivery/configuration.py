"""What the configuration of a provider must have."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

import yaml

from heyue.errors import BadInput

Template = TypeVar("Template")


def required(environment: Mapping[str, str], beside: str, *names: str) -> list[str]:
    """The values of variables that are needed where `beside` is set.

    Raises:
        BadInput: some are missing.
    """
    if missing := [name for name in names if not environment.get(name)]:
        raise BadInput(f"{beside} needs {', '.join(missing)} beside it")
    return [environment[name] for name in names]


def templates_in(path: str | None, variable: str, read: Callable[[Any], Template]) -> dict[str, Template]:
    """The templates in a YAML file, by our names; none without a file.

    Args:
        variable: of the environment, which names the file. read: makes a template of an entry.

    Raises:
        BadInput: the file cannot be read or says something else.
    """
    if not path:
        return {}
    try:
        raw = yaml.safe_load(Path(path).read_text(encoding="utf-8"))
        return {name: read(each) for name, each in raw.items()}
    except (OSError, ValueError, yaml.YAMLError, TypeError, KeyError, AttributeError) as error:
        raise BadInput(f"{variable}: {path} is no file of templates ({type(error).__name__})") from None


def with_country(number: str) -> str:
    """A telephone number in the international form; one without a country is China's."""
    digits = "".join(each for each in number if each.isdigit() or each == "+")
    if digits.startswith("+"):
        return digits
    return f"+{digits}" if len(digits) == 13 and digits.startswith("86") else f"+86{digits}"
