"""The sidebar in a real browser: its page and its calls are the script's, which asks the running service."""

import os
import subprocess
from collections.abc import Iterator
from urllib.parse import quote

import pytest
import requests
from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webelement import WebElement

from tests.browser import chromium, wait
from tests.sheets_server.server import SheetsServer
from tests.sheets_sync.apps_script.conftest import HERE
from tests.sheets_sync.installation import Installation, rows_of

WIDTH = 300
"""Google gives a sidebar this many pixels."""


@pytest.fixture(scope="module")
def host(node: str, stage: str) -> Iterator[str]:
    """The address that opens the sidebar."""
    process = subprocess.Popen(
        [node, HERE / "sidebar_host.mjs"],
        env=os.environ | {"SHEETPLAN_TEST_STAGE": stage},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    yield process.stdout.readline().strip()
    process.terminate()
    process.wait(timeout=10)
    process.stdout.close()


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[webdriver.Chrome]:
    with chromium(tmp_path_factory.mktemp("profile")) as made:
        # A window cannot be as narrow as a sidebar; a page can.
        narrow = {"width": WIDTH, "height": 900, "deviceScaleFactor": 1, "mobile": False}
        made.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", narrow)
        yield made


class Sidebar:
    """The sidebar as a person sees it."""

    def __init__(self, browser: webdriver.Chrome, host: str, sheet: str) -> None:
        self.browser, self.host, self.sheet = browser, host, sheet

    def choose(self, caption: str, **more: str) -> None:
        """A choice in the menu."""
        rest = "".join(f"&{name}={quote(text)}" for name, text in more.items())
        self.browser.get(f"{self.host}/?sheet={self.sheet}&choose={quote(caption)}{rest}")

    def element(self, name: str) -> WebElement:
        return self.browser.find_element(By.ID, name)

    def text(self, name: str) -> str:
        return self.element(name).text

    def texts(self, selector: str) -> list[str]:
        return [element.text for element in self.browser.find_elements(By.CSS_SELECTOR, selector)]

    def buttons(self) -> list[str]:
        found = self.browser.find_elements(By.CSS_SELECTOR, "#buttons button")
        return [button.text for button in found if button.is_displayed() and button.is_enabled()]

    def says(self, text: str) -> None:
        wait(self.browser, text, lambda: text in self.text("status"))

    def offers(self, text: str) -> None:
        wait(self.browser, text, lambda: text in self.buttons())

    def cell(self) -> str:
        return requests.get(f"{self.host}/cell?sheet={self.sheet}", timeout=5).text


@pytest.fixture
def sidebar(browser: webdriver.Chrome, host: str, request: pytest.FixtureRequest) -> Iterator[Sidebar]:
    browser.get("about:blank")
    browser.get_log("browser")
    yield Sidebar(browser, host, getattr(request, "param", "sidebar"))
    assert [entry for entry in browser.get_log("browser") if "favicon" not in entry["message"]] == []


def runs_of(google: SheetsServer, sheets: dict[str, str], name: str) -> set[str]:
    return {row["run_id"] for row in rows_of(google, sheets[name])}


def test_a_person_clicks_twice_sees_progress_and_reads_the_outcome_of_one_run(
    sidebar: Sidebar, google: SheetsServer, sheets: dict[str, str]
) -> None:
    google.fault("delay", "GET .*spreadsheets/", delay_s=1.5, times=1)
    sidebar.choose("Run ticked scenarios")
    sidebar.says("Reading the sheet.")
    assert sidebar.element("progress").is_displayed()
    sidebar.choose("Run ticked scenarios")
    wait(sidebar.browser, "the note", lambda: "the run you started earlier" in sidebar.text("joined"))
    sidebar.says("4 of 4 scenarios solved.")
    assert sidebar.text("title") == "Run ticked scenarios"
    assert sidebar.text("who").startswith("Requested by ana@example.com (menu), ")
    found = sidebar.texts("#scenarios li")
    assert found[0] == "Pure north star\nOptimal: proven best; 2 selected, 100 of 100 tokens used."
    assert found[3].startswith("Stretch\nTargets missed: proven as close as possible;")
    assert not sidebar.element("progress").is_displayed()
    sidebar.offers("Run again")
    assert sidebar.buttons() == ["Go to Results", "Run again"]
    assert len(runs_of(google, sheets, "sidebar")) == 1
    sidebar.browser.find_element(By.ID, "results").click()
    wait(sidebar.browser, "the tab", lambda: sidebar.cell() == "Results!A1")
    sidebar.element("again").click()
    wait(sidebar.browser, "the next run", lambda: len(runs_of(google, sheets, "sidebar")) == 2)
    sidebar.offers("Run again")
    sidebar.choose("Run this scenario", cell="Scenarios!A3")
    assert sidebar.text("title") == "Run: Weighted"
    sidebar.says("1 of 1 scenario solved.")
    sidebar.choose("Show last run")
    sidebar.says("1 of 1 scenario solved.")
    assert len(sidebar.texts("#scenarios li")) == 1


@pytest.mark.parametrize("sidebar", ["broken"], indirect=True)
def test_mistakes_are_listed_and_lead_to_their_cells(sidebar: Sidebar) -> None:
    sidebar.choose("Check workbook")
    sidebar.says("3 of 4 scenarios can run.")
    assert sidebar.text("mistakes-title").startswith("1 error")
    issues = sidebar.texts("#issues li")
    assert issues[0].startswith("Error in Scenarios!B2\n")
    assert 'Did you mean "north_star"?' in issues[0]
    assert len(issues) == 1
    sidebar.browser.find_element(By.CSS_SELECTOR, "#issues button").click()
    wait(sidebar.browser, "the cell", lambda: sidebar.cell() == "Scenarios!B2")
    sidebar.offers("Check again")


@pytest.mark.parametrize("sidebar", ["q3"], indirect=True)
def test_a_row_is_explained_and_what_would_be_if_it_were_in(
    sidebar: Sidebar, google: SheetsServer, sheets: dict[str, str]
) -> None:
    sidebar.choose("Explain this row", cell="Initiatives!C3")
    sidebar.offers("What if it were in?")
    assert sidebar.text("who") == "The row of Initiatives!A3"
    found = sidebar.texts("#answer li")
    assert found[1:3] == ["B (Loyalty club)", found[2]]
    assert found[2].startswith("Not selected: ")
    sidebar.element("again").click()
    sidebar.offers("Explain this row")
    assert sidebar.texts("#answer li")[0] == "What if B must be selected"
    choose = sidebar.browser.find_element(By.CSS_SELECTOR, "#scenario option:nth-child(4)")
    choose.click()
    wait(
        sidebar.browser,
        "the other scenario",
        lambda: sidebar.texts("#answer li")[:1] != found[:1] and sidebar.buttons(),
    )
    script = sidebar.browser.execute_script
    assert script("return document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    assert runs_of(google, sheets, "q3") == set()


@pytest.mark.parametrize("sidebar", ["rules"], indirect=True)
def test_on_the_row_of_a_rule_the_plan_without_it_is_shown(sidebar: Sidebar) -> None:
    sidebar.choose("Explain this row", cell="Constraints!B2")
    sidebar.offers("Ask again")
    assert sidebar.text("title") == "What if this rule did not hold?"
    assert "In: A (Faster search)" in sidebar.texts("#answer li")
    sidebar.element("again").click()
    sidebar.offers("Ask again")


@pytest.mark.parametrize("sidebar", ["cancelled"], indirect=True)
def test_a_run_is_cancelled(sidebar: Sidebar, google: SheetsServer, sheets: dict[str, str]) -> None:
    google.fault("delay", "GET .*spreadsheets/", delay_s=2.0, times=1)
    sidebar.choose("Run ticked scenarios")
    sidebar.says("Reading the sheet.")
    sidebar.element("cancel").click()
    sidebar.says("Cancelled by ana@example.com; nothing was written.")
    sidebar.offers("Run again")
    assert sidebar.buttons() == ["Run again"]
    assert runs_of(google, sheets, "cancelled") == set()


@pytest.mark.parametrize("sidebar", ["wished"], indirect=True)
def test_a_person_sets_up_a_sheet_sees_what_will_be_added_and_runs_it(
    sidebar: Sidebar, google: SheetsServer, sheets: dict[str, str]
) -> None:
    def field(name: str) -> WebElement:
        return sidebar.browser.find_element(By.NAME, name)

    def go_on() -> None:
        sidebar.browser.find_element(By.CSS_SELECTOR, "#questions button").click()

    sidebar.choose("Set up this sheet")
    sidebar.says("Some things only you can know.")
    assert sidebar.text("who") == 'Your list: the tab "Q3 ideas", 2 rows, headers in row 1'
    assert sidebar.texts("#meanings li") == [
        "ID is read as initiative_key\nA | B",
        "Idea is read as title\nOne | Two",
        "Effort is read as engineering_tokens\n3 | 4",
        "Priority is read as priority\nHigh | Low",
    ]
    assert sidebar.texts("#questions label")[0].startswith("Which column says what each one is worth?\nPriority")
    field("capacity").send_keys("4")
    go_on()

    def proposed() -> list[str | None]:
        return [field(name).get_attribute("value") for name in ("worths0", "worths1")]

    wait(sidebar.browser, "the words", lambda: proposed() == ["8", "2"])
    wait(sidebar.browser, "a field to type in", lambda: field("worths1").send_keys("5") is None)
    go_on()
    sidebar.says("Nothing is written yet.")
    new = sidebar.texts("#newtabs li")
    assert new[1].startswith("Scenarios\nScenario: Most Priority points, Run: ticked,")
    assert new[2] == "Constraints\nEmpty, for rules."
    assert new[3].startswith("Columns\nTab: Q3 ideas, Field: Initiatives, Word: High, Worth: 8\n")
    assert new[3].endswith("Word: Low, Worth: 25")
    assert sidebar.buttons() == ["Create these tabs", "My list is on the open tab"]
    script = sidebar.browser.execute_script
    assert script("return document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    sidebar.element("again").click()
    sidebar.says("Created KPIs, Scenarios, Constraints, Columns. Your list was not changed.")
    sidebar.element("again").click()
    sidebar.says("1 of 1 scenario solved.")
    assert len(runs_of(google, sheets, "wished")) == 1


@pytest.mark.parametrize("sidebar", ["gone"], indirect=True)
def test_what_goes_wrong_is_reported_with_its_cure(sidebar: Sidebar) -> None:
    sidebar.choose("Check workbook")
    sidebar.says("The sheet was not checked.")
    problem = sidebar.element("problem")
    assert problem.get_attribute("role") == "alert"
    assert problem.text.startswith("The service cannot read this sheet\nThere is no spreadsheet at")
    assert problem.text.endswith("Share it with the service's account, as Editor.")
    sidebar.choose("Show last run")
    sidebar.says("This sheet has not been run yet, or its runs have been deleted.")
    sidebar.choose("Run ticked scenarios")
    sidebar.says("There is no spreadsheet at https://docs.google.com/")
    sidebar.offers("Run again")
    sidebar.choose("Connect...", answer="http://sheetplan.example.com")
    sidebar.says("It does not work yet.")
    assert sidebar.text("problem").startswith("The address is not valid")


@pytest.mark.parametrize("sidebar", ["q3"], indirect=True)
def test_connecting_says_that_it_works(sidebar: Sidebar, service: Installation) -> None:
    sidebar.choose("Connect...", answer=service.url)
    sidebar.says("It works: you may run this sheet.")
    assert sidebar.text("who") == f"{service.url}, as ana@example.com"


@pytest.mark.parametrize("sidebar", ["watched"], indirect=True)
def test_everyone_can_read_and_reach_what_the_sidebar_shows(sidebar: Sidebar) -> None:
    """Told to screen readers as it changes, buttons with names, contrast of 4.5 and more, nothing cut off sideways."""
    sidebar.choose("Run ticked scenarios")
    sidebar.offers("Run again")
    status = sidebar.element("status")
    assert (status.get_attribute("role"), status.get_attribute("aria-live")) == ("status", "polite")
    assert sidebar.element("progress").get_attribute("aria-label") == "Scenarios done"
    script = sidebar.browser.execute_script
    assert script("return window.innerWidth") == WIDTH
    assert script("return document.documentElement.lang") == "en"
    assert script("return document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    assert script("return [...document.images, ...document.querySelectorAll('link, script[src], iframe')].length") == 0
    colours = script("""
        return [...document.querySelectorAll("body, body *")]
            .filter((element) => element.checkVisibility() && element.tagName !== "SCRIPT")
            .map((element) => [getComputedStyle(element).color, getComputedStyle(element).backgroundColor]);
    """)
    backgrounds = {background for _, background in colours}
    assert backgrounds <= {"rgb(255, 255, 255)", "rgba(0, 0, 0, 0)", "rgb(239, 244, 253)"}
    assert min(contrast_with_white(colour) for colour, _ in colours) > 4.5


def contrast_with_white(colour: str) -> float:
    """WCAG's contrast of `rgb(r, g, b)` against white."""
    parts = [int(part) / 255 for part in colour.removeprefix("rgb(").removesuffix(")").split(",")]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 1.05 / (0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2] + 0.05)
