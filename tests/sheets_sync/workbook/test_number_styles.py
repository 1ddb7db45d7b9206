"""What a number format says about a number, in the spellings of Excel, LibreOffice and Google Sheets."""

import pytest

from sheets_sync.workbook.number_styles import PLAIN, NumberKind, NumberStyle, style_of


@pytest.mark.parametrize(
    "pattern", ["", "0", "#,##0.00", "@", '#,##0" days"', '0.0"%"', "0.00E+00", "[Red]#,##0", '"Room" 0', "# ?/?"]
)
def test_other_formats_show_plain_numbers(pattern):
    assert style_of(pattern) == PLAIN


@pytest.mark.parametrize("pattern", ["0%", "0.00%", "0.0 %", "#,##0.0%;[Red]-#,##0.0%"])
def test_a_percent_sign_that_scales_the_number_makes_a_percent(pattern):
    assert style_of(pattern) == NumberStyle(NumberKind.PERCENT)


@pytest.mark.parametrize(
    ("pattern", "currency"),
    [
        ("£#,##0", "GBP"),
        ("[$£-809]#,##0.00", "GBP"),
        ('#,##0.00\\ "€"', "EUR"),
        ('_-* #,##0.00\\ "€"_-;\\-* #,##0.00\\ "€"_-', "EUR"),
        ("#,##0.00 [$€-407]", "EUR"),
        ("[$$-409]#,##0.00", "USD"),
        ('"$"#,##0.00', "USD"),
        ("[$$-1009]#,##0", "CAD"),
        ("[$CA$]#,##0.00", "CAD"),
        ("[$SEK] #,##0", "SEK"),
        ('#,##0 "CHF"', "CHF"),
        ("[$kr-41D] #,##0", "SEK"),
        ('#,##0 "kr"', "kr"),
        ('#,##0 "zł"', "PLN"),
        ('"¤"#,##0_);("¤"#,##0)', "¤"),
        ("[$₿]0.0000", "₿"),
    ],
)
def test_a_currency_is_its_code_or_its_sign_where_several_share_it(pattern, currency):
    assert style_of(pattern) == NumberStyle(NumberKind.CURRENCY, currency)


@pytest.mark.parametrize("pattern", ["[h]:mm", "[hh]:mm:ss", "[mm]:ss", "[ss].000"])
def test_elapsed_hours_minutes_or_seconds_make_a_duration(pattern):
    assert style_of(pattern) == NumberStyle(NumberKind.DURATION)


@pytest.mark.parametrize("pattern", ["yyyy-mm-dd", "d. mmmm yyyy", "h:mm AM/PM", "[$-407]mmm yy"])
def test_dates_and_times_of_day_are_dates(pattern):
    assert style_of(pattern) == NumberStyle(NumberKind.DATE)
