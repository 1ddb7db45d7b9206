"""Studies written to the tab Analysis of an .xlsx file, as their users do it."""

import math
import subprocess
from collections import Counter
from pathlib import Path
from xml.etree import ElementTree

import openpyxl
import pytest
from PIL import Image

from sheets_sync.cli.study_steps import INSTALL_CHARTS
from sheets_sync.workbook.cell_styles import SERIES_COLOURS
from tests.end_to_end.cli import Said, Sheetplan
from tests.workbooks import WORKED_EXAMPLE, edited, write_workbook

ASK = ("--scenario", "pure north star")
FURTHER = [f"#{colour}" for colour in SERIES_COLOURS[1:5]]
"""Of what is drawn for the four scenarios."""
FRONTIER = ("frontier", *ASK, "--by", "gmv", "--by", "retention_30d", "--write")


def study(sheetplan: Sheetplan, book: Path, name: str, *options: object) -> Said:
    return sheetplan(name, book, *options)


def column(book: Path, tab: str = "Analysis", letter: str = "A") -> list[object]:
    sheet = openpyxl.load_workbook(book, data_only=True)[tab]
    return [cell.value for cell in sheet[letter]]


def names(book: Path) -> set[str]:
    return {name for name in openpyxl.load_workbook(book).defined_names if name.startswith("analysis_of_sheetplan")}


def test_a_study_is_a_tab_with_words_figures_chart_and_inputs(sheetplan: Sheetplan, worked_example: Path) -> None:
    said = study(sheetplan, worked_example, *FRONTIER)
    assert (said.code, said.err) == (0, "Written to the tab Analysis.\n")
    book = openpyxl.load_workbook(worked_example, data_only=True)
    sheet = book["Analysis"]
    texts = column(worked_example)
    assert texts[:2] == ["Analysis", "Frontier of Pure north star: Gross merchandise value and 30-day retention"]
    assert sheet["B1"].value == "Inputs unchanged since this run"
    assert "Pure north star: 2 efficient plans, all of them." in texts
    top = texts.index("Efficient plans") + 2
    rows = [[cell.value for cell in row[:4]] for row in sheet.iter_rows(min_row=top, max_row=top + 2)]
    assert rows == [
        ["Gross merchandise value", "30-day retention", "Comes in", "Drops out"],
        [160000, 0, None, None],
        [120000, 0.015, "B", "A"],
    ]
    facts = dict(zip(texts, column(worked_example, letter="B"), strict=True))
    command = 'sheetplan frontier WORKBOOK --scenario "pure north star" --by gmv --by retention_30d'
    assert facts["Made again by"] == command
    assert str(facts["Run id"]).startswith("20")
    (chart,) = sheet._charts
    assert type(chart).__name__ == "ScatterChart"
    # Each scenario's answer is a series of its own, over the same block.
    answers = [[cell.value for cell in row[:8]] for row in sheet.iter_rows(min_row=top + 3, max_row=top + 4)]
    assert answers == [
        [None, 0, "answer to Pure north star", None, 160000, None, None, None],
        [None, 0, "answer to Weighted", None, None, 160000, None, None],
    ]
    assert [series.yVal.numRef.f for series in chart.series] == [
        f"'Analysis'!${letter}${top + 1}:${letter}${top + 6}" for letter in "AEFGH"
    ]
    assert names(worked_example) == {
        "analysis_of_sheetplan",
        *(
            f"analysis_of_sheetplan_{part}"
            for part in ("words", "frontier", "chart_frontier", "facts", "inputs", "stale", "study")
        ),
    }


@pytest.mark.parametrize(
    ("command", "block"),
    [
        (("capacity-value",), "Capacity of tokens"),
        (("robustness", "--samples", "3"), "What to expect"),
        (("rule-prices",), "Prices of rules"),
        (("priorities",), "The list against the best plan"),
        (("alternatives",), "Other plans"),
        (("explain",), "Decisions"),
        (("what-if", "--out", "A"), "Totals before and after"),
    ],
)
def test_every_study_has_its_blocks(
    sheetplan: Sheetplan, worked_example: Path, command: tuple[str, ...], block: str
) -> None:
    name, *options = command
    said = study(sheetplan, worked_example, name, *ASK, *options, "--write", "--json")
    assert (said.code, said.err) == (0, "Written to the tab Analysis.\n")
    assert said.document["workbook"] == str(worked_example)
    texts = column(worked_example)
    assert block in texts
    cells = column(worked_example, letter="B")
    assert f"sheetplan {name} WORKBOOK" in str(cells[texts.index("Made again by")])
    assert cells[texts.index("With these inputs again by")] == f"sheetplan replay {said.document['run_id']}"


