"""Checks: a snapshot becomes a plan, or everything that is wrong in it. The door is `check`."""

from sheets_sync.checks.check_snapshot import Checked, CheckedScenario, check

__all__ = ["Checked", "CheckedScenario", "check"]
