"""What an installation looks like: read once at the edge, handed on as arguments.

From the environment (prefix ``SHEETPLAN_``, nested with ``__``), else from the file that ``SHEETPLAN_CONFIG`` names,
else from ``sheetplan.toml`` in the working directory. The environment wins.
"""

import json
import os
import re
import tomllib
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any, Literal, get_args
from urllib.parse import urlsplit

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SecretStr,
    ValidationError,
    ValidationInfo,
    field_validator,
)
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails
from pydantic_settings import (
    BaseSettings,
    InitSettingsSource,
    NoDecode,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)
from pydantic_settings import SettingsError as UnreadableVariableError

from config.names import fold_key

CONFIG_VARIABLE = "SHEETPLAN_CONFIG"
DEFAULT_FILE = Path("sheetplan.toml")
PREFIX, NESTED = "SHEETPLAN_", "__"


class SettingsError(Exception):
    """The settings cannot be used; the message says which and what to do."""


def _names(value: Any) -> Any:
    """A list as variables hold it: JSON, or texts between commas."""
    if not isinstance(value, str):
        return value
    if value.lstrip().startswith("["):
        return json.loads(value)
    return [part.strip() for part in value.split(",") if part.strip()]


Names = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_names)]


def _refuse_mixed_kinds(value: Any, info: ValidationInfo, fields: Mapping[str, FieldInfo]) -> Any:
    """Truth values are no numbers, and numbers no truth values, though Python and pydantic would take them."""
    wants_truth = info.field_name is not None and fields[info.field_name].annotation is bool
    if isinstance(value, bool) and not wants_truth:
        raise ValueError(f"is {str(value).lower()}, where no true or false is expected")
    if wants_truth and isinstance(value, int | float) and not isinstance(value, bool):
        raise ValueError(f"is {value}; write true or false")
    return value


class Section(BaseModel):
    """A table of the settings file: no unknown keys, no infinite numbers, nothing changed later."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    @field_validator("*", mode="before")
    @classmethod
    def _kinds(cls, value: Any, info: ValidationInfo) -> Any:
        return _refuse_mixed_kinds(value, info, cls.model_fields)


class NotifySettings(Section):
    """Who is notified when a workbook's runs fail, recover, newly miss a target, or differ from the approved plan."""

    webhook: SecretStr | None = Field(None, description="URL that gets a JSON document for each event.")
    webhook_secret: SecretStr | None = Field(
        None, min_length=16, description="Secret that signs the documents for the webhook."
    )
    chat: SecretStr | None = Field(None, description="URL of an incoming webhook of Slack or Google Chat.")
    email: Names = Field((), description="E-mail addresses, reached through `smtp`.")

    @field_validator("webhook", "chat")
    @classmethod
    def _is_a_web_address(cls, value: SecretStr | None) -> SecretStr | None:
        parts = urlsplit("" if value is None else value.get_secret_value())
        is_here = parts.scheme == "http" and parts.hostname in ("127.0.0.1", "::1", "localhost")
        if value is not None and not (parts.scheme == "https" and parts.hostname) and not is_here:
            raise ValueError("must begin with https:// (http:// only for this machine)")
        return value


class SmtpSettings(Section):
    """The server that sends e-mail."""

    host: str = Field("127.0.0.1", description="Host of the mail server.")
    port: Annotated[int, Field(gt=0, le=65535)] = Field(25, description="Port of the mail server.")
    starttls: bool = Field(False, description="Whether to encrypt the connection with STARTTLS.")
    username: str | None = Field(None, description="Account on the mail server.")
    password: SecretStr | None = Field(None, description="Password of that account.")
    sender: str = Field("sheetplan@localhost", description="Sender of the e-mails.")