ODD_NAMES = [
    "it's \"quoted\"", "$(id) `id` $HOME", "+1 and -2", "--core", "a; b & c | d > e", "back\\slash!", "~", "Größe 5%",
]  # fmt: skip


@pytest.mark.parametrize("name", ODD_NAMES)
def test_the_command_that_makes_a_study_again_is_that_command_in_a_shell(
    sheetplan: Sheetplan, tmp_path: Path, name: str
) -> None:
    """Whatever people call a scenario: none of it is read by the shell."""
    book = write_workbook(tmp_path / "plan.xlsx", edited(WORKED_EXAMPLE, {"Scenarios!A2": name}))
    first = study(sheetplan, book, "capacity-value", f"--scenario={name}", "--of", "tokens", "--write", "--json")
    facts = dict(zip(column(book), column(book, letter="B"), strict=True))
    line = str(facts["Made again by"])
    shell = subprocess.run(
        ["sh", "-c", f"printf '%s\\0' {line}"], capture_output=True, text=True, check=True, cwd=tmp_path
    )
    program, command, workbook, *options = shell.stdout.split("\0")[:-1]
    assert (program, command, workbook) == ("sheetplan", "capacity-value", "WORKBOOK")
    again = study(sheetplan, book, command, *options, "--json")
    assert again.document["capacities"] == first.document["capacities"]
    assert [cell.data_type for cell in openpyxl.load_workbook(book)["Analysis"]["A"][:3]] == ["s", "s", "s"]


def test_an_audit_compares_plans_and_lists_broken_rules(sheetplan: Sheetplan, tmp_path: Path) -> None:
    """A + B takes 110 of 100 tokens; the best is A + C, and A alone is as good as the two and cheaper is none."""
    cells = {"Initiatives!H1": "Ours", "Initiatives!H2": True, "Initiatives!H3": True}
    book = write_workbook(tmp_path / "plan.xlsx", edited(WORKED_EXAMPLE, cells))
    said = study(sheetplan, book, "audit", *ASK, "--column", "ours", "--write")
    assert (said.code, said.err) == (0, "Written to the tab Analysis.\n")
    sheet = openpyxl.load_workbook(book, data_only=True)["Analysis"]
    rows = [[cell.value for cell in row[:5]] for row in sheet.iter_rows()]
    top = next(at for at, row in enumerate(rows) if row[0] == "Your plan and better ones")
    assert rows[top + 1] == ["Plan", "Gross merchandise value", "tokens used", "Add", "Drop"]
    assert rows[top + 2 : top + 4] == [["Your plan", 200000, 110, None, None], ["The best plan", 160000, 100, "C", "B"]]
    top = next(at for at, row in enumerate(rows) if row[0] == "Rules that it breaks")
    broken = "the token capacity is 100"
    assert rows[top + 2][:2] == [f"{broken} (Scenarios!C2)", 10]
    top = next(at for at, row in enumerate(rows) if row[0] == "The fewest changes, move by move")
    assert rows[top + 2 : top + 4] == [
        [1, None, "B", f"£80,000 less Gross merchandise value; tokens -50; puts right: {broken}", 120000],
        [2, "C", None, "£40,000 more Gross merchandise value; tokens +40", 160000],
    ]


def test_explanations_and_changes_have_figures_to_calculate_with(sheetplan: Sheetplan, worked_example: Path) -> None:
    study(sheetplan, worked_example, "explain", *ASK, "--write")
    sheet = openpyxl.load_workbook(worked_example, data_only=True)["Analysis"]
    rows = [[cell.value for cell in row[:6]] for row in sheet.iter_rows()]
    top = rows.index(["Initiative", "Decision", "Why", "The opposite decision", "Comes in", "Drops out"])
    assert rows[top + 1] == ["A (Faster search)", "in", "on merit", "£40,000 less Gross merchandise value", "B", None]
    study(sheetplan, worked_example, "what-if", *ASK, "--out", "A", "--write")
    sheet = openpyxl.load_workbook(worked_example, data_only=True)["Analysis"]
    rows = [[cell.value for cell in row[:4]] for row in sheet.iter_rows()]
    assert ["Gross merchandise value", 160000, 120000, -40000] in rows
    assert ["tokens used", 100, 90, -10] in rows
    assert ["comes in", "B", "Loyalty club", None] in rows


