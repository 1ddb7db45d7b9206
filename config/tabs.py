"""The table of tabs and columns: the one place where a column, an alias, a help text or an example is added."""

from config.columns import Column, Family, InputTab, Subject, ValueType
from config.names import fold_header

DIMENSION_ALIASES = {
    "department": ("team", "dept", "squad"),
    "market": ("country", "region"),
    "category": ("theme",),
    "program": ("programme", "workstream"),
}
"""Other names of each dimension, as a header of the Initiatives tab and in the column `dimension` of rules."""
DIMENSIONS = tuple(DIMENSION_ALIASES)
"""The columns of the Initiatives tab that caps, floors and targets may slice by."""

HEADER_SEARCH_ROWS = 20
"""The header row is looked for in this many first rows; what stands above it is a title block."""

KEY, TEXT, NUMBER, BOOLEAN = ValueType.KEY, ValueType.TEXT, ValueType.NUMBER, ValueType.BOOLEAN
CHOICE, KEYS, JSON, PERIOD = ValueType.CHOICE, ValueType.KEYS, ValueType.JSON, ValueType.PERIOD

# fmt: off
# One column per paragraph reads as a table; one argument per line does not.
KPIS = InputTab(
    name="KPIs",
    aliases=("KPI", "Metrics_Config", "KPI_Config", "Metrics"),
    required=True,
    key_column="kpi_key",
    help="The measures that initiatives move, one row each, each in its own unit.",
    columns=(
        Column("kpi_key", KEY, "Unique name of the KPI, used in headers and in the other tabs.", "gmv",
               aliases=("kpi", "key", "metric", "metric_key", "kpi_id"), required=True),
        Column("kpi_name", TEXT, "What people call it. A contribution column may be headed by it.",
               "Gross merchandise value", aliases=("name", "metric_name", "display_name"), width=26),
        Column("kpi_level", CHOICE, "north_star for the one KPI that matters most, strategic for the others.",
               "north_star", aliases=("level", "kpi_type"), default="strategic", choices=("north_star", "strategic")),
        Column("unit", TEXT, "GBP, EUR, USD, fraction, pp, count, days, or any text. It decides the number format in "
               "Results; a fraction of 0.015 means 1.5 percent.", "GBP", aliases=("kpi_unit", "units"), width=10),
        Column("direction", CHOICE, "Which way is better: higher, or lower for costs and churn.", "higher",
               aliases=("better", "kpi_direction"), default="higher", choices=("higher", "lower"), width=11),
        Column("scale", NUMBER, "An amount of this KPI, in its unit, that is worth as much as the scale of any other "
               "KPI. Used by normalization = scale.", 100000.0, aliases=("kpi_scale",), minimum=0, above_minimum=True),
        Column("is_required", BOOLEAN, "Ticked: every candidate initiative must state a contribution to this KPI. "
               "0 counts, blank is an error.", False, aliases=("required",), default=False, width=12),
        Column("feeds", KEY, "The KPI that this one causes (conversion_rate feeds gmv). A scenario that rewards both "
               "is warned of counting twice.", "gmv", aliases=("feeds_kpi", "drives"), starter=False),
        Column("is_active", BOOLEAN, "Untick to leave the KPI out of every run. Blank means active.", True,
               aliases=("active",), default=True, width=11),
    ),
)

