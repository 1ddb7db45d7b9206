"""Issues that only solving a scenario can find."""

from sheets_sync.issues.issue import IssueKind, Severity

# fmt: off
SOLVING_KINDS = (
    IssueKind("drowned_weight", Severity.WARNING, "A weight that changes nothing",
              'In the scenario "{scenario}" the weight of "{kpi}" changes nothing: the KPI makes up {share} of the '
              "objective, and the same portfolio is selected without it.", "Use {remedy}.",
              {"scenario": "Balanced", "kpi": "retention_30d", "share": "0.000013%", "remedy": "normalization scale"}),
    IssueKind("normalization_without_effect", Severity.WARNING, "A normalization without effect",
              'normalization {normalization} has no effect in the scenario "{scenario}": fewer than two KPIs have a '
              "weight.",
              "Clear it, or give another KPI a weight.", {"scenario": "Balanced", "normalization": "scale"}),
    IssueKind("ideal_is_zero", Severity.WARNING, "A KPI that no portfolio changes",
              'In the scenario "{scenario}" no portfolio changes "{kpi}", so normalization ideal leaves it in its '
              "own unit.",
              "Clear its weight.", {"scenario": "Balanced", "kpi": "nps"}),
    IssueKind("best_is_nothing", Severity.WARNING, "A KPI whose best total is 0",
              'In the scenario "{scenario}" the best total of "{kpi}" is 0, '
              "so normalization ideal cannot scale it and it counts in its own unit.", "Use scale or target.",
              {"scenario": "Balanced", "kpi": "support_tickets"}),
    IssueKind("sizes_far_apart", Severity.WARNING, "Amounts that differ too much in size for a proof",
              'The answer to the scenario "{scenario}" is not proven best: "{initiative}" changes "{kpi}" by {amount}, '
              'which is so much that no solver sees the {other_amount} by which "{other}" changes "{other_kpi}" '
              "({cell}).",
              "If one of the two is a mistake, correct it; if one does not matter, untick is_candidate in its row.",
              {"scenario": "Balanced", "initiative": "PAY-7", "kpi": "gmv", "amount": "3,000,000,000,000",
               "other": "PAY-9", "other_kpi": "nps", "other_amount": "0.000001", "cell": "Initiatives!G9"}),
)
