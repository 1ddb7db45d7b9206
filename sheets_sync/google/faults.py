"""The catalogue of what Google answers when it says no, each with a sentence for people and its fix.

One row per fault, the first that applies wins; the documentation's list is this table. Messages name the spreadsheet
and the account, never a token or a key.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from sheets_sync.workbook.backend import WorkbookError, WorkbookRejectedError, WorkbookUnreachableError

CLOUD_SCOPE = "https://www.googleapis.com/auth/cloud-platform"
GCLOUD_PROJECT = "764086051850"
"""The project of gcloud's own OAuth client: calls land there when user credentials name no quota project."""


LONGEST_QUOTE = 500
"""Characters of Google's own words that a message ends with."""


@dataclass(frozen=True)
class Answer:
    """An error as Google words it: HTTP status, message, the reasons of its details, and their metadata."""

    status: int
    message: str = ""
    reasons: frozenset[str] = frozenset()
    metadata: Mapping[str, str] = field(default_factory=dict)

    def says(self, *texts: str) -> bool:
        """True where the message holds one of the texts, in whatever case."""
        message = self.message.casefold()
        return any(text.casefold() in message for text in texts)


@dataclass(frozen=True)
class Api:
    """One of Google's services, as messages name it, and the scope that we ask for in order to use it."""

    title: str
    host: str
    scope: str


SHEETS = Api("Google Sheets API", "sheets.googleapis.com", "https://www.googleapis.com/auth/spreadsheets")
DRIVE = Api("Google Drive API", "drive.googleapis.com", "https://www.googleapis.com/auth/drive.metadata.readonly")
IAM = "iamcredentials.googleapis.com"
"""What impersonation needs enabled beside the API itself."""


@dataclass(frozen=True)
class Situation:
    """What a message may name: the spreadsheet, the account, whether we were writing, where people set locks, the API.

    `on_machine` is True where the account is that of the machine that we run on.
    """

    address: str
    account: str | None = None
    writing: bool = False
    locks: Sequence[str] = ()
    api: Api = SHEETS
    on_machine: bool = False

    @property
    def who(self) -> str:
        """The account as a sentence names it."""
        return self.account or "the account that runs sheetplan"


Sentence = Callable[[Answer, Situation], str]


@dataclass(frozen=True)
class Fault:
    """One way in which Google says no; `report` words it with its cure; a `defect` is our mistake, not the user's."""

    code: str
    title: str
    applies: Callable[[Answer, Situation], bool]
    report: Sentence
    defect: bool = False


QUOTAS = frozenset(
    {
        "RATE_LIMIT_EXCEEDED",
        "RESOURCE_QUOTA_EXCEEDED",
        "rateLimitExceeded",
        "userRateLimitExceeded",
        "quotaExceeded",
        "dailyLimitExceeded",
    }
)


def is_quota(answer: Answer) -> bool:
    """True where Google counts more calls than the quota allows: it passes with the minute."""
    return answer.status == 429 or bool(answer.reasons & QUOTAS)


def is_lost_name(answer: Answer) -> bool:
    """True where a name that has lost its cells is in the way: it holds its name unseen, or cannot be changed."""
    return answer.status == 400 and answer.says("named range")


def is_taken_mark(answer: Answer) -> bool:
    """True where the number of a write is taken: by a write before it, or by one that a restored version forgot."""
    return answer.status in (400, 409) and answer.says("developer metadata", "developerMetadata")


def _project(answer: Answer) -> str:
    return answer.metadata.get("consumer", "").removeprefix("projects/")


def _disabled(answer: Answer, situation: Situation) -> str:
    project = _project(answer)
    where = f"in project {project}" if project else "in the Google Cloud project of these credentials"
    host = answer.metadata.get("service", situation.api.host)
    titles = {api.host: api.title for api in (SHEETS, DRIVE)} | {IAM: "IAM Service Account Credentials API"}
    link = f"https://console.cloud.google.com/apis/library/{host}" + f"?project={project}" * bool(project)
    return (
        f"The {titles.get(host, host)} is not enabled {where}. Enable it at {link}, wait a few minutes, and run again."
    )


