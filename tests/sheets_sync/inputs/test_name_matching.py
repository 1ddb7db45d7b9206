"""Finding a name however it is spelt, and the nearest one where it is none."""

import pytest

from sheets_sync.inputs.name_matching import Vocabulary, is_slip

KPIS = Vocabulary(
    ["gmv", "retention_30d", "Churn"], [("Revenue", "gmv"), ("Rate", "Churn"), ("rate", "retention_30d")], loose=True
)


@pytest.mark.parametrize("text", ["gmv", " GMV ", "G-M V", "revenue", "RE_VENUE"])
def test_a_name_is_found_by_key_or_label(text: str) -> None:
    assert KPIS.find(text) == "gmv"


def test_a_label_of_two_keys_means_neither() -> None:
    assert KPIS.find("Rate") is None
    assert KPIS.meanings("rate") == {"Churn", "retention_30d"}
    assert KPIS.meanings("gmv") == frozenset()


@pytest.mark.parametrize(
    ("text", "near"),
    [("retention_30", "retention_30d"), ("gvm", "gmv"), ("churns", "Churn"), ("Revenu", "Revenue"), ("sessions", None),
     ("", None)],
)  # fmt: skip
def test_the_nearest_name_is_suggested_as_first_written(text: str, near: str | None) -> None:
    assert KPIS.nearest(text) == near


def test_a_word_of_its_own_is_not_close() -> None:
    assert KPIS.close("sessions") is None
    assert KPIS.close("ret_30") is None
    assert KPIS.close("retention_3d") == "retention_30d"


def test_keys_that_differ_only_in_separators_are_two_keys() -> None:
    keys = Vocabulary(["a-b", "a_b"], loose=True)
    assert keys.find("a-b") == "a-b"
    assert keys.find("A_B") == "a_b"
    assert keys.find("a b") is None
    assert keys.meanings("a b") == {"a-b", "a_b"}


def test_in_a_long_list_slips_of_one_character_are_found() -> None:
    keys = Vocabulary(f"INIT-{number:05}" for number in range(30_000))
    assert keys.nearest("INIT-0042") in {"INIT-00042", "INIT-00420", "INIT-10042", "INIT-20042"}
    assert keys.nearest("INTI-00042") == "INIT-00042"
    assert keys.nearest("PROJECT-7") is None


@pytest.mark.parametrize(
    ("text", "near"),
    [("kpi_i", "kpi_id"), ("ki_id", "kpi_id"), ("kip", "kpi"), ("max_tokesn", "max_tokens")],
)
def test_of_names_one_slip_away_the_most_similar_is_suggested(text: str, near: str) -> None:
    names = Vocabulary(["kpi", "kpi_id", "kind", "min_tokens", "max_tokens"], loose=True)
    assert names.nearest(text) == near


@pytest.mark.parametrize(
    ("header", "name", "is_one"),
    [
        ("Taem", "team", True),  # two neighbours swapped
        ("teaam", "team", True),  # a letter doubled
        ("teams", "team", False),
        ("TAM", "team", False),
        ("Term", "team", False),
        ("Departmnt", "department", True),
        ("Departmint", "department", True),
        ("engeneering tokns", "engineering_tokens", True),  # several letters of a long name
        ("Department ID", "department", False),  # a word more is about something else
        ("department", "department", False),
    ],
)
def test_a_header_is_a_slip_where_it_can_be_nothing_else(header: str, name: str, is_one: bool) -> None:
    assert is_slip(header, name) is is_one
