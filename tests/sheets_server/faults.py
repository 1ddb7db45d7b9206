"""Faults on order: which call goes wrong, and how."""

from __future__ import annotations

import dataclasses
import re
import threading
from dataclasses import dataclass
from typing import Any, Literal

Kind = Literal["status", "delay", "reset_before", "reset_after", "cut_body"]
KINDS = ("status", "delay", "reset_before", "reset_after", "cut_body")


@dataclass
class Fault:
    """What goes wrong with calls whose `METHOD /path?query` matches.

    `status`: answer `status` (with Retry-After, and with `body` in place of Google's usual error, if given) without
    effect; a 502 is a page of HTML, as from Google's front end. `delay`: only late. `reset_before`: the
    connection is reset before the call took effect. `reset_after`: it takes effect, then the connection is reset and
    the answer lost. `cut_body`: it takes effect, and half of the answer arrives. `delay_s` goes with every kind.
    The first `skip` matching calls pass; then `times` calls fail (None: all).
    """

    kind: Kind
    match: str = ""
    status: int = 503
    message: str | None = None
    body: dict[str, Any] | None = None
    retry_after: str | None = None
    delay_s: float = 0.0
    skip: int = 0
    times: int | None = 1

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"There is no fault {self.kind!r}; there are {', '.join(KINDS)}.")
        re.compile(self.match)


class Faults:
    """The faults that are on order."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._faults: list[Fault] = []

    def add(self, fault: Fault) -> Fault:
        """Order a fault."""
        with self._lock:
            self._faults.append(fault)
        return fault

    def clear(self) -> None:
        """Cancel all orders."""
        with self._lock:
            self._faults.clear()

    def take(self, method: str, target: str) -> Fault | None:
        """The fault of this call, if one is due; used-up orders are dropped."""
        with self._lock:
            due: Fault | None = None
            for fault in self._faults:
                if not re.search(fault.match, f"{method} {target}"):
                    continue
                if fault.skip:
                    fault.skip -= 1
                elif due is None and fault.times != 0:
                    due = dataclasses.replace(fault)
                    fault.times = None if fault.times is None else fault.times - 1
            self._faults = [fault for fault in self._faults if fault.times != 0]
            return due

    def listing(self) -> list[dict[str, Any]]:
        """The orders that stand, as JSON."""
        with self._lock:
            return [dataclasses.asdict(fault) for fault in self._faults]
