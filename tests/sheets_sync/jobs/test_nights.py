"""A small night of the campaign `nights`: every workbook once, within the quota, and not late."""

from tests.campaigns.nights import failures, nights


def test_a_night_loses_and_doubles_nothing_and_keeps_the_quota(tmp_path):
    (night,) = nights(150, 1, tmp_path, known=True)
    assert failures([night]) == 0
    assert len(night.finished) == 150
    assert night.deaths > 0
    assert night.reads >= 150
    # A minute holds 60 of them: the third minute is needed, and the fourth is not.
    assert 120 < night.last < 240