class RegisteredWorkbook(Section):
    """One workbook of the installation, known by a name."""

    location: str = Field(min_length=1, description="Google Sheets URL, spreadsheet id, or path of an .xlsx file.")
    allowed: Names = Field(
        (), description="Who may run it through the service: e-mail addresses, or @example.com for a whole domain."
    )
    schedule: str | None = Field(None, description="When the service runs it: a five-field cron expression.")
    time_zone: str = Field("UTC", description="IANA name of the schedule's time zone.")
    tick_box: bool = Field(False, description="Whether the service watches its `run now` check boxes.")
    notify: NotifySettings | None = Field(
        None, description="Who is notified about its runs, by the service and by `sync`."
    )


class GoogleSettings(Section):
    """How Google is reached."""

    impersonate: str | None = Field(None, description="E-mail of a service account to act as.")
    subject: str | None = Field(
        None, description="E-mail of the person in whose name the service account acts (domain-wide delegation)."
    )
    reads_per_minute: Annotated[int, Field(gt=0)] = Field(60, description="Most reads per minute of this process.")
    writes_per_minute: Annotated[int, Field(gt=0)] = Field(60, description="Most writes per minute of this process.")
    payload_bytes: Annotated[int, Field(ge=100_000)] = Field(
        2_000_000, description="Largest write in bytes; a larger report is sent in parts and appears with the last one."
    )
    deadline_s: Annotated[float, Field(gt=0)] = Field(
        180.0, description="Seconds after which a call is no longer retried."
    )


class ServiceSettings(Section):
    """The HTTP service and its workers."""

    database: str = Field(
        "sqlite:///sheetplan.db",
        description="Database of queued and past runs: sqlite:///PATH, or postgresql://USER:PASSWORD@HOST/NAME.",
    )
    host: str = Field("127.0.0.1", description="Address that the service listens on; 0.0.0.0 for all.")
    port: Annotated[int, Field(ge=0, le=65535)] = Field(
        8080, description="Port that it listens on; 0 takes a free one."
    )
    worker_port: Annotated[int, Field(ge=0, le=65535)] | None = Field(
        None, description="Port on which `sheetplan worker` answers /healthz, /readyz and /metrics; none by default."
    )
    audience: Names = Field((), description="OAuth client ids whose identity tokens the service accepts.")
    hosted_domains: Names = Field(
        (), description="Google Workspace domains that callers must belong to; empty accepts any."
    )
    certificates_url: str = Field(
        "https://www.googleapis.com/oauth2/v1/certs", description="Where Google publishes the keys of its tokens."
    )
    shared_secret: SecretStr | None = Field(
        None, min_length=16, description="Secret that signs requests, for installations without identity tokens."
    )
    open_workbooks: bool = Field(
        False,
        description="Whether every known caller may run any Google Sheet that the service account can edit; otherwise "
        "only registered workbooks run.",
    )
    traces_url: str | None = Field(
        None,
        pattern=r"^https?://[^\s/]+\S*$",
        description="Where OpenTelemetry traces of runs are sent (OTLP over HTTP), such as "
        "http://localhost:4318/v1/traces; needs the extra `traces`.",
    )
    concurrent_runs: Annotated[int, Field(gt=0)] = Field(4, description="Most runs that one worker handles at once.")
    slots: Annotated[int, Field(gt=0)] = Field(16, description="Most workers at the same time.")
    run_deadline_s: Annotated[float, Field(gt=0)] = Field(
        900.0, description="Seconds after which a run counts as failed."
    )
    check_deadline_s: Annotated[float, Field(gt=0)] = Field(
        45.0,
        description="Seconds after which a check or an assistant's tool gives up over HTTP; Apps Script waits for 60.",
    )
    largest_request_kb: Annotated[float, Field(gt=0)] = Field(64.0, description="Largest request body, in kB.")
    requests_per_minute: Annotated[int, Field(gt=0)] = Field(
        240,
        description="Most requests per minute from one caller that only read, as an open status page does.",
    )
    clicks_per_minute: Annotated[int, Field(gt=0)] = Field(
        60, description="Most requests per minute from one caller that start, check or cancel something."
    )
    drain_s: Annotated[float, Field(ge=0)] = Field(
        20.0, description="Seconds that runs have to finish when the service stops."
    )
    keep_days: Annotated[float, Field(gt=0)] = Field(90.0, description="Days after which finished runs are deleted.")
    poll_s: Annotated[float, Field(gt=0)] = Field(
        0.2, description="Seconds between checks for queued runs; for parts of questions, five times as many."
    )
    split_after_s: Annotated[float, Field(ge=0)] = Field(
        20.0,
        description="Seconds that the many solves of a question would take one worker, above which all workers share "
        "them.",
    )
    tick_box_s: Annotated[float, Field(gt=0)] = Field(20.0, description="Seconds between checks for ticked boxes.")
    jitter_s: Annotated[float, Field(ge=0)] = Field(
        60.0,
        description="Scheduled runs start within this many seconds of their time, each workbook with its own delay.",
    )


