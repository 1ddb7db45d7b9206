"""Settings from the file and the environment: every mistake is a sentence that says where it is."""

from pathlib import Path

import pytest

from config.settings import Settings, SettingsError, load_settings


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def refusal() -> str:
    with pytest.raises(SettingsError) as error:
        load_settings()
    return str(error.value)


def of_file(text: str | bytes) -> Settings:
    Path("sheetplan.toml").write_bytes(text if isinstance(text, bytes) else text.encode())
    return load_settings()


def test_the_environment_wins_over_the_file(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHEETPLAN_SERVICE__PORT", "9090")
    settings = of_file("time_limit_s = 5\n[service]\nport = 8081\nhost = '0.0.0.0'\n")
    assert (settings.time_limit_s, settings.service.port, settings.service.host) == (5.0, 9090, "0.0.0.0")


@pytest.mark.parametrize("text", ["a.example, b.example", '["a.example", "b.example"]', " a.example,b.example, "])
def test_lists_in_variables_are_json_or_have_commas(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setenv("SHEETPLAN_SERVICE__AUDIENCE", text)
    assert load_settings().service.audience == ("a.example", "b.example")


def test_a_byte_order_mark_is_no_mistake() -> None:
    assert of_file(b"\xef\xbb\xbfsolver = 'cbc'\n").solver == "cbc"


@pytest.mark.parametrize(
    ("data", "told"),
    [
        ("solver = 'cbc'\n".encode("utf-16"), "sheetplan.toml is saved as UTF-16. Save it as UTF-8 in your editor."),
        (
            "a = 1\n# größer\n".encode("latin-1"),
            "sheetplan.toml is not UTF-8 (line 2). Save it as UTF-8 in your editor.",
        ),
        (b'[store]\npath = "C:\\Users\\ana"\n', "In a path, write / instead of \\, or put it in single quotes."),
        (b"solver = \n", "sheetplan.toml is not valid TOML: Invalid value (at line 1"),
        (b"time_limit_s = inf\n", "time_limit_s: Input should be a finite number"),
        (b"time_limit_s = nan\n", "time_limit_s: Input should be"),
        (b"max_file_mb = inf\n", "max_file_mb: Input should be a finite number"),
        (b"[service]\nrun_deadline_s = inf\n", "service.run_deadline_s: Input should be a finite number"),
        (b"time_limit_s = true\n", "time_limit_s: is true, where no true or false is expected"),
        (b"[service]\nport = true\n", "service.port: is true, where no true or false is expected"),
        (b"[service]\nopen_workbooks = 1\n", "service.open_workbooks: is 1; write true or false"),
        (b"[service]\nprot = 1\n", "service.prot is no setting. Did you mean service.port?"),
        (b"solvr = 'cbc'\n", "solvr is no setting. Did you mean solver?"),
        (b"[workbooks.q3]\nlocaton = 'a'\n", "workbooks.q3.locaton is no setting. Did you mean workbooks.q3.location?"),
        (
            b"[workbooks.q3]\nlocation='a'\nnotify={web_hook='https://a.example'}\n",
            "workbooks.q3.notify.web_hook is no setting. Did you mean workbooks.q3.notify.webhook?",
        ),
        (
            b"[workbooks.q3]\nlocation = 'a'\n[workbooks.Q3]\nlocation = 'b'\n",
            'workbooks: "q3" and "Q3" are the same name',
        ),
        (
            b"[workbooks.q3.notify]\nchat = 'http://127.0.0.1.evil.example'\n",
            "q3.notify.chat: must begin with https://",
        ),
        (
            b"[workbooks.q3]\nlocation='a'\nnotify={chat='http://example.com'}\n",
            "workbooks.q3.notify.chat: must begin with",
        ),
    ],
)
def test_a_mistake_in_the_file_is_a_sentence_with_its_place(data: bytes, told: str) -> None:
    Path("sheetplan.toml").write_bytes(data)
    assert told in refusal()


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("SHEETPLAN_SOLVR", "cbc", "SHEETPLAN_SOLVR is no setting. Did you mean SHEETPLAN_SOLVER?"),
        ("SHEETPLAN_SERVICE_PORT", "1", "SHEETPLAN_SERVICE_PORT is no setting. Did you mean SHEETPLAN_SERVICE__PORT?"),
        ("SHEETPLAN_XYZZY", "1", "SHEETPLAN_XYZZY is no setting."),
        ("SHEETPLAN_SERVICE__PORT", "many", "service.port: Input should be a valid integer"),
        ("SHEETPLAN_WORKBOOKS", "q3", "Settings that cannot be used: SHEETPLAN_WORKBOOKS is not valid JSON"),
        ("SHEETPLAN_SERVICE", "{", "Settings that cannot be used: SHEETPLAN_SERVICE is not valid JSON"),
        ("SHEETPLAN_TIME_LIMIT_S", "nan", "time_limit_s: Input should be"),
        (
            "SHEETPLAN_STORE__PATH",
            "~nouser/x",
            "store.path: ~nouser/x begins with a user that this machine does not have",
        ),
    ],
)
def test_a_mistake_in_a_variable_is_a_sentence_with_its_name(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, told: str
) -> None:
    monkeypatch.setenv(name, value)
    assert told in refusal()


def test_workbooks_can_be_registered_by_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHEETPLAN_WORKBOOKS__Q3__LOCATION", "plan.xlsx")
    monkeypatch.setenv("SHEETPLAN_WORKBOOKS__Q3__ALLOWED", "ana@example.com,@finance.example.com")
    (workbook,) = load_settings().workbooks.values()
    assert (workbook.location, workbook.allowed) == ("plan.xlsx", ("ana@example.com", "@finance.example.com"))
