"""Checks of the store: it answers, has the schema of this program, is sealed with our key, and can be saved."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from sqlalchemy import func, select
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from heyue.errors import StoreUnavailable
from heyue.launch.checkup.finding import NOT_NEEDED, Bad, Unproved
from heyue.settings import ZONE, Settings
from heyue.store import Keys, Store
from heyue.store.backup import postgresql
from heyue.store.key_ring import KEY_BYTES, are_there
from heyue.store.schema import HEAD

MOST_APART_SECONDS = 5.0
NO_KEY = Keys.from_data_key(bytes(KEY_BYTES))
PROGRAMS = ("pg_dump", "pg_restore", "psql", "createdb", "dropdb")


def database(settings: Settings, now: datetime) -> str:
    """The database answers. Nothing is made that is not there."""
    if (file := _missing_file(settings)) is not None:
        raise Bad(f"还没有 {file}", "missing")
    store = _store(settings)
    store.schema_version()
    return f"{store.engine.url!r}"


def schema(settings: Settings, now: datetime) -> str:
    """The schema is this program's."""
    if not _answers(settings):
        return NOT_NEEDED
    found = _store(settings).schema_version()
    if found != HEAD:
        raise Bad(f"库里是 {found or '空'}，程序要 {HEAD}", "newer" if found and found > HEAD else "default")
    return HEAD


def sealed(settings: Settings, now: datetime) -> str:
    """What is in the store opens with our key."""
    if not _answers(settings) or _store(settings).schema_version() != HEAD:
        return NOT_NEEDED
    folder = settings.data_folder
    keys = Keys.from_environment(folder, may_make=False) if are_there(folder) else NO_KEY
    with Store.open(settings.database_url, keys).reading() as tx:
        first = tx.first_case_id()
        if first is None:
            return NOT_NEEDED
        tx.case(first)
    return "密钥与库相符"


def same_time(settings: Settings, now: datetime) -> str:
    """This machine and the database's agree on what time it is: hours of contact are counted by both."""
    if _backend(settings) != "postgresql" or not _answers(settings):
        return NOT_NEEDED
    store = _store(settings)
    with store.failures_named(), store.engine.connect() as connection:
        apart = (connection.execute(select(func.now())).scalar_one() - now).total_seconds()
    if abs(apart) > MOST_APART_SECONDS:
        raise Bad(f"与数据库服务器相差 {apart:.0f} 秒")
    return f"与数据库服务器相差 {abs(apart):.1f} 秒"


def events(settings: Settings, now: datetime) -> str:
    """No provider has told us of something that nothing here knows."""
    if not _answers(settings) or _store(settings).schema_version() != HEAD or not are_there(settings.data_folder):
        return NOT_NEEDED
    store = Store.open(settings.database_url, Keys.from_environment(settings.data_folder, may_make=False))
    with store.reading() as tx:
        found = tx.unknown_events(now)
    if found:
        said = (f"{each.channel} {each.name} {each.times} 次（最近 {each.last_at.astimezone(ZONE):%Y-%m-%d %H:%M}）" for each in found)
        raise Unproved("、".join(said))
    return "没有收到过"


def backup_programs(settings: Settings, now: datetime) -> str:
    """The programs that a backup of PostgreSQL needs."""
    if _backend(settings) != "postgresql":
        return NOT_NEEDED
    missing = [each for each in PROGRAMS if postgresql.program(each) is None]
    if missing:
        raise Bad(f"没有 {'、'.join(missing)}")
    return "、".join(PROGRAMS)


def _store(settings: Settings) -> Store:
    """The store for whatever needs no key: a bad one is said by `key` and `sealed`."""
    return Store.open(settings.database_url, NO_KEY)


def _answers(settings: Settings) -> bool:
    """Whether there is a store to look into; that there is none is said once, by `database`."""
    if _missing_file(settings) is not None:
        return False
    try:
        _store(settings).schema_version()
    except StoreUnavailable:
        return False
    return True


def _backend(settings: Settings) -> str:
    try:
        return str(make_url(settings.database_url).get_backend_name())
    except ArgumentError:
        raise Bad("HEYUE_DATABASE_URL 不是数据库地址", "url") from None


def _missing_file(settings: Settings) -> Path | None:
    """The SQLite file that is not there yet."""
    if _backend(settings) != "sqlite":
        return None
    file = Path(make_url(settings.database_url).database or "")
    return None if file.exists() else file


CHECKS = {
    "database": database, "schema": schema, "sealed": sealed, "same_time": same_time,
    "backup_programs": backup_programs, "events": events,
}  # fmt: skip
