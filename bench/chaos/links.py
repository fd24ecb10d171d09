"""Connections between the parts of the product that can be made slow: stands for `tc netem`, which few kernels of test machines have.

Every piece of data is held back for so long in each direction, so a question and its answer take twice that.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
import threading
from collections.abc import Callable

PIECE = 65_536


class Links:
    """Relays on ports of this machine, all in one thread. Use as a context. `slow_to`: sets the delay of all of them."""

    def __init__(self, seed: int) -> None:
        self._draw = random.Random(seed)
        self._delay = self._jitter = 0.0
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)

    def __enter__(self) -> Links:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)

    def slow_to(self, delay: float, jitter: float = 0.0) -> None:
        """Hold everything back from now on for `delay` seconds, at random up to `jitter` more."""
        self._delay, self._jitter = delay, jitter

    def relay(self, listen: int, target: Callable[[], int]) -> None:
        """Take connections on one port and pass them on to another, which is asked for each time."""

        async def passed_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            try:
                onward = await asyncio.open_connection("127.0.0.1", target())
            except OSError:  # nobody is there: as good as refused
                writer.transport.abort()
                return
            await asyncio.gather(self._flow(reader, onward[1]), self._flow(onward[0], writer))

        serving = asyncio.start_server(passed_on, "127.0.0.1", listen, backlog=512)
        asyncio.run_coroutine_threadsafe(serving, self._loop).result(10)

    async def _flow(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
        """One direction, until either side ends; a connection that was cut is cut on the other side as well."""
        try:
            while data := await source.read(PIECE):
                if self._delay:
                    await asyncio.sleep(self._delay + self._draw.uniform(0, self._jitter))
                sink.write(data)
                await sink.drain()
        except OSError:
            sink.transport.abort()
        with contextlib.suppress(OSError):
            sink.close()
