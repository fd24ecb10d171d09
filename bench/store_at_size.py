"""The desk over a store of millions: `python -m bench.store_at_size [--cases 2000000] [--rounds 20] [--plans FILE] [--sqlite]`.

Fills a PostgreSQL of its own (no syncing, in the folder for temporary files, removed afterwards) with cases, as many talks, ten times
as many messages and all that belongs to them, then does what bot, gate, outreach and coach ask of the desk so many times each,
for other people each time. The first time warms up and is not counted. --plans writes PostgreSQL's real plan of every
statement. --sqlite takes a SQLite file instead.
"""

from __future__ import annotations

import argparse
import contextlib
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from rich.progress import Progress

from heyue.desk import Desk
from heyue.policy import default_policy
from heyue.store import Keys, Store
from tests.big_store.day import Day, Deed
from tests.big_store.loading import fill
from tests.big_store.plans import statements_of
from tests.integration.test_store_postgres import Cluster

INDEXES = """
SELECT pg_get_indexdef(indexrelid) FROM pg_index JOIN pg_class ON pg_class.oid = indexrelid
WHERE relnamespace = 'public'::regnamespace AND NOT indisunique
"""
LARGEST = """
SELECT relname, reltuples::bigint, pg_table_size(oid) / 1e9, pg_indexes_size(oid) / 1e9 FROM pg_class
WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace ORDER BY pg_total_relation_size(oid) DESC LIMIT 8
"""
MEMORY = "shared_buffers=1GB maintenance_work_mem=1GB max_wal_size=8GB wal_level=minimal max_wal_senders=0 autovacuum=off"
NO_MORE = 15.0  # seconds: a deed that takes this long is not done again


def main(words: list[str] | None = None) -> int:
    options = parsed(words)
    with database(options) as store:
        desk = Desk(store, default_policy(), pushing=frozenset({"sms"}))
        print(f"{size_of(store)}\n\n| | what | p50 (ms) | p95 (ms) | statements |\n|---|---|---|---|---|")
        with statements_of(store.engine) as seen:
            for deed in Day(desk, options.cases).deeds():
                print(line(deed, options.rounds, seen), flush=True)
        if options.plans:
            options.plans.write_text("\n\n".join(plans(store, seen)), encoding="utf-8")
    return 0


def parsed(words: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bench.store_at_size", description=__doc__)
    parser.add_argument("--cases", type=int, default=2_000_000)
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--plans", type=Path)
    parser.add_argument("--sqlite", action="store_true")
    return parser.parse_args(words)


@contextlib.contextmanager
def database(options: argparse.Namespace) -> Iterator[Store]:
    """A filled store; nothing of it remains."""
    folder = Path(tempfile.mkdtemp(prefix="heyue-size-"))
    cluster = None if options.sqlite else Cluster(folder)
    try:
        if cluster is not None:
            (folder / "data/postgresql.auto.conf").write_text("\n".join(MEMORY.split()))
            cluster.start()
        store = Store.open(
            f"sqlite:///{folder / 'heyue.db'}" if cluster is None else cluster.url("postgres"),
            Keys.from_data_key(bytes(32)),
        )
        store.migrate()
        filled(store, options.cases)
        yield store
        store.close()
    finally:
        if cluster is not None:
            cluster.stop()
        shutil.rmtree(folder)


def filled(store: Store, cases: int) -> None:
    """Fill the store; indexes are built when all rows are there."""
    begun, again = time.perf_counter(), without_indexes(store)
    with Progress(transient=True) as progress:
        bars: dict[str, Any] = {}
        for table in ("messages", "audit_events", "outbox", "gate_decisions"):
            bars[table] = progress.add_task(table, total=cases * {"messages": 10, "audit_events": 4}.get(table, 2))
        fill(store, cases, lambda table, rows: table in bars and progress.update(bars[table], completed=rows))
    said(begun, "rows")
    with store.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        for statement in again:
            connection.exec_driver_sql(statement)
        said(begun, "and indexes")
        connection.exec_driver_sql("ANALYZE" if store.engine.dialect.name == "sqlite" else "VACUUM ANALYZE")
    said(begun, "and statistics")


def said(begun: float, what: str) -> None:
    print(f"{what}: {time.perf_counter() - begun:.0f} s", file=sys.stderr, flush=True)


def without_indexes(store: Store) -> list[str]:
    """Drop the indexes that are no keys; the statements that make them again."""
    if store.engine.dialect.name == "sqlite":
        return []
    with store.engine.begin() as connection:
        made = list(connection.exec_driver_sql(INDEXES).scalars())
        for statement in made:
            connection.exec_driver_sql(f"DROP INDEX {statement.split()[2]}")
    return made


def size_of(store: Store) -> str:
    with store.engine.connect() as connection:
        if store.engine.dialect.name == "sqlite":
            pages, size = (connection.exec_driver_sql(f"PRAGMA page_{each}").scalar_one() for each in ("count", "size"))
            return f"{pages * size / 1e9:.1f} GB"
        total = connection.exec_driver_sql("SELECT pg_database_size(current_database())").scalar_one()
        tables = "\n".join("| {} | {:,} | {:.2f} | {:.2f} |".format(*row) for row in connection.exec_driver_sql(LARGEST))
        return f"{total / 1e9:.1f} GB\n\n| table | rows | GB | its indexes (GB) |\n|---|---|---|---|\n{tables}"


def line(deed: Deed, rounds: int, seen: dict[str, Any]) -> str:
    """How long a deed takes."""
    before, took = len(seen), list[float]()
    for number in range(rounds + 1):
        begun = time.perf_counter()
        deed.do(number)
        took.append(1e3 * (time.perf_counter() - begun))
        if took[-1] > 1e3 * NO_MORE:
            break
    counted = took[1:] or took
    p95 = statistics.quantiles(counted, n=20)[-1] if len(counted) > 1 else counted[0]
    return f"| {deed.face} | {deed.name} | {statistics.median(counted):.1f} | {p95:.1f} | {len(seen) - before} |"


def plans(store: Store, seen: dict[str, Any]) -> Iterator[str]:
    """PostgreSQL's plan of each statement, as it would be run."""
    raw = store.engine.raw_connection()
    cursor = raw.cursor()
    for statement, values in seen.items():
        cursor.execute(f"EXPLAIN {statement}", values or None)
        yield statement + "\n" + "\n".join(row for (row,) in cursor.fetchall())
    raw.close()


if __name__ == "__main__":
    raise SystemExit(main())
