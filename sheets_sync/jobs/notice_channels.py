"""The ways in which a notice reaches people: a signed webhook, a chat's incoming webhook, e-mail.

Addresses of incoming webhooks are secrets themselves, so no error quotes one.
"""

import hashlib
import hmac
import json
import smtplib
import ssl
import time
from collections.abc import Callable, Mapping
from email.message import EmailMessage
from typing import Any

import requests

from config.settings import NotifySettings, SmtpSettings

CHANNELS = ("webhook", "chat", "email")
SIGNATURE, TIMESTAMP, DELIVERY = "X-Sheetplan-Signature", "X-Sheetplan-Timestamp", "X-Sheetplan-Delivery"
TIMEOUT_S = 10.0
HEADLINES = {
    "failed": "failed",
    "recovered": "works again",
    "target_missed": "misses a target that it met before",
    "differs_from_approved": "differs from the approved plan",
}


class NotSentError(Exception):
    """A notice did not reach its receiver; the message names the channel and the reason, never an address."""


def signature(secret: str, timestamp: str, body: bytes) -> str:
    """The hex HMAC-SHA256, with the secret as key, of the timestamp, a full stop, and the body."""
    return hmac.new(secret.encode(), timestamp.encode() + b"." + body, hashlib.sha256).hexdigest()


class Sender:
    """Sends notices; `now` is the clock of signatures."""

    def __init__(self, smtp: SmtpSettings, *, now: Callable[[], float] = time.time) -> None:
        self._smtp = smtp
        self._now = now

    def send(self, channel: str, asked: NotifySettings, key: str, document: Mapping[str, Any]) -> None:
        """Send one notice on one of `CHANNELS`.

        Raises:
            NotSentError: the receiver did not take it.
        """
        try:
            if channel == "webhook":
                self._webhook(asked, key, document)
            elif channel == "chat":
                self._chat(asked, document)
            else:
                self._email(asked, document)
        except (requests.RequestException, smtplib.SMTPException, OSError, ValueError) as error:
            raise NotSentError(f"{channel} cannot be reached ({type(error).__name__})") from None

    def _webhook(self, asked: NotifySettings, key: str, document: Mapping[str, Any]) -> None:
        assert asked.webhook is not None
        body = json.dumps(document, ensure_ascii=False).encode()
        timestamp = str(int(self._now()))
        # The id tells receivers that they have had it, should an answer of theirs get lost.
        headers = {TIMESTAMP: timestamp, DELIVERY: hashlib.sha256(key.encode()).hexdigest()[:32]}
        if asked.webhook_secret is not None:
            headers[SIGNATURE] = signature(asked.webhook_secret.get_secret_value(), timestamp, body)
        _post("webhook", asked.webhook.get_secret_value(), body, headers)

    def _chat(self, asked: NotifySettings, document: Mapping[str, Any]) -> None:
        assert asked.chat is not None
        # Angle brackets are how Slack and Google Chat write links and call everybody.
        text = f"{headline(document)}\n{_lines(document)}".replace("<", "‹").replace(">", "›")
        _post("chat", asked.chat.get_secret_value(), json.dumps({"text": text}).encode(), {})

    def _email(self, asked: NotifySettings, document: Mapping[str, Any]) -> None:
        message = EmailMessage()
        message["Subject"] = " ".join(headline(document).split())
        message["From"] = self._smtp.sender
        message["To"] = ", ".join(asked.email)
        message.set_content(_lines(document))
        with smtplib.SMTP(self._smtp.host, self._smtp.port, timeout=TIMEOUT_S) as server:
            if self._smtp.starttls:
                # Without a context of ours any certificate would do, and whoever is in between got the password.
                server.starttls(context=ssl.create_default_context())
            if self._smtp.username is not None and self._smtp.password is not None:
                server.login(self._smtp.username, self._smtp.password.get_secret_value())
            server.send_message(message)


def headline(document: Mapping[str, Any]) -> str:
    """What happened, in a line."""
    return f"sheetplan: {document['workbook']} {HEADLINES[document['event']]}"


def _lines(document: Mapping[str, Any]) -> str:
    lines = [document["text"], f"Run {document['run_id']}."]
    return "\n".join([*lines, *([document["results_url"]] if document["results_url"] else [])])


def _post(channel: str, url: str, body: bytes, headers: Mapping[str, str]) -> None:
    sent = {"Content-Type": "application/json; charset=utf-8", **headers}
    # Nowhere else than where the settings say: what redirects is an error.
    answer = requests.post(url, data=body, headers=sent, timeout=TIMEOUT_S, allow_redirects=False)
    if not 200 <= answer.status_code < 300:
        raise NotSentError(f"{channel} answered {answer.status_code}")
