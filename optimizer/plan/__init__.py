"""The plan: what the optimizer is asked. Frozen, validated, self-consistent; every key it mentions exists in it.

Contributions live on initiatives (impact, native units of the KPI), weights live on scenarios (preference), targets are
constraints. They meet only in `optimizer.model.objectives` and `optimizer.rules`.

Keys are opaque strings here, compared exactly: whoever builds a plan has already folded case and blanks. A `source` is
the place where a person wrote the thing down (for example ``Scenarios!H3``); the optimizer never reads it, it only
hands it back in explanations.
"""

from optimizer.plan.initiative import Accrual, Direction, Initiative, Kpi
from optimizer.plan.parts import (
    TOKENS,
    Finite,
    Key,
    NonNegative,
    PlanPart,
    Positive,
    Share,
    Slice,
    capacity_left,
    capacity_of,
    spoken_resource,
)
from optimizer.plan.plan import Plan
from optimizer.plan.rule_specs import (
    AnyPrerequisite,
    Ban,
    Bundle,
    ChangeLimit,
    CountBound,
    Incompatibility,
    Kept,
    Mandate,
    Mentioned,
    PeriodCapacity,
    Prerequisite,
    RuleSpec,
    ShareBound,
    Synergy,
    TokenBound,
    rules_of_kind,
)
from optimizer.plan.scenario import Normalization, ObjectiveMode, Scenario, Target, TargetKind
from optimizer.plan.selection import Selection, keys_of, start_of

__all__ = [
    "TOKENS",
    "Accrual",
    "AnyPrerequisite",
    "Ban",
    "Bundle",
    "ChangeLimit",
    "CountBound",
    "Direction",
    "Finite",
    "Incompatibility",
    "Initiative",
    "Kept",
    "Key",
    "Kpi",
    "Mandate",
    "Mentioned",
    "NonNegative",
    "Normalization",
    "ObjectiveMode",
    "PeriodCapacity",
    "Plan",
    "PlanPart",
    "Positive",
    "Prerequisite",
    "RuleSpec",
    "Scenario",
    "Selection",
    "Share",
    "ShareBound",
    "Slice",
    "Synergy",
    "Target",
    "TargetKind",
    "TokenBound",
    "capacity_left",
    "capacity_of",
    "keys_of",
    "rules_of_kind",
    "spoken_resource",
    "start_of",
]
