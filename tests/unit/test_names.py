"""Every identifier that a screen shows has a Chinese name."""

from __future__ import annotations

import re

import pytest

from heyue.coaching.debtor_types import TYPES
from heyue.coaching.situations import SITUATIONS
from heyue.coaching.transcript import CHANNELS
from heyue.conduct.contact_policy import default_contact_policy
from heyue.desk.outreach import CHECK_CONTACT, FOLLOW_UP, REST, SEND, WITHHELD
from heyue.desk.unsent import WAITS
from heyue.errors import Unknown
from heyue.names import name_of, names_of
from heyue.outreach.policy import PURPOSES
from heyue.practice.debtor import ENDINGS
from heyue.practice.outcome import BROKEN, KEPT, PARTLY_KEPT
from heyue.practice.persona import ALWAYS, CONCRETE, NEVER
from heyue.practice.persona import KINDS as PRACTICE_KINDS
from heyue.practice.records import BY_KIND, BY_LEAD, BY_SURPRISE, BY_WEAKNESS
from heyue.records import NAMED_AMOUNTS, NOT_ARRIVED
from heyue.review.labels import CERTAINTIES
from heyue.review.scorecard import VERDICTS
from heyue.store.campaign_queries import DRAFT, ENDED, PAUSED, RUNNING
from heyue.understanding.reasons import REASONS

KINDS = {
    "debtor_type": TYPES,
    "situation": SITUATIONS,
    "reason": REASONS,
    "channel": CHANNELS,
    "speaker": ("borrower", "collector", "bot"),
    "promise_state": ("open", "due", "kept", "partly_kept", "broken", "superseded", "cancelled"),
    "certainty": CERTAINTIES,
    "amount": NAMED_AMOUNTS,
    "stage": ("early", "middle", "late", "handover"),
    "case_status": ("active", "promised", "human", "stopped", "settled"),
    "holder": ("bot", "handing_over", "human"),
    "talk_state": ("opening", "verifying", "venting", "reason", "negotiating", "confirming", "closing"),
    "verdict": VERDICTS,
    "review_cause": ("flagged", "unsure", "random"),
    "campaign_state": (DRAFT, RUNNING, PAUSED, ENDED),
    "purpose": PURPOSES,
    "outreach_action": (SEND, WITHHELD, REST, FOLLOW_UP, CHECK_CONTACT, "known"),
    "message_kind": [name for name, kind in default_contact_policy().kinds.items() if kind.by == "bot" and not kind.answers],
    "unsent": ("provider", "lapsed", "not_delivered", "unanswered", "withheld", "interrupted"),
    "message_state": ("queued", "sending", "sent", "delivered", "failed", "refused", "unknown", "withheld", "lapsed"),
    "rule_health": ("healthy", "watch", "too_few"),
    "practice_kind": PRACTICE_KINDS,
    "practice_choice": (BY_KIND, BY_WEAKNESS, BY_SURPRISE, BY_LEAD),
    "practice_ending": ENDINGS,
    "practice_fate": (KEPT, PARTLY_KEPT, BROKEN),
    "practice_keeps": (ALWAYS, CONCRETE, NEVER),
}


@pytest.mark.parametrize("kind", KINDS)
def test_every_identifier_has_a_name_of_its_own(kind: str) -> None:
    names = names_of(kind)
    assert set(names) >= set(KINDS[kind])
    assert len(set(names.values())) == len(names)
    assert all(name_of(kind, identifier) == name for identifier, name in names.items())


@pytest.mark.parametrize("kind", ["debtor_type", "situation", "reason", "channel", "amount", "practice_kind", "practice_ending"])
def test_what_is_not_known_has_words_too(kind: str) -> None:
    assert name_of(kind, None)


def test_every_state_of_the_outbox_says_where_a_line_of_a_talk_stands() -> None:
    assert set(names_of("line_state")) == {*names_of("message_state"), WAITS}
    assert {name_of("line_state", state) for state in NOT_ARRIVED} == {"未送达"}


@pytest.mark.parametrize(
    ("kind", "identifier"), [("reason", "laziness"), ("colour", "red"), ("speaker", None)]
)
def test_an_unknown_identifier_is_named(kind: str, identifier: str | None) -> None:
    with pytest.raises(Unknown, match=kind):
        name_of(kind, identifier)


def test_every_note_of_a_hand_over_and_every_stop_has_a_name() -> None:
    from pathlib import Path

    from heyue import conversation
    from heyue.conversation.service import ENDINGS
    from heyue.conversation.situation import CHECKED_BY_HUMAN

    sources = "".join(
        file.read_text(encoding="utf-8") for file in Path(str(conversation.__file__)).parent.glob("*.py")
    )
    notes = set(re.findall(r'(?:end_with_human|close)\(exchange, "\w+", "([^"]+)"\)', sources))
    notes |= {note for _, _, _, note in ENDINGS.values() if note}
    stops = set(re.findall(r'Stop\("(\w+)"\)', sources)) | {state for *_, state in CHECKED_BY_HUMAN.values()}
    stops |= {stop for _, stop, _, _ in ENDINGS.values() if stop}
    assert len(notes) >= 9
    assert notes <= set(names_of("handover"))
    assert stops <= set(names_of("stop"))
