"""Every outcome that the bot can put into words. The wording of each stands in bot/domain as utter_<outcome>."""

from heyue.errors import Broken

TO_ANYONE = frozenset(
    [
        "introduction",
        "ask_identity",
        "ask_verify",
        "wrong_digits",
        "identity_failed",
        "identity_by_human",
        "identity_unanswered",
        "wrong_party",
        "wrong_party_again",
        "third_party",
        "why_verify",
        "hold_until_verified",
        "noted_until_verified",
        "who_before",
        "purpose_before",
        "scam",
        "bot",
        "hear_distress",
        "crisis",
        "deceased",
        "to_human",
        "complaint_noted",
        "opted_out",
        "insult_calm",
        "insult_end",
        "later",
        "goodbye",
        "goodbye_open",
        "off_topic",
        "media",
        "nudge",
        "not_understood",
    ]
)
TO_THE_BORROWER = frozenset(
    [
        "disclose_not_due",
        "disclose_early",
        "disclose_middle",
        "disclose_late",
        "ask_when",
        "ask_amount",
        "ask_reason",
        "ask_confirm",
        "ask_anything_else",
        "narrow_vague",
        "narrow_conditional",
        "narrow_open",
        "narrow_part",
        "day_invalid",
        "day_past",
        "day_too_far",
        "read_back",
        "read_back_without_reason",
        "what_to_change",
        "recorded",
        "already_noted",
        "confirm_before_goodbye",
        "rest",
        "already_paid",
        "dispute_noted",
        "not_my_loan_noted",
        "hardship_explained",
        "hardship_to_human",
        "distress_to_human",
        "refusal_heard",
        "refusal_to_human",
        "who",
        "purpose",
        "amount_due",
        "calculation",
        "how_to_pay",
        "instalments",
        "extension",
        "waiver",
        "credit_record",
        "consequences",
    ]
)


class DisclosureBlocked(Broken):
    """Something meant for the verified borrower was about to be said to somebody else. It is not said."""


def check_sayable(outcome: str, verified: bool) -> None:
    """Let an outcome pass when this person may hear it.

    Raises:
        DisclosureBlocked: it is only for the verified borrower, or no outcome at all (fail closed).
    """
    if not (outcome in TO_ANYONE or (verified and outcome in TO_THE_BORROWER)):
        raise DisclosureBlocked(f"outcome {outcome!r}, verified: {verified}")
