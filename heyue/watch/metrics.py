"""The figures of one process. What each means, and what calls for somebody: docs/monitoring/README.md.

Labels take their values from code and policy files only: never an address, a name, or an identifier of a case or talk.
"""

from __future__ import annotations

from prometheus_client import Counter, Gauge, Histogram, disable_created_metrics

disable_created_metrics()  # type: ignore[no-untyped-call]  # a second series beside each, which nobody reads
ANSWER_BUCKETS = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 4.0, 10.0, 30.0)  # 4 s: what WeChat waits for, about
BANDS = 10  # of confidence, each a tenth wide

MESSAGES = Counter(
    "heyue_messages", "Turns of talks that were stored, by who spoke.", ("direction", "channel", "speaker")
)
ANSWER_SECONDS = Histogram(
    "heyue_answer_seconds", "From a message's arrival until its answer stands in the transcript.", ("channel",),
    buckets=ANSWER_BUCKETS,
)  # fmt: skip
ANSWERS_FAILED = Counter("heyue_answers_failed", "Turns to which the bot had to say that it has a fault.", ("channel",))
GATE_DECISIONS = Counter("heyue_gate_decisions", "Messages that the contact gate judged.", ("stage", "allowed"))
GATE_CHECKS = Counter(
    "heyue_gate_checks", "Checks that the contact gate asked, by rule id of the compliance note.", ("rule", "passed")
)
SENDS = Counter(
    "heyue_sends", "Attempts to send: what the provider said, or why none was made (withheld, lapsed); passive: in a response.",
    ("channel", "outcome"),
)  # fmt: skip
SMS_SEGMENTS = Counter("heyue_sms_segments", "Segments of the SMS that providers took, by what the message was for.", ("kind",))
REPORTS = Counter("heyue_delivery_reports", "What providers reported later.", ("provider", "outcome"))
PROMISE_CHANGES = Counter("heyue_promise_changes", "Changes in the promise ledger, by the new state.", ("state",))
CONFIDENCE = Counter(
    "heyue_model_confidence", "Readings by how sure the model was: the tenth from 0.0 to 0.9.", ("model", "band")
)
STORE_FAULTS = Counter("heyue_store_faults", "Transactions that the database failed.", ("error",))
WEBHOOK_REFUSALS = Counter("heyue_webhook_refusals", "Requests to a channel that were not taken.", ("channel", "why"))
SIGN_INS = Counter("heyue_sign_ins", "Attempts to sign in to the coach.", ("outcome",))
PAGE_FAILURES = Counter("heyue_page_failures", "Pages of the coach that failed in a person's sight.")
JOBS = Counter("heyue_jobs", "Tasks of the worker.", ("job", "outcome"))
JOBS_WAITING = Gauge(
    "heyue_jobs_waiting", "Tasks in the queue of the worker when one last began.", multiprocess_mode="mostrecent"
)
JOB_BEGUN = Gauge(
    "heyue_job_last_begun_seconds", "When a worker last began a task (Unix time).", multiprocess_mode="mostrecent"
)

MODELS, CHANNELS = ("intent", "debtor_type"), ("wechat", "wecom", "sms")


def _show_from_the_start() -> None:
    """A series that only appears with its first fault hides that fault from `increase`; shares need all their bands."""
    for model in MODELS:
        for tenth in range(BANDS):
            CONFIDENCE.labels(model, band_of(tenth / BANDS))
    for channel in CHANNELS:
        ANSWERS_FAILED.labels(channel)


def band_of(confidence: float) -> str:
    """The tenth in which a probability lies: 0.93 and 1.0 are in "0.9"."""
    return f"{min(int(confidence * BANDS), BANDS - 1) / BANDS:.1f}"


def yes_no(said: bool) -> str:
    """A label for a yes or a no."""
    return "yes" if said else "no"


_show_from_the_start()
