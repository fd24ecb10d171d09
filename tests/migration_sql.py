"""Reads the SQL of a migration for PostgreSQL and names the statements that would hold up readers or writers.

Which statements lock for how long: PostgreSQL documentation, "ALTER TABLE" (Notes) and "CREATE INDEX" (Building Indexes
Concurrently).
"""

from __future__ import annotations

import io
import re

from heyue.store.schema import alembic_config

FIRST_ONLINE = "0010"  # 0008 chains the audit log and 0010 links lines while nobody else works; later ones run beside all
LOCKING = (
    (r"CREATE (UNIQUE )?INDEX (?!CONCURRENTLY)", "builds an index under a lock that holds writers up: CONCURRENTLY"),
    (r"DROP INDEX (?!CONCURRENTLY)", "waits for all readers and holds up who comes after: CONCURRENTLY"),
    (r"REINDEX (?!.*CONCURRENTLY)", "holds writers up: CONCURRENTLY"),
    (r"ALTER TABLE .* ADD COLUMN (?=.*NOT NULL)(?!.*DEFAULT)", "fails on rows that are there: give a DEFAULT"),
    (r"ALTER TABLE .* ADD COLUMN .*DEFAULT [^ ]*\((?!\))", "may write all rows anew: a constant DEFAULT"),
    (r"ALTER TABLE .* ALTER COLUMN .* TYPE", "writes all rows anew under a lock that holds everybody up"),
    (r"ALTER TABLE .* ALTER COLUMN .* SET NOT NULL", "reads all rows under a lock: CHECK … NOT VALID, then VALIDATE"),
    (r"ALTER TABLE .* ADD CONSTRAINT .*(FOREIGN KEY|CHECK)(?!.*NOT VALID)", "reads all rows under a lock: NOT VALID"),
    (r"ALTER TABLE .* ADD CONSTRAINT .*(UNIQUE|PRIMARY KEY)(?!.*USING INDEX)", "builds an index under a lock: USING INDEX"),
    (r"ALTER TABLE .* (SET TABLESPACE|SET (UN)?LOGGED)", "writes the table anew"),
    (r"ALTER TABLE .* RENAME", "breaks the program that runs beside the migration"),
    (r"(UPDATE|DELETE FROM) ", "changes many rows in one transaction: in portions, after the migration"),
    (r"(LOCK TABLE|CLUSTER|VACUUM FULL|TRUNCATE)", "locks the whole table"),
)  # fmt: skip
OWN = r"(UPDATE|DELETE FROM) alembic_version\b"  # the row in which Alembic keeps the version


def offline_sql(span: str) -> str:
    """What Alembic would run on PostgreSQL for a span of versions, such as 0007:head."""
    from alembic import command

    out = io.StringIO()
    command.upgrade(alembic_config(output_buffer=out), span, sql=True)
    return out.getvalue()


def locking_statements(sql: str) -> list[str]:
    """The statements that lock, each with why; those on tables that the same SQL makes do no harm."""
    statements = [" ".join(each.split()) for each in re.sub(r"--.*", "", sql).split(";")]
    made = {found[1] for each in statements if (found := re.match(r"CREATE TABLE (\w+)", each))}
    return [
        f"{why}\n    {each}"
        for each in statements
        if not re.match(OWN, each) and not _is_on(each, made)
        for pattern, why in LOCKING
        if re.match(pattern, each)
    ]


def _is_on(statement: str, tables: set[str]) -> bool:
    found = re.match(r"(?:CREATE (?:UNIQUE )?INDEX .* ON|ALTER TABLE|UPDATE|DELETE FROM) (\w+)", statement)
    return found is not None and found[1] in tables
