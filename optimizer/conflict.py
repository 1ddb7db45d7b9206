"""Why no portfolio keeps every rule, in the words of the sheet, and what would mend it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class RuleInWords:
    """A rule as people read it; `kind` is the stable name of its class, `source` the cell where it stands."""

    kind: str
    wording: str
    source: str | None


@dataclass(frozen=True, slots=True)
class Change:
    """One change to a rule: a bound from one number to another, or (both None) a yes/no rule dropped."""

    rule: RuleInWords
    from_value: float | None
    to_value: float | None
    sentence: str


@dataclass(frozen=True, slots=True)
class Relaxation:
    """Changes that together make the scenario possible, each relaxation proven by solving."""

    changes: tuple[Change, ...]
    sentence: str


@dataclass(frozen=True, slots=True)
class Conflict:
    """Rules that cannot hold together.

    Attributes:
        rules: the rules in conflict.
        minimal: whether it is proven that dropping any one of them ends this conflict.
        relaxations: cheapest changes, one per way out.
        sentence: the conflict in one sentence.
    """

    rules: tuple[RuleInWords, ...]
    minimal: bool
    relaxations: tuple[Relaxation, ...]
    sentence: str
