"""The status page in a real browser, against the real service."""

import re
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path

import pytest
from selenium import webdriver
from selenium.webdriver.common.by import By

from tests.browser import chromium, wait
from tests.sheets_server.server import SheetsServer
from tests.sheets_sync.conftest import Install
from tests.sheets_sync.installation import PERSON_EMAIL, SECRET, Installation, google_workbook
from tests.sheets_sync.keys import AUDIENCE, KeyServer


@pytest.fixture
def browser(tmp_path: Path) -> Iterator[webdriver.Chrome]:
    with chromium(tmp_path / "profile") as made:
        yield made


@pytest.fixture
def service(install: Install, google: SheetsServer, key_server: KeyServer) -> Installation:
    made = install(audience=[AUDIENCE], certificates_url=key_server.url)
    made.register("q3", google_workbook(google), schedule="0 6 * * 1", time_zone="Europe/London")
    made.register("broken", "x" * 44)
    made.register("finance", google_workbook(google), allowed=["cfo@example.com"])
    made.serve()
    return made


def sign_in(browser: webdriver.Chrome, service: Installation, **fields: str) -> None:
    browser.get(service.url)
    wait(browser, "the form to sign in", lambda: browser.find_element(By.ID, "sign-in").is_displayed())
    for name, text in fields.items():
        browser.find_element(By.ID, name).send_keys(text)
    browser.find_element(By.CSS_SELECTOR, "#sign-in button").click()


def row(browser: webdriver.Chrome, workbook: str) -> str:
    return browser.find_element(By.CSS_SELECTOR, f"tr[data-workbook={workbook}]").text


def press(browser: webdriver.Chrome, label: str) -> None:
    browser.find_element(By.CSS_SELECTOR, f"button[aria-label^='{label}']").click()


def test_a_person_signs_in_runs_a_workbook_and_reads_the_outcome(
    browser: webdriver.Chrome, service: Installation, key_server: KeyServer
) -> None:
    sign_in(browser, service, token=key_server.token(), person=PERSON_EMAIL)
    wait(browser, "the workbooks", lambda: "never run" in row(browser, "q3"))
    shown = browser.find_elements(By.CSS_SELECTOR, "#workbooks tr")
    assert [item.get_attribute("data-workbook") for item in shown] == ["q3", "broken"]
    press(browser, "Run q3")
    wait(browser, "the outcome", lambda: "succeeded" in row(browser, "q3"))
    assert "4 of 4 scenarios solved." in row(browser, "q3")
    press(browser, "Run broken")
    wait(browser, "the failure in words", lambda: "failed" in row(browser, "broken"))
    assert "There is no spreadsheet at https://docs.google.com/spreadsheets/d/xxx" in row(browser, "broken")
    runs = browser.find_elements(By.CSS_SELECTOR, "#runs tr")
    assert len(runs) == 2
    assert "ana@example.com, status page" in runs[0].text
    assert [entry for entry in browser.get_log("browser") if "favicon" not in entry["message"]] == []


def test_a_run_of_the_command_line_has_a_page_with_scenarios_issues_and_what_changed(
    browser: webdriver.Chrome, service: Installation, google: SheetsServer
) -> None:
    key = service.workbooks["q3"]["location"]
    for changed in ("120000", "<img src=x onerror=alert(1)>"):
        sheet = google.client().open_by_key(key).worksheet("Initiatives")
        sheet.update_acell("D2", int(changed) if changed.isdigit() else changed)
        service.start("run", "q3").wait(timeout=60)
    sign_in(browser, service, secret=SECRET, person="ops@example.com")
    runs = "#runs tr"
    wait(browser, "the runs", lambda: len(browser.find_elements(By.CSS_SELECTOR, runs)) == 2)
    assert "command line" in browser.find_elements(By.CSS_SELECTOR, runs)[0].text
    assert "failed" in row(browser, "q3")
    browser.find_element(By.CSS_SELECTOR, f"{runs} a").click()
    wait(browser, "the page", lambda: "changed since the run" in browser.find_element(By.ID, "run-difference").text)
    shown = browser.find_element(By.ID, "run").text
    assert "q3: failed" in shown
    assert 'Initiatives!D2 gmv is "<img src=x onerror=alert(1)>"' in shown.replace(": gmv", " gmv")
    assert "contribution: gmv 120000 -> <img src=x onerror=alert(1)>" in shown
    assert "Invalid: the workbook has errors" in shown
    assert browser.find_elements(By.CSS_SELECTOR, "#run img") == []
    browser.find_element(By.LINK_TEXT, "All runs").click()
    wait(browser, "the list", lambda: browser.find_element(By.ID, "board").is_displayed())
    assert not browser.find_element(By.ID, "run").is_displayed()
    browser.find_element(By.ID, "leave").click()
    wait(browser, "the form", lambda: browser.find_element(By.ID, "sign-in").is_displayed())
    assert "command line" not in browser.page_source


def test_a_run_can_be_cancelled_by_someone_with_the_shared_secret(
    browser: webdriver.Chrome, service: Installation, google: SheetsServer
) -> None:
    google.fault("delay", "GET .*spreadsheets/", delay_s=4, times=1)
    sign_in(browser, service, secret=SECRET, person="ops@example.com")
    wait(browser, "the workbooks", lambda: "finance" in browser.find_element(By.ID, "workbooks").text)
    press(browser, "Run q3")
    wait(browser, "the run", lambda: "running (reading)" in row(browser, "q3"))
    press(browser, "Cancel")
    wait(browser, "the end", lambda: "Cancelled by ops@example.com; nothing was written." in row(browser, "q3"))


def test_a_token_that_is_not_valid_leads_back_with_the_reason(browser: webdriver.Chrome, service: Installation) -> None:
    sign_in(browser, service, token="nonsense")
    wait(browser, "the reason", lambda: browser.find_element(By.ID, "problem").is_displayed())
    assert browser.find_element(By.ID, "problem").text == "The identity token is not valid: it cannot be read."
    assert browser.find_element(By.ID, "sign-in").is_displayed()


def test_the_page_names_no_address_but_its_own() -> None:
    """Neither a sign-in of Google's nor a font comes from elsewhere: it works offline, and runs no foreign script."""
    for file in (files("sheets_sync.service") / "web").iterdir():
        assert "//" not in re.sub(r"\n *// ", "\n", file.read_text(encoding="utf-8")), file.name
