"""Backup of PostgreSQL by its own pg_dump and pg_restore. Passwords reach them by the environment, never by their arguments."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
import uuid
from collections.abc import Set
from pathlib import Path
from typing import Any

from sqlalchemy import func, inspect, literal_column, select, table, text
from sqlalchemy.engine import Connection

from heyue.errors import BadInput, StoreUnavailable
from heyue.store.backup.manifest import Manifest, Tables
from heyue.store.engine import Store
from heyue.store.tables import metadata

PLACES = "usr/lib/postgresql/*/bin"  # where Debian keeps them
VARIABLES = {
    "host": "PGHOST", "port": "PGPORT", "user": "PGUSER", "database": "PGDATABASE",
    "password": "PGPASSWORD",  # names of variables  # nosec B105
    "dbname": "PGDATABASE", "sslmode": "PGSSLMODE", "sslrootcert": "PGSSLROOTCERT", "sslcert": "PGSSLCERT",
    "sslkey": "PGSSLKEY", "options": "PGOPTIONS", "connect_timeout": "PGCONNECT_TIMEOUT", "service": "PGSERVICE",
}  # fmt: skip
ANY_TEXT = ("--encoding=UTF8", "--lc-collate=C", "--lc-ctype=C")  # other locales go with some encodings only
ALL_OR_NOTHING = ("--no-psqlrc", "--quiet", "--output=/dev/null", "--single-transaction", "--set=ON_ERROR_STOP=1")
# what a newer schema has left would make its functions again; the script has set the path to none
DROP_UNUSED = """
RESET search_path;
DO $$ DECLARE unused regprocedure; BEGIN
    FOR unused IN
        SELECT oid FROM pg_proc WHERE pronamespace = current_schema::regnamespace AND starts_with(proname, 'heyue_')
        AND NOT EXISTS (SELECT FROM pg_trigger WHERE tgfoid = pg_proc.oid)
    LOOP EXECUTE 'DROP FUNCTION ' || unused; END LOOP;
END $$
"""
SAME_TEXT = {"bytea_output": "hex", "datestyle": "ISO", "extra_float_digits": "1", "timezone": "UTC"}
SUM_OF_ROWS = "coalesce(sum(('x' || substr(md5(t::text), 1, 15))::bit(60)::bigint), 0)"  # of each row 60 bits


def save(store: Store, connection: Connection, draft: Path) -> Tables:
    """Dump what the connection sees into a file; what that is."""
    snapshot = connection.execute(text("SELECT pg_export_snapshot()")).scalar_one()
    _run(store, "pg_dump", "--format=custom", f"--snapshot={snapshot}", f"--file={draft}")
    return described(connection)


def restored_elsewhere(store: Store, draft: Path) -> Tables:
    """What a database has into which the dump was put; it is made for that and dropped."""
    name = f"heyue_check_{uuid.uuid4().hex[:12]}"
    beside = f"--maintenance-db={store.engine.url.database}"
    scratch = Store.open(store.engine.url.set(database=name).render_as_string(hide_password=False), store.keys)
    _run(store, "createdb", beside, "--template=template0", *ANY_TEXT, name)
    try:
        _run(scratch, "pg_restore", "--no-owner", "--exit-on-error", f"--dbname={name}", str(draft))
        with scratch.engine.connect() as restored:
            return described(restored)
    finally:
        scratch.close()
        _run(store, "dropdb", beside, "--force", name)


def put_back(store: Store, file: Path, manifest: Manifest) -> Tables:
    """Put a dump in the place of what the database holds, all or nothing; what it has then."""
    with store.looking() as connection:
        newer = _tables(connection) - set(manifest.tables)
    store.close()
    with tempfile.TemporaryDirectory() as folder:
        script = Path(folder) / "script.sql"
        # the dump is read to its end before anything changes
        _run(store, "pg_restore", "--clean", "--if-exists", "--no-owner", f"--file={script}", str(file))
        _run(store, "psql", *ALL_OR_NOTHING, *_dropping(newer), f"--file={script}", f"--command={DROP_UNUSED}")
    with store.looking() as connection:
        return described(connection)


def _dropping(tables: Set[str]) -> list[str]:
    """How psql drops the tables of a newer schema, which would hold on to the others."""
    names = ", ".join(f'"{name}"' for name in sorted(tables))
    return [f"--command=DROP TABLE IF EXISTS {names} CASCADE"] if tables else []


def described(connection: Connection) -> Tables:
    """Rows and checksum of every table of Heyue; the order of the rows does not matter."""
    for setting, value in SAME_TEXT.items():
        connection.execute(select(func.set_config(setting, value, True)))
    return {name: _table(connection, name) for name in sorted(_tables(connection))}


def _tables(connection: Connection) -> set[str]:
    return set(inspect(connection).get_table_names()) & {*metadata.tables, "alembic_version"}


def _table(connection: Connection, name: str) -> tuple[int, str]:
    """Each row as text, hashed; the sum of all."""
    query = select(func.count(), literal_column(SUM_OF_ROWS)).select_from(table(name).alias("t"))
    rows, total = connection.execute(query).one()
    return int(rows), f"{int(total):x}"


def program(name: str) -> str | None:
    """Where a program of PostgreSQL lies: on the path, else the newest that Debian has; None where there is none."""
    folders = sorted(Path("/").glob(PLACES), key=_version, reverse=True)
    return shutil.which(name, path=os.pathsep.join([os.environ.get("PATH", ""), *map(str, folders)]))


def _version(folder: Path) -> list[int]:
    return [int(number) for number in re.findall(r"\d+", folder.parent.name)]


def _run(store: Store, name: str, *words: str) -> None:
    found = program(name)
    if found is None:
        raise StoreUnavailable(f"{name} is not here: apt-get install postgresql-client")
    done = subprocess.run(  # a command of ours, without a shell  # nosec B603
        [found, *words], env=os.environ | _login(store), capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        raise StoreUnavailable(f"{name} failed: {done.stderr.strip()[-500:]}")


def _login(store: Store) -> dict[str, str]:
    """How the programs reach the database of the store."""
    _, values = store.engine.dialect.create_connect_args(store.engine.url)
    given: dict[str, Any] = {name: value for name, value in values.items() if value is not None}
    if unknown := set(given) - set(VARIABLES):
        raise BadInput(f"pg_dump cannot be told {', '.join(sorted(unknown))} of the database URL")
    return {VARIABLES[name]: str(value) for name, value in given.items()}
