"""Many who ask at once get one answer."""

import asyncio
import time

from sheets_sync.service.shared_answer import SharedAnswer


def test_a_hundred_who_ask_at_once_get_one_answer_and_later_ones_a_new_one() -> None:
    now, made = [0.0], []

    def make() -> int:
        time.sleep(0.05)
        made.append(None)
        return len(made)

    async def ask() -> list[int]:
        answer = SharedAnswer(make, keep_s=1.0, clock=lambda: now[0])
        first = await asyncio.gather(*(answer.get() for _ in range(100)))
        now[0] += 0.9
        second = await answer.get()
        now[0] += 0.2
        return [*first, second, await answer.get()]

    assert asyncio.run(ask()) == [1] * 101 + [2]
