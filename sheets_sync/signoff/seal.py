"""The seal of an approval: a digest of what was frozen, and a code that only the installation's key can make of it.

The digest can be computed anew by whoever edits the tab, so it finds accidents and not deceit. The code (HMAC with
SHA-256, RFC 2104) cannot be made without the key, which is in the installation's store or its settings. What an
installation has recorded itself goes before both.
"""

import hashlib
import hmac
import re
from dataclasses import dataclass

_DIGEST, _KEY_ID, _CODE = 32, 8, 32
_TEXT = re.compile(rf"([0-9a-f]{{{_DIGEST}}}) ([0-9a-f]{{{_KEY_ID}}}) ([0-9a-f]{{{_CODE}}})")


@dataclass(frozen=True, slots=True)
class Seal:
    """The first 128 bits of the digest and of the code, and the first 32 of the key's own digest."""

    digest: str
    key_id: str
    code: str

    @staticmethod
    def made(digest: str, key: bytes) -> "Seal":
        """The seal of a digest, made with a key."""
        code = hmac.new(key, digest[:_DIGEST].encode(), hashlib.sha256).hexdigest()
        return Seal(digest[:_DIGEST], key_id(key), code[:_CODE])

    @staticmethod
    def parse(text: str) -> "Seal | None":
        """The seal that a text shows; None where it shows none."""
        found = _TEXT.fullmatch(text.strip())
        return None if found is None else Seal(*found.groups())

    def __str__(self) -> str:
        return f"{self.digest} {self.key_id} {self.code}"

    def holds(self, digest: str) -> bool:
        """Whether this is the digest that was sealed."""
        return hmac.compare_digest(self.digest, digest[:_DIGEST])

    def is_made_with(self, key: bytes) -> bool:
        """Whether that key made it."""
        return self == Seal.made(self.digest, key)


def key_id(key: bytes) -> str:
    """What a key is known by; it says nothing about the key."""
    return hashlib.sha256(b"sheetplan seal key" + key).hexdigest()[:_KEY_ID]
