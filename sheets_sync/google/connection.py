"""An account's connection to Google, and the words for what goes wrong on the way."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import gspread
import requests
from google.auth import exceptions as auth_exceptions
from google.auth.transport.requests import AuthorizedSession
from gspread.exceptions import APIError
from gspread.http_client import ParamsType

from sheets_sync.google.call_quota import MinuteLimiter
from sheets_sync.google.credentials import MACHINE, Identity, find_identity
from sheets_sync.google.faults import SHEETS, Api, Situation, explained
from sheets_sync.google.known_sizes import KnownSizes
from sheets_sync.google.token_faults import token_refused
from sheets_sync.google.transport import (
    CutBodyError,
    Patience,
    PatientClient,
    answer_of,
    in_words,
    is_too_heavy,
    never_sent,
)
from sheets_sync.workbook.backend import WorkbookError, WorkbookUnreachableError

Json = dict[str, Any]


class HeavyReadError(Exception):
    """A read that Google's side did not manage, though it was tried again: a smaller one may do."""


@dataclass(frozen=True)
class Connection:
    """One account's way to Google, shared by all workbooks and threads of a process."""

    client: gspread.Client
    identity: Identity
    patience: Patience
    emulator: str | None = None
    sizes: KnownSizes = field(default_factory=KnownSizes)

    @property
    def http(self) -> PatientClient:
        """The client that sends."""
        client = self.client.http_client
        assert isinstance(client, PatientClient)
        return client

    def situation(
        self, address: str, *, writing: bool = False, locks: Sequence[str] = (), api: Api = SHEETS
    ) -> Situation:
        """What a message about a call of this account may name."""
        on_machine = self.identity.kind == MACHINE
        return Situation(address, self.identity.account, writing, locks, api, on_machine)

    def close(self) -> None:
        """End the connections that are kept open for the next call."""
        self.http.session.close()

    def call(
        self,
        method: str,
        url: str,
        situation: Situation,
        *,
        params: ParamsType,
        body: Json | None = None,
        tries: int | None = None,
    ) -> Json:
        """One call's answer as JSON.

        With `tries`, a call that Google's side does not manage is given up after so many: ask for less.

        Raises:
            HeavyReadError: only with `tries`: the call was given up.
            WorkbookUnreachableError, WorkbookError: with the sentence that a person reads.
            APIError: status 400, for the caller to judge.
            TooLargeError: the answer is larger than we take in.
        """
        try:
            answer: Json = self.http.request(method, url, params=params, json=body, tries=tries).json()
        except APIError as error:
            if tries is not None and is_too_heavy(error):
                raise HeavyReadError from None
            if error.response.status_code == 400:
                raise
            raise refused(error, situation) from None
        except (requests.RequestException, CutBodyError, auth_exceptions.GoogleAuthError, ValueError) as error:
            if tries is not None and is_too_heavy(error):
                raise HeavyReadError from None
            raise unreachable(error, situation, self.patience.deadline_s) from None
        return answer


def connect(
    *,
    impersonate: str | None = None,
    subject: str | None = None,
    reads_per_minute: int = 60,
    writes_per_minute: int = 60,
    emulator: str | None = None,
    patience: Patience | None = None,
    identity: Identity | None = None,
    sizes: KnownSizes | None = None,
) -> Connection:
    """A connection in the name of `identity`, else of what Google's default chain finds; nothing is sent yet.

    Args:
        impersonate: e-mail of a service account to act as.
        subject: e-mail of the person in whose name that account acts.
        reads_per_minute, writes_per_minute: the quotas to keep.
        emulator: address from `emulator_address`; every call goes there, anonymously unless an identity is given.
        patience: deadline, and where time comes from.
        sizes: what is known of the sizes of spreadsheets.

    Raises:
        WorkbookUnreachableError: no credentials are found, or they cannot be used.
    """
    patience = patience or Patience()
    identity = identity or find_identity(impersonate=impersonate, subject=subject, emulator=emulator)
    session = AuthorizedSession(identity.credentials)  # type: ignore[no-untyped-call]  # google-auth is half typed
    if emulator is not None:
        # A proxy of the environment must not come between us and an emulator on this machine.
        session.trust_env = False
    client = gspread.Client(auth=identity.credentials, session=session, http_client=PatientClient)
    connection = Connection(client, identity, patience, emulator, sizes or KnownSizes())
    connection.http.patience = patience
    connection.http.emulator = emulator
    connection.http.limiter = MinuteLimiter(
        {"read": reads_per_minute, "write": writes_per_minute}, clock=patience.clock, sleep=patience.sleep
    )
    return connection


def refused(error: APIError, situation: Situation) -> WorkbookError:
    """Google's refusal as the error that a person reads."""
    return explained(answer_of(error), situation)


def unreachable(error: Exception, situation: Situation, deadline_s: float) -> WorkbookUnreachableError:
    """A call that got no answer, as the error that a person reads; no URL with parameters, no header, no token."""
    again = "Run again: nothing is ever written twice." if situation.writing else "Try again in a few minutes."
    if isinstance(error, auth_exceptions.GoogleAuthError) and not isinstance(error, auth_exceptions.TransportError):
        return WorkbookUnreachableError(token_refused(error, situation))
    if isinstance(error, requests.exceptions.SSLError):
        return WorkbookUnreachableError(
            "Google's certificate could not be verified. A proxy may be presenting its own: set REQUESTS_CA_BUNDLE "
            "to the file with its certificate authority. [certificate]"
        )
    if never_sent(error) or isinstance(error, auth_exceptions.TransportError):
        done = "written" if situation.writing else "read"
        return WorkbookUnreachableError(
            f"Google cannot be reached from here, so {situation.address} was not {done}. "
            "Check the network, and the proxy settings (HTTPS_PROXY). [network]"
        )
    return WorkbookUnreachableError(
        f"Google did not answer completely about {situation.address} within {deadline_s:.0f} s: {in_words(error)}. "
        f"{again} [network]"
    )
