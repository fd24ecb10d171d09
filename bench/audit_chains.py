"""Audit entries a second on an empty PostgreSQL database: `python -m bench.audit_chains --database URL`. It is left with one chain."""

from __future__ import annotations

import argparse
import threading
import time
from datetime import datetime

from sqlalchemy import text

from heyue.settings import ZONE
from heyue.store import Keys, Store

AT = datetime(2026, 11, 26, 10, tzinfo=ZONE)
KEYS = Keys.from_data_key(bytes(32))
ONE_CHAIN = ("ALTER TABLE audit_chains DISABLE TRIGGER ALL", "DELETE FROM audit_chains WHERE chain > 1")


def main() -> None:
    """One and eight writers, with eight chains and with one."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--database", required=True)
    parser.add_argument("--seconds", type=float, default=4.0)
    given = parser.parse_args()
    store = Store.open(given.database, KEYS)
    store.migrate()
    for chains in (8, 1):
        if chains == 1:
            with store.engine.begin() as connection:
                for statement in ONE_CHAIN:
                    connection.execute(text(statement))
        for writers in (1, 8):
            print(f"{chains} chains, {writers} writers: {rate(given.database, writers, given.seconds):.0f} entries/s")
    store.close()


def rate(url: str, writers: int, seconds: float) -> float:
    """Entries a second of so many writers, each entry a transaction of its own."""
    written, until = [0] * writers, time.monotonic() + seconds

    def write(number: int) -> None:
        store = Store.open(url, KEYS)
        while time.monotonic() < until:
            with store.transaction() as tx:
                tx.audit("case_viewed", AT, case_id="C-1", actor="bench")
            written[number] += 1
        store.close()

    threads = [threading.Thread(target=write, args=(number,)) for number in range(writers)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    return sum(written) / seconds


if __name__ == "__main__":
    main()