def test_the_next_study_takes_its_place_and_a_renamed_one_stays(sheetplan: Sheetplan, worked_example: Path) -> None:
    study(sheetplan, worked_example, *FRONTIER)
    study(sheetplan, worked_example, "capacity-value", *ASK, "--write")
    assert "Efficient plans" not in column(worked_example)
    assert "analysis_of_sheetplan_frontier" not in names(worked_example)
    book = openpyxl.load_workbook(worked_example)
    book["Analysis"].title = "Capacity in March"
    book.save(worked_example)
    study(sheetplan, worked_example, *FRONTIER)
    assert "Efficient plans" in column(worked_example)
    assert "Capacity of tokens" in column(worked_example, "Capacity in March")


def test_runs_and_studies_leave_each_others_tabs_alone(sheetplan: Sheetplan, worked_example: Path) -> None:
    sheetplan("run", worked_example)
    results = column(worked_example, "Results")
    study(sheetplan, worked_example, *FRONTIER)
    analysis = column(worked_example)
    assert column(worked_example, "Results") == results
    sheetplan("run", worked_example)
    assert column(worked_example) == analysis
    assert "analysis_of_sheetplan_frontier" in names(worked_example)
    assert sheetplan("check", worked_example).code == 0


def test_a_persons_own_tab_is_never_written(sheetplan: Sheetplan, tmp_path: Path) -> None:
    book = write_workbook(tmp_path / "plan.xlsx", {**WORKED_EXAMPLE, "analysis": [["Our own notes"]]})
    before = book.read_bytes()
    said = study(sheetplan, book, *FRONTIER)
    assert said.code == 3
    assert said.err == (
        'sheetplan: There is a tab "analysis" that sheetplan did not write (its cell A1 holds "Our own notes"). Rename '
        "that tab, then run again; sheetplan makes its own. Nothing was written.\n"
    )
    assert book.read_bytes() == before


def test_what_people_write_to_the_right_stays(sheetplan: Sheetplan, worked_example: Path) -> None:
    study(sheetplan, worked_example, *FRONTIER)
    book = openpyxl.load_workbook(worked_example)
    book["Analysis"]["Z3"] = "Ask Ada"
    book.save(worked_example)
    study(sheetplan, worked_example, *FRONTIER)
    assert openpyxl.load_workbook(worked_example)["Analysis"]["Z3"].value == "Ask Ada"


def test_without_an_answer_nothing_is_written(sheetplan: Sheetplan, tmp_path: Path) -> None:
    book = write_workbook(tmp_path / "plan.xlsx", edited(WORKED_EXAMPLE, {"Scenarios!C2": "a lot"}))
    before = book.read_bytes()
    said = study(sheetplan, book, "capacity-value", *ASK, "--write")
    assert (said.code, said.err) == (3, "There is no answer to study, so the tab Analysis was not written.\n")
    assert book.read_bytes() == before


def test_force_goes_with_write(sheetplan: Sheetplan, worked_example: Path) -> None:
    said = study(sheetplan, worked_example, "capacity-value", *ASK, "--force")
    assert said.code == 2
    assert "--force goes with --write." in said.err


def test_a_chart_is_a_file_too(sheetplan: Sheetplan, worked_example: Path, tmp_path: Path) -> None:
    """A circle per plan and per scenario on it, and one for each in the legend; the axes read as the sheet does."""
    before = worked_example.read_bytes()
    drawing = tmp_path / "frontier.svg"
    again = tmp_path / "again.svg"
    said = study(sheetplan, worked_example, *FRONTIER[:-1], "--chart", drawing, "--chart", again)
    assert (said.code, said.err) == (0, f"Drawn to {drawing}.\nDrawn to {again}.\n")
    assert worked_example.read_bytes() == before
    assert again.read_bytes() == drawing.read_bytes()
    root = ElementTree.parse(drawing).getroot()
    texts = [item.text for item in root.iter("{http://www.w3.org/2000/svg}text")]
    circles = [item.attrib for item in root.iter("{http://www.w3.org/2000/svg}circle")]
    assert Counter(item["fill"] for item in circles) == {"#0072B2": 3, **dict.fromkeys(FURTHER, 2)}
    places = {item["fill"]: (item["cx"], item["cy"]) for item in circles[::-1]}
    best = [(item["cx"], item["cy"]) for item in circles if item["fill"] == "#0072B2"][:2]
    assert [places[colour] for colour in FURTHER] == [best[0], best[0], best[1], best[1]]
    assert texts[0] == "Gross merchandise value against 30-day retention"
    assert {"£120,000", "£160,000", "1.500%", "30-day retention", "Pure north star", "Stretch"} <= set(texts)