def _scope(_: Answer, situation: Situation) -> str:
    api = situation.api
    if situation.on_machine:
        return (
            f"This machine's access scopes do not cover the {api.title}. Stop the machine and run: gcloud compute "
            f"instances set-service-account MACHINE --scopes={CLOUD_SCOPE},{api.scope}; or let {situation.who} act as "
            f"itself: SHEETPLAN_GOOGLE__IMPERSONATE={situation.account or 'ACCOUNT'}, with the role Service Account "
            "Token Creator on itself."
        )
    return (
        f"The credentials of {situation.who} do not cover the {api.title}. Log in again with its scope: gcloud auth "
        f"application-default login --scopes={CLOUD_SCOPE},{api.scope}. If Google blocks that login, act as a service "
        "account instead: add --impersonate-service-account=ACCOUNT to it."
    )


def _no_role(answer: Answer, situation: Situation) -> str:
    project = _project(answer) or "the quota project"
    return (
        f"{situation.who} may not use {project} for quota. Give it the role Service Usage Consumer there, or choose "
        "another project: gcloud auth application-default set-quota-project PROJECT_ID"
    )


def _reasons(*reasons: str) -> Callable[[Answer, Situation], bool]:
    return lambda answer, _: bool(answer.reasons & set(reasons))


def _protected(_: Answer, situation: Situation) -> str:
    locks = "; ".join(situation.locks) or "Data > Protect sheets and ranges lists them"
    return (
        f"{situation.address} has protected cells that {situation.who} may not edit ({locks}). Add it to the people "
        "who may edit them, or change the protection to a warning. Nothing was written."
    )


def _if_sharing_is_forbidden(situation: Situation) -> str:
    """Google's answer does not say that the organization of a sheet forbids sharing it with a service account."""
    if not (situation.account or "").endswith(".gserviceaccount.com"):
        return ""
    return (
        " If your organization does not allow sharing with accounts outside it, let the account act for a person who "
        "has the sheet: google.subject."
    )


POLICIES = frozenset(
    {
        "domainPolicy",
        "USER_BLOCKED_BY_ADMIN",
        "SERVICE_NOT_VISIBLE",
        "ORG_RESTRICTION_VIOLATION",
        "ORG_RESTRICTION_HEADER_INVALID",
        "RESOURCE_USAGE_RESTRICTION_VIOLATED",
        "LOCATION_POLICY_VIOLATED",
        "LOCATION_ORG_POLICY_VIOLATED",
        "LOCATION_TAX_POLICY_VIOLATED",
        "TLS_ORG_RESTRICTION_VIOLATED",
        "TLS_CIPHER_RESTRICTION_VIOLATED",
    }
)
"""Reasons of Google's for a refusal that only administrators can lift."""
TOKENS = frozenset(
    {
        "authError",
        "ACCESS_TOKEN_EXPIRED",
        "ACCESS_TOKEN_TYPE_UNSUPPORTED",
        "CREDENTIALS_MISSING",
        "OVERLOADED_CREDENTIALS",
        "SESSION_COOKIE_INVALID",
        "API_KEY_INVALID",
        "API_KEY_SERVICE_BLOCKED",
        "API_KEY_HTTP_REFERRER_BLOCKED",
        "API_KEY_IP_ADDRESS_BLOCKED",
        "API_KEY_ANDROID_APP_BLOCKED",
        "API_KEY_IOS_APP_BLOCKED",
    }
)
"""Reasons of Google's for not taking what should show who we are."""

