"""A transaction is put together from groups of queries; Python lets the later group take a name from the earlier one."""

from __future__ import annotations

from collections import defaultdict

from heyue.store.transaction import Tx


def test_no_two_groups_of_queries_use_the_same_name() -> None:
    places = defaultdict(list)
    for group in Tx.__mro__[:-1]:
        for name in vars(group):
            if not name.startswith("__"):
                places[name].append(group.__name__)
    assert {name: groups for name, groups in places.items() if len(groups) > 1} == {}
