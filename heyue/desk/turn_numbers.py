"""Two ways to number the turns of a talk: as it stands, and among the turns that were said, which is all that readers see."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from heyue.coaching.assessment import Assessment
from heyue.records import Turn
from heyue.review.labels import Flag
from heyue.review.scorecard import Answer

NUMBERED = ("evidence", "violations", "types")  # lists in the details of a reading whose entries name a turn


@dataclass(frozen=True)
class TurnNumbers:
    """The numbers, from 0. `said`: of the turns that were said, in order, as the talk stands."""

    count: int
    said: tuple[int, ...]

    @staticmethod
    def of(turns: Sequence[Turn]) -> TurnNumbers:
        return TurnNumbers(len(turns), tuple(number for number, turn in enumerate(turns) if turn.is_said))

    @property
    def among_said(self) -> dict[int, int]:
        """The number among the turns said, by the number in the talk."""
        return {number: place for place, number in enumerate(self.said)}

    def details_in_talk(self, details: Mapping[str, Any]) -> dict[str, Any]:
        """What a reader of the turns said has found, numbered as the talk stands. A turn that was not said leaves the
        tension as it was."""
        numbered = {
            name: [each | {"turn": self.said[each["turn"]]} for each in details[name]] for name in NUMBERED
        }
        place, tension = self.among_said, details["tension"]
        curve: list[float] = []
        for number in range(self.count):
            before = curve[-1] if curve else 0.0
            curve.append(tension[place[number]] if number in place else before)
        return {**details, **numbered, "tension": curve}

    def found_among_said(self, found: Assessment) -> Assessment:
        """What was found in the talk, numbered among the turns said."""
        place = self.among_said
        kept = [each._replace(turn=place[each.turn]) for each in found.violations if each.turn in place]
        tension = [found.tension[each] for each in self.said if each < len(found.tension)]  # it may be older
        return replace(found, violations=kept, tension=tension)

    def flags_among_said(self, flags: Collection[Flag]) -> list[Flag]:
        """Flags of the talk, numbered among the turns said."""
        place = self.among_said
        return [each._replace(turn=place[each.turn]) for each in flags if each.turn in place]

    def answer_in_talk(self, answer: Answer) -> Answer:
        """An answer whose quotes are numbered among the turns said, numbered as the talk stands."""
        return replace(
            answer, evidence=tuple(each._replace(turn=self.said[each.turn]) for each in answer.evidence)
        )