def test_a_workbook_that_cannot_be_written_costs_no_answer(sheetplan: Sheetplan, worked_example: Path) -> None:
    """With --json the one document is what went wrong; the study is kept all the same."""
    worked_example.with_name(f"~${worked_example.name}").write_text("\x08somebody")
    ask = ("explain", *ASK, "--initiative", "A", "--write")
    said = study(sheetplan, worked_example, *ask)
    assert said.code == 3
    assert "  A (Faster search)" in said.out.splitlines()
    assert "is open in Excel by somebody. Close it there" in said.err
    assert study(sheetplan, worked_example, *ask, "--json").document["error"]["exit_code"] == 3
    assert len(sheetplan("runs", worked_example, "--json").document["studies"]) == 2


def test_a_chart_is_a_picture_with_dots_where_the_drawing_has_them(
    sheetplan: Sheetplan, worked_example: Path, tmp_path: Path
) -> None:
    """Looked at pixel by pixel: the same dots as in the SVG file, in their colour, on white, and text that is dark."""
    picture, drawing = tmp_path / "frontier.PNG", tmp_path / "frontier.svg"
    for file in (picture, drawing):
        said = study(sheetplan, worked_example, *FRONTIER[:-1], "--chart", file)
        assert (said.code, said.err) == (0, f"Drawn to {file}.\n")
    circles = [item.attrib for item in ElementTree.parse(drawing).getroot().iter("{http://www.w3.org/2000/svg}circle")]
    with Image.open(picture) as opened:
        pixels = opened.convert("RGB")
    assert pixels.size == (2 * 760, 2 * 440)
    areas: Counter[tuple[int, ...]] = Counter()
    for number, item in enumerate(circles):
        colour = tuple(bytes.fromhex(item["fill"][1:]))
        x, y, radius = (2 * float(item[name]) for name in ("cx", "cy", "r"))
        # Of several in one place the later ones are on top, and smaller: what is left is a ring.
        on_top = [
            2 * float(one["r"]) for one in circles[number + 1 :] if (one["cx"], one["cy"]) == (item["cx"], item["cy"])
        ]
        inner = min(max(on_top, default=0.0), radius)
        areas[colour] += math.pi * (radius**2 - inner**2)
        if inner < radius:
            assert pixels.getpixel((round(x + (inner + radius) / 2), round(y))) == colour
        assert pixels.getpixel((round(x), round(y - radius - 10))) != colour
    seen = Counter(pixels.get_flattened_data())
    assert len(areas) == 5
    # Axes are as grey as the fifth series.
    for colour in areas.keys() - {tuple(bytes.fromhex(FURTHER[-1][1:]))}:
        assert seen[colour] == pytest.approx(areas[colour], rel=0.1)
    assert seen[255, 255, 255] > 0.9 * 4 * 760 * 440
    title = pixels.crop((2 * 100, 2 * 10, 2 * 700, 2 * 34))
    assert sum(max(one) < 96 for one in title.get_flattened_data()) > 2_000


def test_a_picture_needs_its_extra(
    sheetplan: Sheetplan, worked_example: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    said = study(sheetplan, worked_example, *FRONTIER[:-1], "--chart", tmp_path / "frontier.png")
    assert said.code == 2
    assert said.err == f"sheetplan: {INSTALL_CHARTS}\n"


@pytest.mark.parametrize(
    ("file", "message"),
    [
        ("curve.gif", "curve.gif is no .svg or .png file. Give --chart a name such as chart.svg."),
        ("nowhere/curve.svg", "nowhere/curve.svg cannot be written: there is no folder"),
    ],
)
def test_a_chart_that_cannot_be_drawn_says_why(
    sheetplan: Sheetplan, worked_example: Path, tmp_path: Path, file: str, message: str
) -> None:
    said = study(sheetplan, worked_example, "capacity-value", *ASK, "--chart", tmp_path / file)
    assert said.code == 2
    assert message in " ".join(said.err.split())
