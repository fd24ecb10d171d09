"""One exchange: a borrower's message as it was understood, and the answer that takes shape while the flows run."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime

from heyue.conversation.dialogue import Dialogue
from heyue.conversation.effects import Effect
from heyue.conversation.facts import facts_of
from heyue.conversation.outcomes import check_sayable
from heyue.policy import Policy
from heyue.records import Case
from heyue.understanding import simplify
from heyue.understanding.reading import Reading


@dataclass(frozen=True)
class Line:
    """One thing to say: the name of the outcome and the facts that its wording may use.

    `text`: words that stand in place of the outcome's wording.
    """

    name: str
    facts: dict[str, str]
    text: str | None = None


@dataclass
class Exchange:
    """What one message brings about. Flows add lines and effects and move the dialogue on."""

    case: Case
    policy: Policy
    now: datetime
    dialogue: Dialogue
    intent: str
    confidence: float
    reading: Reading
    channel: str = "wechat"
    said: list[str] = field(default_factory=list)
    effects: list[Effect] = field(default_factory=list)

    @property
    def text(self) -> str:
        """The message in simplified script, as the rules compare it."""
        return simplify(self.reading.text)

    @property
    def today(self) -> date:
        return self.now.date()

    def say(self, outcome: str) -> None:
        """Add a line. Its wording stands in bot/domain as utter_<outcome>.

        Raises:
            DisclosureBlocked: the person is not verified and the outcome is only for the borrower.
        """
        check_sayable(outcome, self.dialogue.verified)
        self.said.append(outcome)

    def do(self, effect: Effect) -> None:
        """Add something to carry out in the store, in the same transaction as the dialogue."""
        self.effects.append(effect)

    def ask(self, topic: str) -> None:
        """End the answer with the question about `topic`."""
        self.dialogue.asked = topic
        self.say(f"ask_{topic}")

    def lines(self) -> list[Line]:
        """The lines with the facts they may use: nothing about the debt before verification."""
        facts = facts_of(self.case, self.policy, self.dialogue, self.today)
        return [Line(outcome, facts) for outcome in self.said]
