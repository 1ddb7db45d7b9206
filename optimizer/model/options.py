"""What a scenario can do about an initiative: start it in one of its periods, or stop it if it is in progress."""

from dataclasses import dataclass

from optimizer.plan import TOKENS, Initiative, Synergy


@dataclass(frozen=True, slots=True)
class Option:
    """One x column. `start` is a period of the horizon, from 0 (always 0 in a plan of one period); None is stopped."""

    initiative: Initiative
    start: int | None

    @property
    def key(self) -> str:
        """The initiative's key."""
        return self.initiative.key

    @property
    def finish(self) -> int:
        """The period in which the work is finished; ValueError for what is stopped."""
        if self.start is None:
            raise ValueError(f"{self.key} is stopped, and never finished")
        return self.start + self.initiative.duration - 1

    def cost(self, resource: str, period: int | None = None) -> float:
        """What it spends of a resource in one period of the horizon, or (None) in all; stopping is paid in period 0."""
        if self.start is None:
            return self.initiative.stop_cost if resource == TOKENS and not period else 0.0
        if period is None:
            return self.initiative.costs.get(resource, 0.0)
        return self.initiative.spent_in(resource, period - self.start)


@dataclass(frozen=True, slots=True)
class SynergyColumn:
    """One y column: a synergy whose members are all finished by the end of the period `by`."""

    synergy: Synergy
    by: int