INITIATIVES = InputTab(
    name="Initiatives",
    aliases=("Candidates", "Backlog", "Initiative", "Initiative_Backlog"),
    required=True,
    key_column="initiative_key",
    help="What could be done, one row each: what it brings, what it costs, what it depends on.",
    columns=(
        Column("initiative_key", KEY, "Unique name of the initiative, such as the ticket key.", "CHECKOUT-1",
               aliases=("initiative", "key", "initiative_id", "id", "ticket"), required=True),
        Column("title", TEXT, "What the initiative is, in a few words.", "One-page checkout",
               aliases=("initiative_name", "initiative_title", "name", "summary"), width=34),
        Column("engineering_tokens", NUMBER, "What it costs of the engineering capacity, 0 or more.", 20.0,
               aliases=("tokens", "effort", "engineering_effort", "token_cost", "points", "story_points"),
               required=True, minimum=0, width=19),
        Column("kpi_contribution_json", JSON, "Contributions as a JSON object in one cell. It may stand beside "
               "contribution columns but must not disagree with them.", '{"gmv": 120000}',
               aliases=("contribution_json", "contributions_json", "kpi_contributions_json", "kpi_contributions"),
               starter=False, width=26),
        Column("department", KEY, "Dimension for caps, floors and targets.", "Growth",
               aliases=DIMENSION_ALIASES["department"]),
        Column("market", KEY, "Dimension for caps, floors and targets.", "UK",
               aliases=DIMENSION_ALIASES["market"], width=10),
        Column("category", KEY, "Dimension for caps, floors and targets.", "Conversion",
               aliases=DIMENSION_ALIASES["category"]),
        Column("program", KEY, "Dimension for caps, floors and targets.", "Checkout",
               aliases=DIMENSION_ALIASES["program"]),
        Column("period_key", PERIOD, "The period in which it can be done, such as 2026-Q1. Blank means any period.",
               "2026-Q1", aliases=("period", "quarter", "planning_period"), width=12),
        Column("is_candidate", BOOLEAN, "Untick to leave it out of every run. Blank means candidate.", True,
               aliases=("candidate",), default=True, width=13),
        Column("is_mandatory", BOOLEAN, "Ticked: it must be selected. State the reason in mandate_reason.", False,
               aliases=("mandatory", "must_do", "must_have"), default=False, width=13),
        Column("mandate_reason", TEXT, "Why it must be done. Needed when is_mandatory is ticked.",
               "Payment regulation from March", aliases=("mandatory_reason", "reason"), starter=False, width=26),
        Column("bundle_key", KEY, "All initiatives with the same bundle are selected together or not at all.",
               "new-checkout", aliases=("bundle",), starter=False),
        Column("prerequisite_keys", KEYS, "Selected only if all of these are. Separate keys by comma, semicolon, pipe "
               "or a new line.", "PAY-7, PAY-9", starter=False, width=20,
               aliases=("prerequisites", "prerequisite", "prerequisite_key", "depends_on", "dependencies", "requires")),
        Column("exclusion_keys", KEYS, "Never selected together with any of these. Separate keys as in "
               "prerequisite_keys.", "CHECKOUT-2", starter=False, width=18,
               aliases=("exclusions", "exclusion", "exclusion_key", "excludes", "conflicts_with")),
        Column("variant_of", KEY, "Name of a group of variants of one thing (an MVP and a full scope); at most one of "
               "them is selected.", "checkout-scope", aliases=("variant", "variant_group"), starter=False),
        Column("sync_status", ValueType.WRITTEN, "Written by sheetplan: OK, or what is wrong with this row.", "OK",
               width=40),
    ),
    families=(
        Family("contribution", Subject.KPI, "How far the initiative moves this KPI in the period, in the KPI's own "
               "unit. Blank means no contribution.", 120000.0, "gmv",
               prefixes=("contribution", "contrib", "impact"), bare=True),
        Family("low", Subject.KPI, "Lower end of the estimate, for the robustness study. Blank means the estimate "
               "itself.", 90000.0, "gmv low", suffixes=("low", "min")),
        Family("high", Subject.KPI, "Upper end of the estimate, for the robustness study. Blank means the estimate "
               "itself.", 150000.0, "gmv high", suffixes=("high", "max")),
        Family("cost", Subject.RESOURCE, "What it costs of a further resource, 0 or more. Blank means nothing.", 5.0,
               "cost: design days", prefixes=("cost", "costs"), minimum=0, width=18),
    ),
)

