"""Coroutines that begin at once."""

import asyncio

import pytest

from smoothbox.api.eager import begun


def test_one_that_waits_for_nothing_is_done_at_once():
    said: list[str] = []

    async def speak() -> None:
        said.append("done")

    assert begun(speak()) is None
    assert said == ["done"]


def test_one_that_waits_goes_on_in_a_task():
    said: list[str] = []

    async def speak(future: asyncio.Future[str]) -> None:
        said.append("begun")
        said.append(await future)
        await asyncio.sleep(0)
        said.append("after a turn")
        await asyncio.sleep(0.001)
        said.append("after a while")

    async def main() -> None:
        future = asyncio.get_running_loop().create_future()
        rest = begun(speak(future))
        assert said == ["begun"]
        assert rest is not None
        task = asyncio.create_task(rest)
        asyncio.get_running_loop().call_later(0.001, future.set_result, "told")
        await task

    asyncio.run(main())
    assert said == ["begun", "told", "after a turn", "after a while"]


def test_one_whose_future_is_done_before_its_task_begins_misses_nothing():
    async def main() -> list[str]:
        said: list[str] = []
        future = asyncio.get_running_loop().create_future()

        async def speak() -> None:
            said.append(await future)

        rest = begun(speak())
        assert rest is not None
        future.set_result("early")
        await asyncio.create_task(rest)
        return said

    assert asyncio.run(main()) == ["early"]


def test_an_error_that_it_waits_for_is_raised_where_it_waits():
    async def main() -> list[str]:
        said: list[str] = []
        first, second = (asyncio.get_running_loop().create_future() for _ in range(2))

        async def speak() -> None:
            for future in (first, second):
                try:
                    await future
                except ValueError as error:
                    said.append(str(error))
            await asyncio.sleep(0)
            said.append("done")

        rest = begun(speak())
        assert rest is not None
        first.set_exception(ValueError("one"))
        second.set_exception(ValueError("two"))
        await asyncio.create_task(rest)
        return said

    assert asyncio.run(main()) == ["one", "two", "done"]


@pytest.mark.parametrize("waits", [False, True])
def test_what_it_raises_is_raised(waits: bool):
    async def fail() -> None:
        if waits:
            await asyncio.sleep(0)
        raise LookupError("no")

    async def main() -> None:
        rest = begun(fail())
        assert rest is not None
        await asyncio.create_task(rest)

    with pytest.raises(LookupError, match="no"):
        asyncio.run(main())


def test_a_cancelled_one_runs_its_finally():
    async def main() -> list[str]:
        said: list[str] = []

        async def wait() -> None:
            try:
                await asyncio.get_running_loop().create_future()
            finally:
                said.append("left")

        rest = begun(wait())
        assert rest is not None
        task = asyncio.create_task(rest)
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        return said

    assert asyncio.run(main()) == ["left"]


def test_one_that_ends_on_an_error_ends_its_task():
    async def main() -> None:
        future = asyncio.get_running_loop().create_future()

        async def give_up() -> None:
            try:
                await future
            except ValueError:
                return

        rest = begun(give_up())
        assert rest is not None
        future.set_exception(ValueError)
        await asyncio.create_task(rest)

    asyncio.run(main())