FAULTS: tuple[Fault, ...] = (
    Fault(
        "quota-project-role",
        "No right to use the quota project",
        lambda a, _: "USER_PROJECT_DENIED" in a.reasons or a.says("permission to use project", "serviceUsageConsumer"),
        _no_role,
    ),
    Fault(
        "quota-project",
        "User credentials without a quota project",
        lambda a, _: a.says("quota project") or ("SERVICE_DISABLED" in a.reasons and _project(a) == GCLOUD_PROJECT),
        lambda _, __: (
            "Your own Google credentials need a Google Cloud project for quota. Set one with: gcloud auth "
            "application-default set-quota-project PROJECT_ID"
        ),
    ),
    Fault("api-disabled", "API not enabled", _reasons("SERVICE_DISABLED", "accessNotConfigured"), _disabled),
    Fault(
        "project-suspended",
        "Google Cloud project suspended, deleted, or without billing",
        lambda a, _: (
            bool(a.reasons & {"CONSUMER_SUSPENDED", "CONSUMER_INVALID", "BILLING_DISABLED", "GCP_SUSPENDED"})
            or bool(a.reasons & {"ACCOUNT_STATE_INVALID", "RESOURCE_PROJECT_INVALID"})
            or a.says("has been suspended")
        ),
        lambda a, s: (
            f"Google has suspended or closed the Google Cloud project behind {s.who}"
            f"{f' ({_project(a)})' if _project(a) else ''}. Look for a notice at https://console.cloud.google.com, or "
            "use an account of another project."
        ),
    ),
    Fault(
        "network-perimeter",
        "VPC Service Controls",
        lambda a, _: "SECURITY_POLICY_VIOLATED" in a.reasons or a.says("VPC Service Controls", "organization's policy"),
        lambda _, s: (
            f"A security perimeter of your organization (VPC Service Controls) keeps {s.who} from the {s.api.title}. "
            "Ask its administrators to allow this account from this network, and give them the id in Google's words."
        ),
    ),
    Fault(
        "organization-policy",
        "Forbidden by a policy of the organization",
        lambda a, _: bool(a.reasons & POLICIES) or a.says("domain administrator", "domain policy", "by your admin"),
        lambda _, s: (
            f"A policy of your organization keeps {s.who} from {s.address}. Ask its administrators to allow the "
            f"{s.api.title}: in the Admin console it is under Security > API controls, and for Drive under Apps > "
            "Google Workspace."
        ),
    ),
    Fault(
        "scope",
        "Credentials without the scope of the API",
        _reasons("ACCESS_TOKEN_SCOPE_INSUFFICIENT", "insufficientPermissions"),
        _scope,
    ),
    Fault(
        "quota",
        "Quota used up",
        lambda a, _: is_quota(a),
        lambda _, s: (
            f"Google's quota of calls per minute for {s.who} was still exhausted after several retries. Something "
            "else uses the same account: try again in a minute, give sheetplan its own account, or request a higher "
            f"quota at https://console.cloud.google.com/apis/api/{s.api.host}/quotas"
        ),
    ),
    Fault(
        "login",
        "Credentials refused",
        lambda a, _: a.status == 401 or bool(a.reasons & TOKENS),
        lambda _, s: (
            f"Google does not accept the credentials of {s.who}: expired, revoked, or the key was deleted. Create a "
            "new key, or log in again with: gcloud auth application-default login"
        ),
    ),
    Fault(
        "protected",
        "Protected cells",
        lambda a, _: a.status in (400, 403) and a.says("protected cell", "protected range", "protected sheet"),
        _protected,
    ),
    Fault(
        "view-only",
        "Only a viewer",
        lambda a, s: a.status == 403 and s.writing,
        lambda _, s: (
            f"{s.who} can view {s.address} but not edit it. Open the sheet, choose Share, and give {s.who} the "
            "role Editor. Nothing was written."
        ),
    ),
    Fault(
        "not-shared",
        "Not shared",
        lambda a, _: a.status == 403,
        lambda _, s: (
            f"{s.address} is not shared with {s.who}. Open the sheet, choose Share, and give {s.who} the role Editor "
            f"(Viewer is enough for check and --dry-run).{_if_sharing_is_forbidden(s)}"
        ),
    ),
    Fault(
        "not-found",
        "No such spreadsheet",
        lambda a, _: a.status in (404, 410),
        lambda _, s: (
            f"There is no spreadsheet at {s.address}, or {s.who} has no access to it. Compare the address with the "
            f"one in your browser, look in the bin, and share the sheet with {s.who} as Editor."
        ),
    ),
    Fault(
        "not-a-sheet",
        "An Office file in Drive",
        lambda a, _: a.status == 400 and a.says("not supported for this document", "office file"),
        lambda _, s: (
            f"{s.address} is an Office file in Drive, not a Google Sheet. Open it, choose File > Save as "
            "Google Sheets, and use the new sheet's address; or download it and give sheetplan the .xlsx file."
        ),
    ),
    Fault(
        "full",
        "Workbook full",
        lambda a, _: (
            a.status == 400 and a.says("10000000 cells", "10,000,000 cells", "number of cells in the workbook")
        ),
        lambda _, s: (
            f"{s.address} is full: a Google Sheet holds 10 million cells, blank ones included. Delete tabs, or "
            "empty rows and columns, that you do not need. Nothing was written."
        ),
    ),
    Fault(
        "too-large",
        "Request too large",
        lambda a, _: a.status == 413 or (a.status == 400 and a.says("payload size exceeds")),
        lambda _, s: (
            f"The report is larger than Google accepts in one call, so nothing was written to {s.address}. Tick fewer "
            "scenarios, or lower google.payload_bytes so that it is sent in parts."
        ),
    ),
    Fault(
        "broken-name",
        "A named range that lost its tab",
        lambda a, _: is_lost_name(a),
        lambda a, s: (
            f"{s.address} still has named ranges of a deleted tab, which programs can neither see nor replace "
            f"({_quoted_name(a.message)} is one). Open Data > Named ranges, delete the entries that begin with "
            "sheetplan and say #REF!, and run again. Nothing was written."
        ),
    ),
    Fault(
        "tab-gone",
        "A tab vanished",
        lambda a, _: a.status == 400 and a.says("no sheet with id", "no grid with id", "unable to parse range"),
        lambda _, s: (
            f"A tab of {s.address} was deleted or renamed during the run. Run again; if it was "
            "deleted by mistake, File > Version history brings it back. Nothing was written."
        ),
    ),
    Fault(
        "conflict",
        "Somebody else's change came in between, again and again",
        lambda a, _: a.status == 409,
        lambda _, s: (
            f"Changes of others to {s.address} came in between on every attempt. "
            f"{'Run again: nothing is ever written twice.' if s.writing else 'Try again in a minute.'}"
        ),
    ),
    Fault(
        "unavailable",
        "Google is down or slow",
        lambda a, _: a.status >= 500 or a.status in (408, 499),
        lambda a, s: (
            f"Google answered {a.status} on every attempt, so {s.address} could not be "
            f"{'written' if s.writing else 'read'}. "
            f"{'Run again: nothing is ever written twice' if s.writing else 'Try again in a few minutes'}; "
            "https://www.google.com/appsstatus lists known problems."
        ),
    ),
    Fault(
        "rejected",
        "Rejected for an unknown reason",
        lambda _, __: True,
        lambda a, s: (
            f"Google refused a request about {s.address} with {a.status}. Nothing was written. This is a bug in "
            "sheetplan: please report it with this message."
        ),
        defect=True,
    ),
)


def fault_of(answer: Answer, situation: Situation) -> Fault:
    """The first row of the catalogue that applies."""
    return next(fault for fault in FAULTS if fault.applies(answer, situation))


def explained(answer: Answer, situation: Situation) -> WorkbookError:
    """The error that a person reads."""
    fault = fault_of(answer, situation)
    sentence = fault.report(answer, situation)
    # Addresses and accounts keep their spelling; only our own words begin with a capital.
    if sentence.startswith("the "):
        sentence = f"The {sentence[4:]}"
    words = " ".join(answer.message.split())[:LONGEST_QUOTE]
    text = f"{sentence}{f' Google says: {words}' if words else ''} [{fault.code}]"
    return WorkbookRejectedError(text) if fault.defect else WorkbookUnreachableError(text)


def _quoted_name(message: str) -> str:
    name = message.partition("with name:")[2].partition(",")[0].strip()
    return name or "one that begins with sheetplan"
