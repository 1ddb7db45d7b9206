"""Formulas in the spelling of the workbook's locale."""

import pytest

from sheets_sync.google.formulas import english, has_decimal_comma, localised


@pytest.mark.parametrize("locale", [None, "en_US", "en_GB", "de_CH", "es_MX", "ja_JP", "zh_CN"])
def test_formulas_stay_as_they_are_where_the_decimal_mark_is_a_point(locale):
    assert localised("=IF(A1>0.5,1,2)", locale) == "=IF(A1>0.5,1,2)"


@pytest.mark.parametrize("locale", ["de_DE", "de", "fr_CA", "pt_BR", "en_ZA", "tr_TR"])
def test_a_decimal_comma_makes_semicolons_of_commas(locale):
    assert has_decimal_comma(locale)
    assert localised("=IF(A1>0.5,1,2)", locale) == "=IF(A1>0,5;1;2)"


@pytest.mark.parametrize(
    ("formula", "spelled"),
    [
        ('=IF(A1="a,b","1.5",2)', '=IF(A1="a,b";"1.5";2)'),
        ('=IF(A1="say ""hi, you""",1,2)', '=IF(A1="say ""hi, you""";1;2)'),
        ("=SUM('Q1, 2.5'!A1,B2)", "=SUM('Q1, 2.5'!A1;B2)"),
        ("=ABS(A1)<=1E-9*B1+1E-12", "=ABS(A1)<=1E-9*B1+1E-12"),
        ("=A1*1.25E-3", "=A1*1,25E-3"),
        ("=SUMPRODUCT({1,2;3,4},A1:B2)", "=SUMPRODUCT({1\\2;3\\4};A1:B2)"),
    ],
)
def test_only_marks_outside_of_quotes_change(formula, spelled):
    assert localised(formula, "de_DE") == spelled
    assert english(spelled, "de_DE") == formula
