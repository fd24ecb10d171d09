"""Quality review (质检): all its use cases together."""

from __future__ import annotations

from heyue.desk.appeals import AppealDesk
from heyue.desk.calibration import CalibrationDesk
from heyue.desk.labels import LabelDesk
from heyue.desk.review_draw import ReviewDrawDesk
from heyue.desk.review_queue import ReviewQueueDesk
from heyue.desk.review_work import ReviewWorkDesk
from heyue.desk.rule_health import RuleHealthDesk


class ReviewDesk(
    ReviewDrawDesk, ReviewQueueDesk, ReviewWorkDesk, AppealDesk, CalibrationDesk, RuleHealthDesk, LabelDesk
):
    """The draws, the queue, the reviews, appeals, calibration, rule health, labels."""
