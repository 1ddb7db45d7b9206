"""What the checks know so far: filled tab by tab, and handed to every check as one thing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sheets_sync.checks.drafts import InitiativeDraft, KpiDraft, ScenarioDraft
from sheets_sync.checks.issue_collector import Findings
from sheets_sync.inputs.name_matching import Vocabulary


@dataclass
class CheckContext:
    """The drafts of the tabs that are read, and where issues go.

    `locale` is the workbook's, `kpi_names` finds a KPI by its key or name. A tab that has not been read, or that the
    workbook lacks, has left nothing.
    """

    locale: str | None
    findings: Findings = field(default_factory=Findings)
    kpis: list[KpiDraft] = field(default_factory=list)
    kpi_names: Vocabulary = field(default_factory=lambda: Vocabulary(()))
    initiatives: list[InitiativeDraft] = field(default_factory=list)
    scenarios: list[ScenarioDraft] = field(default_factory=list)
    resources: Sequence[str] = ()
    """The further resources that initiatives cost, as the headers of their columns name them."""
    sizes: Mapping[str, float] = field(default_factory=dict)
    """How many tokens each size is, by its folded word."""
    worths: Mapping[str, float] = field(default_factory=dict)
    """What each word of a column of such words is worth, by the folded word."""

    @property
    def inactive_kpis(self) -> frozenset[str]:
        """The keys of the KPIs that are left out of every run."""
        return frozenset(kpi.key for kpi in self.kpis if not kpi.is_active)

    @property
    def initiatives_by_key(self) -> Mapping[str, InitiativeDraft]:
        """The initiatives whose key can be read."""
        return {draft.key: draft for draft in self.initiatives if draft.key is not None}
