"""What all use cases work on: one store, its policies, and the channels that can be written to."""

from __future__ import annotations

from heyue.access.lockout import AttemptBudget
from heyue.access.people import User
from heyue.conduct.contact_policy import ContactPolicy, default_contact_policy
from heyue.errors import Refused
from heyue.language_model.model import LanguageModel
from heyue.outreach.policy import OutreachPolicy, default_outreach_policy
from heyue.policy import Policy
from heyue.retention.policy import RetentionPolicy, default_retention_policy
from heyue.store import Store


class NotAllowed(Refused):
    """The role does not allow it."""


class DeskBase:
    """Base of the groups of use cases. `pushing`: channels on which a provider can be given messages at any time.

    `language_model`: None: every line is a handwritten one. `sms_signature`: before each SMS; None: not known.
    """

    def __init__(
        self, store: Store, policy: Policy, contact_policy: ContactPolicy | None = None,
        pushing: frozenset[str] = frozenset(), outreach_policy: OutreachPolicy | None = None,
        language_model: LanguageModel | None = None,
        retention_policy: RetentionPolicy | None = None, sms_signature: str | None = None,
    ) -> None:  # fmt: skip
        self.store = store
        self.policy = policy
        self.contact_policy = contact_policy or default_contact_policy()
        self.pushing = pushing
        self.outreach_policy = outreach_policy or default_outreach_policy()
        self.language_model = language_model
        self.retention_policy = retention_policy or default_retention_policy()
        self.sms_signature = sms_signature
        self.wrong_passwords = AttemptBudget()

    def may_word(self, use: str) -> bool:
        """Whether a language model words lines for a use: practice, coach or bot."""
        return self.language_model is not None and self.language_model.serves(use)


def require(user: User, action: str) -> None:
    """Make sure that the user may do something (roles.yml).

    Raises:
        NotAllowed: the role does not allow it.
    """
    if not user.role.may(action):
        raise NotAllowed(f"the role {user.role.key} may not {action}")