SCENARIOS = InputTab(
    name="Scenarios",
    aliases=("Scenario_Config", "Scenario", "Scenario_Configs"),
    required=True,
    key_column="scenario_name",
    help="The questions asked of the plan, one row each: what to aim for, with which capacity.",
    columns=(
        Column("scenario_name", KEY, "Unique name of the scenario.", "Most GMV", aliases=("scenario", "name"),
               required=True, width=26),
        Column("run", BOOLEAN, "Only ticked scenarios run. Without this column all do.", True,
               aliases=("run?", "selected", "enabled"), default=False, width=8),
        Column("period_key", PERIOD, "Keeps initiatives of this period and of no period. Blank means all.", "2026-Q1",
               aliases=("period", "quarter", "planning_period"), width=12),
        Column("objective_mode", CHOICE, "north_star: most of one KPI. weighted_kpis: best weighted sum. "
               "lexicographic: targets first, then the secondary objective.", "north_star",
               aliases=("mode", "objective"), required=True,
               choices=("north_star", "weighted_kpis", "lexicographic")),
        Column("north_star_kpi", KEY, "Use this KPI as the north star instead of the one in the KPIs tab.", "gmv",
               aliases=("north_star", "north_star_key"), starter=False),
        Column("objective_weights_json", JSON, "Weights as a JSON object in one cell, instead of weight columns.",
               '{"gmv": 1.0, "retention_30d": 0.4}', aliases=("weights_json", "weights"), starter=False, width=26),
        Column("targets_json", JSON, "Targets as a JSON object in one cell, in the KPIs' own units, instead of target "
               "columns.", '{"retention_30d": 0.02}', aliases=("targets", "kpi_targets_json"), starter=False, width=26),
        Column("target_priority", ValueType.PRIORITY, "Which targets come first when not all can be met: a > b = c "
               "means a first, then b and c as equals. KPIs not named come last.", "retention_30d > gmv",
               aliases=("target_priorities",), starter=False, width=22),
        Column("secondary_objective", CHOICE, "lexicographic only: what to aim for once the targets hold.",
               "north_star", default="north_star", choices=("north_star", "weighted_kpis"), starter=False),
        Column("capacity_total_tokens", NUMBER, "Engineering tokens that may be spent in all, more than 0.", 1000.0,
               aliases=("capacity", "capacity_tokens", "total_capacity", "token_capacity", "total_tokens"),
               required=True, minimum=0, above_minimum=True, width=21),
        Column("normalization", CHOICE, "Makes KPIs of different units comparable in the weighted sum: none, scale, "
               "target or ideal.", "none", aliases=("normalisation",), default="none",
               choices=("none", "scale", "target", "ideal")),
        Column("run_status", ValueType.WRITTEN, "Written by sheetplan: the outcome in one line.",
               "optimal, 2 selected, 950 of 1,000 tokens", width=40),
    ),
    families=(
        Family("weight", Subject.KPI, "How much this KPI matters in this scenario against the others, 0 or more.", 1.0,
               "weight: gmv", prefixes=("weight", "weights"), minimum=0, starter=False),
        Family("target", Subject.KPI, "The portfolio should move this KPI by at least this much, in its own unit.",
               100000.0, "target: gmv", prefixes=("target", "goal")),
        Family("capacity", Subject.RESOURCE, "Capacity of a further resource, 0 or more. Blank means not limited.",
               60.0, "capacity: design days", prefixes=("capacity",), minimum=0, width=22),
    ),
)

CONSTRAINT_TYPES = (
    "capacity_cap", "capacity_floor", "count_cap", "count_floor", "mandatory", "exclude_initiative",
    "exclude_pair", "bundle", "prerequisite", "synergy_bonus",
)
"""What each of them needs and becomes is in `sheets_sync.checks.constraint_types`."""

