"""Why Google gives no token, in words: one row per cause that its answers name, with the cure."""

import re
from dataclasses import dataclass

from sheets_sync.google.faults import LONGEST_QUOTE, Situation

AGAIN = "gcloud auth application-default login"
SECRETS = re.compile(r"(ya29\.|1//|eyJ)[\w./+-]+|-----BEGIN.*", re.DOTALL)


@dataclass(frozen=True)
class TokenFault:
    """One way in which the token endpoint says no: the texts that show it, what it means, and the cure."""

    texts: tuple[str, ...]
    meaning: str
    cure: str


TOKEN_FAULTS = (
    TokenFault(
        ("reasonable timeframe", "issued in the future", "iat", "exp claim"),
        "the request was signed with a clock that is minutes off",
        "Let the operating system set the clock of this machine from the network (NTP).",
    ),
    TokenFault(
        ("Invalid JWT", "account not found"),
        "the key, or the whole service account, was deleted or disabled",
        "Create a new key, or enable the account again under IAM & Admin > Service Accounts.",
    ),
    TokenFault(
        ("unauthorized_client", "Requested client not authorized", "access_denied"),
        "it may not act as the person of google.subject",
        "In the Admin console, open Security > API controls > Domain-wide delegation, and add the service account's "
        "client id with the scope {scope}.",
    ),
    TokenFault(
        ("iamcredentials.googleapis.com", "IAM Service Account Credentials API"),
        "the IAM Service Account Credentials API is not enabled in its project",
        "Enable it at https://console.cloud.google.com/apis/library/iamcredentials.googleapis.com and wait a few "
        "minutes.",
    ),
    TokenFault(
        ("Gaia id not found", "NOT_FOUND"),
        "there is no such service account",
        "Compare google.impersonate with the e-mail under IAM & Admin > Service Accounts.",
    ),
    TokenFault(
        ("getAccessToken", "signJwt", "impersonated", "PERMISSION_DENIED"),
        "your own account may not act as it",
        "Grant your own account the role Service Account Token Creator on it.",
    ),
    TokenFault(
        ("audience", "invalid_target", "workload identity", "Identity Pool", "subject token", "issuer", "STS"),
        "workload identity federation is not set up as its configuration file says",
        "Compare pool, provider, audience and the path of the token in that file with IAM & Admin > Workload Identity "
        "Federation, or write it anew: gcloud iam workload-identity-pools create-cred-config",
    ),
    TokenFault(
        ("invalid_rapt", "reauth", "Reauthentication"),
        "your organization asks for a new login every few hours",
        f"Log in again with: {AGAIN}. For runs without a person, use a service account.",
    ),
    TokenFault(
        ("metadata", "Compute Engine"),
        "this machine has no service account, or its metadata server does not answer",
        "Give the machine a service account, or set GOOGLE_APPLICATION_CREDENTIALS.",
    ),
)
ANY_OTHER = TokenFault(
    (),
    "the login expired or was revoked",
    f"Log in again with: {AGAIN}, or create a new key for the service account.",
)


def token_refused(error: Exception, situation: Situation) -> str:
    """The sentence for people; Google's own words come last, without anything that could be a secret."""
    said = " ".join(str(part) for part in error.args)
    folded = said.casefold()
    fault = next((f for f in TOKEN_FAULTS if any(text.casefold() in folded for text in f.texts)), ANY_OTHER)
    cure = fault.cure.format(scope=situation.api.scope)
    words = " ".join(SECRETS.sub("...", said).split())[:LONGEST_QUOTE]
    ending = f" Google says: {words}" if words else ""
    return f"Google refuses a token for {situation.who}: {fault.meaning}. {cure}{ending} [login]"
