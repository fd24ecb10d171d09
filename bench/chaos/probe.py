"""How long until the product answers again: people who have not written before write one after the other, until one of them is answered."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from bench.chaos.product import Product, case_of

LOOK_SECONDS = 0.02
AT_ONCE = 32


@dataclass
class Prober:
    """`numbers`: of borrowers for this alone. `each_seconds`: so often one of them writes. Use as a context."""

    product: Product
    numbers: Iterator[int]
    each_seconds: float
    asked: list[str] = field(default_factory=list)

    def __enter__(self) -> Prober:
        self._pool = ThreadPoolExecutor(AT_ONCE, "probe")
        return self

    def __exit__(self, *_: object) -> None:
        self._pool.shutdown(cancel_futures=True)

    def seconds_until_answered(self, most: float) -> float | None:
        """From now until somebody who writes after now is answered; None: nobody within `most` seconds."""
        begun, asked, last = time.monotonic(), list[str](), -self.each_seconds
        while (passed := time.monotonic() - begun) < most:
            if passed >= last + self.each_seconds:
                asked.append(self._write())
                last = passed
            answers = [at for each in asked for at, _ in self.product.arrived(each) if at > begun]
            if answers:
                return min(answers) - begun
            time.sleep(LOOK_SECONDS)
        return None

    def _write(self) -> str:
        number = str(case_of(next(self.numbers)).phone)
        self.asked.append(number)
        self._pool.submit(self.product.sms.say, number, "你好")
        return number
