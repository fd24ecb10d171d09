"""Roles: which pages one opens, what else it may do, whose talks and cases it sees."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import yaml

from heyue.errors import BadInput

PUBLIC_PAGES = frozenset({"try_it"})  # open before anybody has signed in


@dataclass(frozen=True)
class Role:
    """One role of roles.yml. `sees`: demonstration, own, all or none."""

    key: str
    name: str
    pages: tuple[str, ...]
    actions: frozenset[str]
    sees: str

    def may_open(self, page: str) -> bool:
        """Whether the role opens this page."""
        return page in self.pages or page in PUBLIC_PAGES

    def may(self, action: str) -> bool:
        """Whether the role may do this.

        Raises:
            ValueError: no role may; the name is misspelt.
        """
        if action in self.actions:
            return True
        if any(action in role.actions for role in (OPERATOR, *roles().values())):
            return False
        raise ValueError(f"no role in roles.yml may {action!r}")


# Of commands, whose user the operating system has let in. No line of roles.yml: nobody can sign in to the coach with it.
OPERATOR = Role("operator", "运维", (), frozenset({"keep_users", "read_audit", "hold_cases", "change_keys", "serve_persons", "keep_stops"}), "none")


@cache
def roles() -> dict[str, Role]:
    """Every role by its key, in the order of roles.yml."""
    raw = yaml.safe_load((files("heyue.access") / "roles.yml").read_text(encoding="utf-8"))
    return {
        key: Role(key, fields["name"], tuple(fields["pages"]), frozenset(fields["may"]), fields["sees"])
        for key, fields in raw.items()
    }


def role_of(key: str) -> Role:
    """The role of this key.

    Raises:
        BadInput: there is none.
    """
    if key not in roles():
        raise BadInput(f"no role is called {key!r}: choose one of {', '.join(roles())}")
    return roles()[key]
