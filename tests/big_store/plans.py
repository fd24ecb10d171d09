"""How PostgreSQL would find what the statements that were seen ask for, if its tables were large.

A store of some thousand cases is too small to judge by what PostgreSQL really does: it rightly reads small tables from end to end
and joins them whole. So both are forbidden to it as far as it has another way (enable_seqscan, enable_hashjoin and
enable_mergejoin off). That alone proves nothing: without a fitting index it goes through an unfitting one from end to end. So
the plan is read: a statement fails if some part of it goes through a table, or through a whole index without any condition
on its first column. Let through are a walk that a LIMIT ends, and a partial index, whose own condition leaves only the few rows looked for.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator
from typing import Any

from sqlalchemy import event
from sqlalchemy.engine import Engine

SETTINGS = (
    "enable_seqscan = off", "enable_hashjoin = off", "enable_mergejoin = off",
    "random_page_cost = 0.01",  # what counts in a large table is how many rows are looked at
)  # fmt: skip
FIRST_COLUMNS = """
SELECT indexrelid::regclass::text, attname FROM pg_index
JOIN pg_attribute ON attrelid = indrelid AND attnum = indkey[0] WHERE indpred IS NULL
"""
READS = ("SELECT", "WITH", "UPDATE", "DELETE")
Plan = dict[str, Any]


@contextlib.contextmanager
def statements_of(engine: Engine) -> Iterator[dict[str, Any]]:
    """Each different statement that is run meanwhile, with the values it was run with first."""
    seen: dict[str, Any] = {}

    def note(_connection: Any, _cursor: Any, statement: str, values: Any, _context: Any, is_many: bool) -> None:
        if statement.lstrip().upper().startswith(READS):
            seen.setdefault(statement, values[0] if is_many else values)

    event.listen(engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(engine, "before_cursor_execute", note)


def scans(engine: Engine, statements: dict[str, Any], small: frozenset[str]) -> list[str]:
    """The statements that go through a table which is not small, each with how."""
    raw = engine.raw_connection()
    try:
        cursor = raw.cursor()
        for setting in SETTINGS:
            cursor.execute(f"SET {setting}")
        cursor.execute(FIRST_COLUMNS)
        first = dict(cursor.fetchall())
        found = []
        for statement, values in statements.items():
            cursor.execute(f"EXPLAIN (FORMAT JSON) {statement}", values or None)
            (plan,) = cursor.fetchone()[0]
            found += [f"{way}: {statement} {values}" for table, way in _ways(plan["Plan"], first) if table not in small]
        raw.rollback()
        return found
    finally:
        raw.close()


def _ways(node: Plan, first: dict[str, str], ends_early: bool = False) -> Iterator[tuple[str, str]]:
    """Every table that a plan goes through from end to end, and how.

    `first`: the first column of each index over all rows. A bitmap names its table one step above its indexes; what is read in order under a LIMIT ends early.
    """
    kind, index = node["Node Type"], node.get("Index Name")
    if kind == "Seq Scan":
        yield node["Relation Name"], f"Seq Scan on {node['Relation Name']}"
    is_walk = index in first and not re.search(rf"\b{first[index]}\b", node.get("Index Cond", ""))
    if is_walk and not (ends_early and kind != "Bitmap Index Scan"):
        yield node.get("Relation Name", ""), f"{kind} through all of {index}"
    passes_on = kind in ("Nested Loop", "Subquery Scan", "Incremental Sort", "LockRows", "Append", "Result")
    for place, child in enumerate(node.get("Plans", ())):
        is_outer = place == 0 or kind == "Append"
        yield from _ways(child, first, kind == "Limit" or (ends_early and passes_on and is_outer))