CONSTRAINTS = InputTab(
    name="Constraints",
    aliases=("Constraint", "Rules"),
    key_column="constraint_type",
    help="Rules beyond those on the initiatives, one row each. The tab may be absent or empty.",
    columns=(
        Column("scenario_name", KEY, "The scenario that the rule is for. Blank means all.", "Most GMV",
               aliases=("scenario",), starter=False, width=26),
        Column("constraint_type", CHOICE, "What kind of rule this is.", "capacity_cap",
               aliases=("type", "constraint", "rule", "rule_type"), required=True, choices=CONSTRAINT_TYPES, width=18),
        Column("dimension", CHOICE, "department, market, category or program: the column that the rule slices by.",
               "department", choices=DIMENSIONS, choice_aliases=DIMENSION_ALIASES, width=13),
        Column("dimension_key", KEY, "The value of the dimension, such as a department's name.", "Growth",
               aliases=("dimension_value", "slice")),
        Column("min_tokens", NUMBER, "capacity_floor: tokens that must be spent in the slice at least.", 100.0,
               aliases=("minimum_tokens", "floor_tokens"), minimum=0, starter=False),
        Column("max_tokens", NUMBER, "capacity_cap: tokens that may be spent in the slice at most.", 400.0,
               aliases=("maximum_tokens", "cap_tokens"), minimum=0),
        Column("member_keys", KEYS, "The initiatives that the rule is about. For prerequisite, the first one requires "
               "all the others.", "CHECKOUT-1, CHECKOUT-2",
               aliases=("members", "member", "initiative_keys", "initiatives"),
               starter=False, width=26),
        Column("kpi_key", KEY, "synergy_bonus: the KPI that gains.", "gmv", aliases=("kpi", "metric"), starter=False),
        Column("value", NUMBER, "count_cap and count_floor: the number of initiatives. synergy_bonus: what is added to "
               "the KPI when all members are selected.", 5.0, aliases=("amount",), starter=False),
        Column("notes", TEXT, "Yours. For a mandatory rule, its reason.", "Agreed with the team leads",
               aliases=("note", "comment", "comments"),
               starter=False, width=30),
    ),
)

TARGETS = InputTab(
    name="Targets",
    aliases=("Target", "KPI_Targets"),
    key_column="kpi_key",
    help="Floors and goals for KPIs, for the whole portfolio or one slice of it. The tab may be absent or empty.",
    columns=(
        Column("scenario_name", KEY, "The scenario that the target is for. Blank means all.", "Most GMV",
               aliases=("scenario",), starter=False, width=26),
        Column("kpi_key", KEY, "The KPI that must move.", "gmv", aliases=("kpi", "metric", "metric_key"),
               required=True),
        Column("dimension", CHOICE, "department, market, category or program. Blank means the whole portfolio.",
               "market", choices=DIMENSIONS, choice_aliases=DIMENSION_ALIASES, starter=False, width=13),
        Column("dimension_key", KEY, "The value of the dimension, such as a market's name.", "UK",
               aliases=("dimension_value", "slice"), starter=False),
        Column("floor_or_goal", CHOICE, "floor must hold in every mode. goal comes first in lexicographic mode and is "
               "reported as a gap in the others.", "floor", aliases=("kind", "target_type", "type"), default="goal",
               choices=("floor", "goal")),
        Column("target_value", NUMBER, "What the portfolio must bring, in the KPI's own unit; with a baseline, the "
               "level to reach.", 50000.0, aliases=("target", "value", "goal"), required=True),
        Column("baseline_value", NUMBER, "Where the KPI stands today. The portfolio must then bring the difference.",
               9900.0, aliases=("baseline", "current_value"), starter=False),
        Column("notes", TEXT, "Yours; not read.", "From the annual plan", aliases=("note", "comment", "comments"),
               starter=False, width=30),
    ),
)
# fmt: on

INPUT_TABS = (KPIS, INITIATIVES, SCENARIOS, CONSTRAINTS, TARGETS)
"""Every input tab, in the order of the template."""


def find_tab(title: str) -> InputTab | None:
    """The input tab that a title (or an alias of it) means; None where it is none of ours."""
    folded = fold_header(title)
    return next((tab for tab in INPUT_TABS if folded in tab.spellings), None)


def input_tabs(title: str) -> bool:
    """Whether a tab's cells are wanted as input; the filter to read a workbook with."""
    return find_tab(title) is not None
