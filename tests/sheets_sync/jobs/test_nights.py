"""A small night of the campaign `nights`: every workbook once, within the quotas, and not late."""

from tests.campaigns.nights import failures, nights

ACCOUNTS, EACH = 5, 65


def test_a_night_loses_and_doubles_nothing_and_keeps_the_quotas(tmp_path):
    found = nights(ACCOUNTS * EACH, ACCOUNTS, tmp_path, known=True)
    assert failures(found) == 0
    assert [len(night.finished) for night in found] == [EACH] * ACCOUNTS
    assert sum(night.deaths for night in found) > 0
    for night in found:
        assert night.reads >= EACH
        # A minute holds 60 of them: the second minute is needed, and the third is not.
        assert 60 < night.last < 180
