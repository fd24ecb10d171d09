"""Secrets from files: NAME_FILE names a file that holds the value of NAME, as in the images of PostgreSQL and others.

A file, such as Docker's or Kubernetes' /run/secrets/…, shows neither in `docker inspect` nor in the list of processes.
"""

from __future__ import annotations

from collections.abc import MutableMapping
from pathlib import Path

from heyue.errors import BadSetting

OURS, SUFFIX = ("HEYUE_", "TWILIO_"), "_FILE"


def read_secret_files(environment: MutableMapping[str, str]) -> None:
    """Put each NAME_FILE's content, less its last line break, as NAME in its place: what a file holds later is for the next start.

    Raises:
        BadSetting: the file cannot be read, or NAME is set to something else; an empty NAME says nothing.
    """
    for variable, file in list(environment.items()):
        if not (variable.startswith(OURS) and variable.endswith(SUFFIX) and file):
            continue
        name, value = variable.removesuffix(SUFFIX), _read(variable, file)
        if environment.get(name) and environment[name] != value:
            raise BadSetting(f"both {name} and {variable} are set, and they differ: keep one of them", variable)
        environment[name] = value
        del environment[variable]


def _read(variable: str, file: str) -> str:
    try:
        return Path(file).read_text(encoding="utf-8").rstrip("\r\n")
    except (OSError, UnicodeDecodeError) as error:
        why = getattr(error, "strerror", None) or "it is no text in UTF-8"
        raise BadSetting(f"{variable} names {file}, which cannot be read: {why}", variable) from None
