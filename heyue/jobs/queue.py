"""The queue of the jobs: a file in the data folder, or a Redis that workers on many machines share.

The queue only says when; what is done stands in the store, so that a task that runs twice, or is lost, does no harm.
"""

from __future__ import annotations

from huey import Huey, RedisHuey, SqliteHuey

from heyue.errors import BadInput
from heyue.settings import Settings

NAME, FILE = "heyue", "queue.db"
REDIS_SCHEMES = ("redis://", "rediss://", "unix://")


def open_queue(settings: Settings) -> Huey:
    """The queue that the settings name.

    Raises:
        BadInput: HEYUE_QUEUE_URL is no address of a Redis.
    """
    if settings.queue_url is None:
        settings.data_folder.mkdir(parents=True, exist_ok=True)
        return SqliteHuey(NAME, filename=str(settings.data_folder / FILE), results=False, utc=True)
    if not settings.queue_url.startswith(REDIS_SCHEMES):
        raise BadInput("HEYUE_QUEUE_URL must be the address of a Redis, such as redis://127.0.0.1:6379/1")
    return RedisHuey(NAME, url=settings.queue_url, results=False, utc=True)
