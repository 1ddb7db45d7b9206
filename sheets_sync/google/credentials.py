"""Whose name we act in: Google's default chain, impersonation, or an emulator without any."""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

import google.auth
from google.auth import credentials, exceptions, impersonated_credentials
from google.oauth2 import service_account

from sheets_sync.workbook.backend import WorkbookUnreachableError

SHEETS_SCOPE = "https://www.googleapis.com/auth/spreadsheets"
DRIVE_SCOPE = "https://www.googleapis.com/auth/drive.metadata.readonly"
CLOUD_SCOPE = "https://www.googleapis.com/auth/cloud-platform"
EMULATOR_VARIABLE = "SHEETS_EMULATOR_HOST"
KEY_VARIABLE = "GOOGLE_APPLICATION_CREDENTIALS"

NONE_FOUND = (
    "No Google credentials were found. Set GOOGLE_APPLICATION_CREDENTIALS to a service account's key file; or, where "
    "your organization allows no keys, act as the account: gcloud auth application-default login "
    "--impersonate-service-account=ACCOUNT; or log in as yourself: gcloud auth application-default login "
    f"--scopes={CLOUD_SCOPE},{SHEETS_SCOPE} [no-credentials]"
)
MACHINE = "the machine's service account"


@dataclass(frozen=True)
class Identity:
    """Credentials with what a message may say of them: the account's e-mail where it is known, and their kind."""

    credentials: credentials.Credentials
    account: str | None
    kind: str


def emulator_address(environment: Mapping[str, str] = os.environ) -> str | None:
    """Scheme, host and port of the emulator that SHEETS_EMULATOR_HOST names; None where it is not set.

    Raises:
        WorkbookUnreachableError: it is set to something that is no address.
    """
    text = environment.get(EMULATOR_VARIABLE, "").strip()
    if not text:
        return None
    parts = urlsplit(text if "://" in text else f"http://{text}")
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise WorkbookUnreachableError(
            f'{EMULATOR_VARIABLE} is "{text}", which is not an address. Set it to something like '
            "http://127.0.0.1:8085, or unset it to reach Google. [emulator]"
        )
    return f"{parts.scheme}://{parts.netloc}"


def find_identity(
    *,
    impersonate: str | None = None,
    subject: str | None = None,
    emulator: str | None = None,
    scope: str = SHEETS_SCOPE,
) -> Identity:
    """The credentials to act with, with the narrowest scope that works; no token is asked for yet.

    Args:
        impersonate: e-mail of a service account to act as, on the strength of the credentials that are found.
        subject: e-mail of the person in whose name that service account, or the one that is found, acts.
        emulator: its address; calls to it are anonymous.
        scope: what the token is for.

    Raises:
        WorkbookUnreachableError: none are found, or what is found cannot be used.
    """
    if emulator is not None:
        anonymous = credentials.AnonymousCredentials()  # type: ignore[no-untyped-call]  # google-auth is half typed
        return Identity(anonymous, None, f"anonymous, for the emulator at {emulator}")
    try:
        # Impersonation asks IAM for a token, and IAM's calls need the wider scope; the token itself is narrow.
        found, _ = google.auth.default(scopes=[CLOUD_SCOPE if impersonate else scope])
    except exceptions.DefaultCredentialsError as error:
        raise WorkbookUnreachableError(_unusable(str(error))) from None
    except (exceptions.GoogleAuthError, OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise WorkbookUnreachableError(_unusable(type(error).__name__)) from None
    if impersonate:
        acting = impersonated_credentials.Credentials(  # type: ignore[no-untyped-call]  # google-auth is half typed
            source_credentials=found, target_principal=impersonate, target_scopes=[scope], subject=subject
        )
        return Identity(acting, subject or impersonate, f"impersonated by {_account(found) or _kind(found)}")
    if subject:
        return _in_the_name_of(subject, found)
    return Identity(found, _account(found), _kind(found))


def _in_the_name_of(subject: str, found: credentials.Credentials) -> Identity:
    """Domain-wide delegation, which only service accounts have."""
    if not isinstance(found, service_account.Credentials):
        raise WorkbookUnreachableError(
            f'google.subject is "{subject}", but the credentials that were found ({_kind(found)}) cannot act in the '
            "name of a person. Set google.impersonate to a service account with domain-wide delegation too, or remove "
            "google.subject. [no-credentials]"
        )
    acting = found.with_subject(subject)  # type: ignore[no-untyped-call]  # google-auth is half typed
    return Identity(acting, subject, f"service account key of {_account(found)}, in the name of a person")


def _account(found: credentials.Credentials) -> str | None:
    email = getattr(found, "service_account_email", None) or getattr(found, "account", None)
    return email if isinstance(email, str) and "@" in email else None


def _kind(found: credentials.Credentials) -> str:
    module = type(found).__module__
    if "service_account" in module:
        return "service account key"
    if "compute_engine" in module:
        return MACHINE
    if "impersonated" in module:
        return "impersonated by the login of gcloud"
    if "external_account" in module or module.endswith(("aws", "pluggable", "identity_pool")):
        return "workload identity federation"
    return "user credentials from gcloud"


def _unusable(reason: str) -> str:
    path = os.environ.get(KEY_VARIABLE)
    if not path:
        return NONE_FOUND
    # Google's message may quote what it could not parse, so only the file and the kind of fault are named.
    if not os.path.isfile(path):  # noqa: PTH113 -- the variable holds text, and may be no path at all
        fault = "is not a file"
    elif not _is_json(path):
        fault = "is not a JSON key file"
    else:
        fault = "does not contain usable credentials" + (" (type is missing)" * ("type" in reason.casefold()))
    return (
        f"{KEY_VARIABLE} names {path}, which {fault}. Download a new key of the service account (JSON), or unset the "
        "variable to use gcloud's credentials. [no-credentials]"
    )


def _is_json(path: str) -> bool:
    try:
        with open(path, encoding="utf-8") as file:  # noqa: PTH123 -- see above
            json.load(file)
    except (OSError, ValueError):
        return False
    return True
