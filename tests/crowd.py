"""Several who talk at a time, each in a thread."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def talking(one_after_another: Callable[[], None], at_once: int, stopping: threading.Event, patience: float) -> Iterator[None]:
    """They talk as long as the block runs; then each ends his talk.

    Args:
        one_after_another: what each thread does until `stopping` is set; patience: seconds to wait for the end of each.
    """
    threads = [threading.Thread(target=one_after_another, daemon=True) for _ in range(at_once)]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        stopping.set()
    for thread in threads:
        thread.join(patience)
