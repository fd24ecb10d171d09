"""The id of a request: taken from the proxy, made where it cannot be one, and carried into other threads."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor

import pytest

from heyue.watch import trace


@pytest.mark.parametrize("given", ["4b0d2c397d52481caf811cc3f5150b5c", "66d39dd7-7921-4d57-b983-06e5ab7782a6"])
def test_an_id_of_the_proxy_is_kept(given: str) -> None:
    assert trace.begin(given) == given == trace.current()


@pytest.mark.parametrize("given", [None, "", "13912345678", "x", "欧阳", "a" * 33, "a" * 31, "a" * 31 + "\n"])
def test_anything_else_gets_a_new_one(given: str | None) -> None:
    assert trace.begin(given) != given
    assert len(trace.current() or "") == 32


def test_a_thread_works_under_the_id_of_whoever_asks() -> None:
    request = trace.begin()
    with ThreadPoolExecutor(1) as pool:
        assert pool.submit(trace.carried(trace.current)).result() == request
        assert pool.submit(trace.current).result() is None


def test_requests_at_the_same_time_keep_apart() -> None:
    async def one() -> bool:
        request = trace.begin()
        await asyncio.sleep(0)
        return trace.current() == request

    async def many() -> list[bool]:
        return list(await asyncio.gather(*(one() for _ in range(20))))

    assert all(asyncio.run(many()))


def test_work_that_began_elsewhere_goes_on_under_its_id() -> None:
    outside = trace.begin()
    with trace.within("b" * 32):
        assert trace.current() == "b" * 32
    assert trace.current() == outside
