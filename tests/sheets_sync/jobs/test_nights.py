"""A small night of the campaign `nights`: every workbook once, within the quotas, and not late."""

from tests.campaigns.night_account import CHANGED_OF, Night
from tests.campaigns.nights import spend

WORKBOOKS, PER_MINUTE = 10, 4


def test_a_night_loses_and_doubles_nothing_and_keeps_the_quotas(tmp_path):
    found = spend(Night("sample", WORKBOOKS, PER_MINUTE, known=True), tmp_path, kills=1)
    assert found.faults == 0
    assert [len(times) for times in found.ended.values()] == [1] * WORKBOOKS
    # Whoever takes over from the killed one reads again what that was reading.
    assert WORKBOOKS <= found.reads <= WORKBOOKS + 4
    assert found.writes == WORKBOOKS / CHANGED_OF
    # A minute holds 4 of them, so the third is needed; that nothing was later than twice the ideal is in `faults`.
    assert found.last > 120
