"""The quota of calls per minute, kept with a clock of ours."""

from sheets_sync.google.call_quota import MinuteLimiter
from tests.sheets_sync.google_sheets import OurTime


def limiter(time: OurTime, reads: int = 3, writes: int = 1) -> MinuteLimiter:
    return MinuteLimiter({"read": reads, "write": writes}, clock=lambda: time.now, sleep=time.sleep)


def test_calls_within_the_quota_do_not_wait():
    time = OurTime()
    quota = limiter(time)
    assert [quota.acquire("read") for _ in range(3)] == [0, 0, 0]
    assert quota.acquire("write") == 0
    assert time.slept == []


def test_one_more_call_waits_until_the_oldest_is_a_minute_old():
    time = OurTime()
    quota = limiter(time)
    for second in (0, 10, 20):
        time.now = second
        quota.acquire("read")
    time.now = 30
    assert quota.acquire("read") == 30
    assert quota.acquire("read") == 10


def test_in_any_minute_there_are_never_more_calls_than_the_quota():
    time = OurTime()
    quota = limiter(time, reads=5)
    moments = []
    for _ in range(40):
        quota.acquire("read")
        moments.append(time.now)
        time.now += 3
    for start in moments:
        assert sum(start <= moment < start + 60 for moment in moments) <= 5