class StoreSettings(Section):
    """What is remembered of past runs, and where."""

    path: Path | None = Field(None, description="File for past runs; by default in your user data folder.")
    keep_runs: Annotated[int, Field(gt=0)] = Field(200, description="How many runs to keep per workbook, newest first.")
    keep_days: Annotated[float, Field(gt=0)] | None = Field(None, description="Days after which a run is deleted.")
    seal_key: SecretStr | None = Field(
        None,
        min_length=16,
        description="Secret that seals approvals, for machines that recognize each other's; by default each makes its "
        "own and keeps it in its store.",
    )

    @field_validator("path")
    @classmethod
    def _home_is_known(cls, value: Path | None) -> Path | None:
        try:
            return value and value.expanduser()
        except RuntimeError:
            raise ValueError(f"{value} begins with a user that this machine does not have") from None


class ApprovalSettings(Section):
    """How plans are approved."""

    needed: Annotated[int, Field(ge=1, le=2)] = Field(
        1, description="People who must approve a plan. With 2, neither of them may be the one who started the run."
    )


class Settings(BaseSettings):
    """Everything that an operator can set; every field has a default that works."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        env_nested_delimiter=NESTED,
        extra="forbid",
        frozen=True,
        validate_default=True,
        allow_inf_nan=False,
    )

    solver: Literal["highs", "cbc"] = Field("highs", description="Solver to use unless --solver overrides it.")
    time_limit_s: Annotated[float, Field(gt=0, allow_inf_nan=False)] | None = Field(
        60.0, description="Seconds for each scenario, all its stages together."
    )
    on_change: Literal["tell", "rerun"] = Field(
        "tell", description="What to do if a Google Sheet is edited during a run: tell (report it) or rerun."
    )
    max_file_mb: Annotated[float, Field(gt=0)] = Field(100.0, description="Largest .xlsx file that is opened, in MB.")
    google: GoogleSettings = GoogleSettings()
    service: ServiceSettings = ServiceSettings()

    store: StoreSettings = StoreSettings()
    approvals: ApprovalSettings = ApprovalSettings()
    smtp: SmtpSettings = SmtpSettings()
    workbooks: dict[str, RegisteredWorkbook] = Field({}, description="Registered workbooks by name.")

    @field_validator("*", mode="before")
    @classmethod
    def _kinds(cls, value: Any, info: ValidationInfo) -> Any:
        return _refuse_mixed_kinds(value, info, cls.model_fields)

    @field_validator("workbooks")
    @classmethod
    def _names_differ(cls, workbooks: dict[str, RegisteredWorkbook]) -> dict[str, RegisteredWorkbook]:
        known: dict[str, str] = {}
        for name in workbooks:
            other = known.setdefault(fold_key(name), name)
            if other != name:
                raise ValueError(
                    f'"{other}" and "{name}" are the same name; names differ in more than upper and lower case'
                )
        return workbooks

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003 -- the signature is pydantic-settings' own
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Arguments, then the environment, then the file."""
        return init_settings, env_settings, InitSettingsSource(settings_cls, _read_file(_settings_file()))


