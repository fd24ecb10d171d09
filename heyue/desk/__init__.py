"""The desk: the use cases that the faces call, by who calls them. Each is one transaction."""

from __future__ import annotations

from functools import cache

from heyue.desk.access import AccessDesk
from heyue.desk.contact import ANSWER, SILENT, STRANGER, ContactDesk, Heard, Received
from heyue.desk.feed import FeedDesk
from heyue.desk.insight import InsightDesk
from heyue.desk.live import LiveDesk
from heyue.desk.practice import PracticeDesk
from heyue.desk.practice_record import PracticeRecordDesk
from heyue.desk.reading import ReadingDesk
from heyue.desk.review import ReviewDesk
from heyue.desk.trial import TrialDesk
from heyue.desk.upload import UploadDesk
from heyue.policy import load_policy
from heyue.settings import Settings
from heyue.store import open_store

__all__ = ["ANSWER", "SILENT", "STRANGER", "Desk", "Heard", "Received", "desk_of_process", "open_desk"]


class Desk(
    ContactDesk, FeedDesk, LiveDesk, ReadingDesk, TrialDesk, UploadDesk, ReviewDesk, AccessDesk, InsightDesk,
    PracticeDesk, PracticeRecordDesk,
):  # fmt: skip
    """All use cases over one store and one policy."""


def open_desk(settings: Settings) -> Desk:
    """A desk over the store and policy that the settings name. The store is brought to the newest schema.

    Raises:
        StoreUnavailable: the store cannot be opened.
        BadInput: the policy file cannot be read.
    """
    return Desk(open_store(settings), load_policy(settings.policy_path))


@cache
def desk_of_process() -> Desk:
    """The desk that the faces of one process share."""
    return open_desk(Settings.from_environment())
