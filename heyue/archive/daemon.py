"""The process of an executor from which Spark forks its Python workers, one a core: `python -m heyue.archive.daemon`.

It loads the models before it forks, so that an executor holds them once and a new worker need not wait for them.
"""

from __future__ import annotations

import gc
from datetime import datetime

from pyspark.daemon import manager

from heyue.coaching.assessment import assess
from heyue.coaching.transcript import BORROWER, COLLECTOR, Said, Transcript
from heyue.errors import Broken
from heyue.settings import ZONE
from heyue.understanding.reasons import reasons_of

TALK = Transcript(
    (Said(COLLECTOR, "您好，我是云山消费金融的小王。"), Said(BORROWER, "下周五还两千，最近没发工资。"))
)


def load_models() -> None:
    """Load what reading talks, messages and lines needs, for good. A missing model is told by the first line that needs it."""
    try:
        assess(TALK, datetime(2026, 1, 5, tzinfo=ZONE))
        reasons_of([TALK.turns[-1].text])
    except Broken:
        return
    gc.freeze()  # what the collector never visits stays shared with the forks


if __name__ == "__main__":
    load_models()
    manager()  # type: ignore[no-untyped-call]
