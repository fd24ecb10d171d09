"""The desk: the use cases that the faces call, by who calls them. Each is one transaction."""

from __future__ import annotations

import os
from functools import cache

from heyue.conduct.contact_policy import load_contact_policy
from heyue.delivery.configured import pushing_channels, sms_signature
from heyue.desk.access import AccessDesk
from heyue.desk.audit_log import AuditLogDesk
from heyue.desk.campaigns import CampaignDesk
from heyue.desk.contact import ANSWER, SILENT, STRANGER, Arrived, Heard, Received
from heyue.desk.feed import FeedDesk
from heyue.desk.insight import InsightDesk
from heyue.desk.keys import KeyDesk
from heyue.desk.live import LiveDesk
from heyue.desk.persons import PersonDesk
from heyue.desk.practice import PracticeDesk
from heyue.desk.practice_record import PracticeRecordDesk
from heyue.desk.provider_events import ProviderEventDesk
from heyue.desk.reading import ReadingDesk
from heyue.desk.replies import ReplyDesk
from heyue.desk.retention import RetentionDesk
from heyue.desk.review import ReviewDesk
from heyue.desk.stops import StopDesk
from heyue.desk.suggestions import SuggestionDesk
from heyue.desk.tasks import TaskDesk
from heyue.desk.trial import TrialDesk
from heyue.desk.upload import UploadDesk
from heyue.language_model.model import LanguageModel
from heyue.outreach.policy import load_outreach_policy
from heyue.policy import load_policy
from heyue.retention.policy import load_retention_policy
from heyue.settings import Settings
from heyue.store import open_store

__all__ = ["ANSWER", "SILENT", "STRANGER", "Arrived", "Desk", "Heard", "Received", "desk_of_process", "open_desk"]


class Desk(
    ReplyDesk, FeedDesk, LiveDesk, ReadingDesk, TrialDesk, UploadDesk, ReviewDesk, AccessDesk, InsightDesk,
    CampaignDesk, PracticeDesk, PracticeRecordDesk, SuggestionDesk, TaskDesk, RetentionDesk, KeyDesk, AuditLogDesk, PersonDesk,
    StopDesk, ProviderEventDesk,
):  # fmt: skip
    """All use cases over one store and its policies."""


def open_desk(settings: Settings) -> Desk:
    """A desk over the store and policies that the settings name. The store is brought to the newest schema.

    Raises:
        StoreUnavailable: the store cannot be opened.
        BadInput: a policy file cannot be read, a provider of messages is not known, or the language model's package is missing.
    """
    return Desk(
        open_store(settings), load_policy(settings.policy_path), load_contact_policy(settings.contact_gate_path),
        pushing_channels(os.environ), load_outreach_policy(settings.outreach_path),
        LanguageModel(settings.language_model) if settings.language_model else None,
        load_retention_policy(settings.retention_path), sms_signature(os.environ),
    )  # fmt: skip


@cache
def desk_of_process() -> Desk:
    """The desk that the faces of one process share."""
    return open_desk(Settings.from_environment())