def load_settings() -> Settings:
    """The installation's settings.

    Raises:
        SettingsError: the file is missing or not TOML, a variable is not known, or a value is not allowed; all of them
            are named.
    """
    file = _settings_file()
    if CONFIG_VARIABLE in os.environ and not file.is_file():
        raise SettingsError(f"{CONFIG_VARIABLE} names {file}, which is not a file.")
    _refuse_unknown_variables()
    try:
        return Settings()
    except UnreadableVariableError as error:
        field = re.search(r'for field "(\w+)"', str(error))
        variable = f"{PREFIX}{field[1].upper()}" if field else "A variable"
        raise SettingsError(f"Settings that cannot be used: {variable} is not valid JSON, which is expected.") from None
    except ValidationError as error:
        lines = [_words(problem) for problem in error.errors()]
        raise SettingsError("Settings that cannot be used:\n  " + "\n  ".join(lines)) from None


def _words(problem: ErrorDetails) -> str:
    place = ".".join(map(str, problem["loc"]))
    if problem["type"] == "extra_forbidden":
        near = get_close_matches(str(problem["loc"][-1]), _names_beside(problem["loc"]), n=1)
        nearest = ".".join([*map(str, problem["loc"][:-1]), *near])
        return f"{place} is no setting.{f' Did you mean {nearest}?' if near else ''}"
    return f"{place}: {problem['msg'].removeprefix('Value error, ')}"


def _names_beside(place: tuple[int | str, ...]) -> list[str]:
    """The settings that there are in the table of one that there is not."""
    model: type[BaseModel] = Settings
    for name in place[:-1]:
        if name in model.model_fields:
            kinds = (model.model_fields[str(name)].annotation, *get_args(model.model_fields[str(name)].annotation))
            # The name of a workbook is people's own, and passed over.
            model = next((kind for kind in kinds if isinstance(kind, type) and issubclass(kind, BaseModel)), model)
    return list(model.model_fields)


def _settings_file() -> Path:
    return Path(os.environ.get(CONFIG_VARIABLE) or DEFAULT_FILE)


def _read_file(file: Path) -> dict[str, Any]:
    """The settings in a file; none where it is not there.

    Raises:
        SettingsError: it cannot be read, is not UTF-8, or is not TOML.
    """
    try:
        data = file.read_bytes() if file.is_file() else b""
    except OSError as problem:
        raise SettingsError(f"{file} cannot be read: {problem.strerror}.") from None
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as problem:
        line = data[: problem.start].count(b"\n") + 1
        is_utf16 = data.startswith((b"\xff\xfe", b"\xfe\xff"))
        what = "is saved as UTF-16" if is_utf16 else f"is not UTF-8 (line {line})"
        raise SettingsError(f"{file} {what}. Save it as UTF-8 in your editor.") from None
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        hint = " In a path, write / instead of \\, or put it in single quotes." if "\\" in text else ""
        raise SettingsError(f"{file} is not valid TOML: {error}.{hint}") from None


def _refuse_unknown_variables() -> None:
    """A misspelt variable would change nothing, and nobody would know.

    Raises:
        SettingsError: variables with our prefix that mean no setting.
    """
    known = sorted(_variables(Settings, PREFIX))
    lines = []
    for name in sorted(os.environ):
        upper = name.upper()
        if not upper.startswith(PREFIX) or upper == CONFIG_VARIABLE or upper in known:
            continue
        if upper.startswith(f"{PREFIX}WORKBOOKS{NESTED}"):
            continue  # the names of workbooks are people's own; their fields are checked with the values
        near = get_close_matches(upper, known, n=1)
        lines.append(f"{name} is no setting.{f' Did you mean {near[0]}?' if near else ''}")
    if lines:
        raise SettingsError("Environment variables that cannot be used:\n  " + "\n  ".join(lines))


def _variables(model: type[BaseModel], prefix: str) -> Iterator[str]:
    for name, field in model.model_fields.items():
        variable = f"{prefix}{name.upper()}"
        yield variable
        if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel):
            yield from _variables(field.annotation, variable + NESTED)
