"""The table of tabs and columns: the one place where a column, an alias, a help text or an example is added."""

from config.columns import Column, Family, InputTab, Subject, ValueType
from config.names import fold_header
from config.words import STATUSES

DIMENSION_ALIASES = {
    "department": ("team", "dept", "squad"),
    "market": ("country", "region"),
    "category": ("theme",),
    "program": ("programme", "workstream"),
}
"""Other names of each dimension, as a header of the Initiatives tab and in the column `dimension` of rules."""
DIMENSIONS = tuple(DIMENSION_ALIASES)
SYNC_STATUS, DECISION, RUN_STATUS = "sync_status", "decision", "run_status"
"""The columns that sheetplan writes on input tabs."""
OUR_DECISION = "sheetplan_decision"
"""The header of the decisions where people have a column `decision` of their own."""
"""The columns of the Initiatives tab that caps, floors and targets may slice by."""

HEADER_SEARCH_ROWS = 20
"""The header row is looked for in this many first rows; anything above it is a title block."""

KEY, TEXT, NUMBER, BOOLEAN = ValueType.KEY, ValueType.TEXT, ValueType.NUMBER, ValueType.BOOLEAN
CHOICE, KEYS, JSON, PERIOD = ValueType.CHOICE, ValueType.KEYS, ValueType.JSON, ValueType.PERIOD
DATE = ValueType.DATE

# fmt: off
# One column per paragraph reads as a table; one argument per line does not.
KPIS = InputTab(
    name="KPIs",
    aliases=("KPI", "Metrics_Config", "KPI_Config", "Metrics"),
    required=True,
    key_column="kpi_key",
    help="The measures that initiatives change, one row each, each in its own unit.",
    columns=(
        Column("kpi_key", KEY, "Unique name of the KPI, used in headers and in the other tabs.", "gmv",
               aliases=("kpi", "key", "metric", "metric_key", "kpi_id"), header="KPI", required=True),
        Column("kpi_name", TEXT, "Its display name. Can also be the header of a contribution column.",
               "Gross merchandise value", aliases=("name", "metric_name", "display_name"), header="Name", width=26),
        Column("kpi_level", CHOICE, "north_star for the one KPI that matters most, strategic for the others.",
               "north_star", aliases=("level", "kpi_type"), header="Level", default="strategic",
               choices=("north_star", "strategic")),
        Column("unit", TEXT, "GBP, EUR, USD, fraction, pp, count, days, or any text. It decides the number format in "
               "Results; a fraction of 0.015 means 1.5 percent.", "GBP", aliases=("kpi_unit", "units"), width=10),
        Column("direction", CHOICE, "Which way is better: higher, or lower for costs and churn.", "higher",
               aliases=("better", "kpi_direction"), default="higher", choices=("higher", "lower"), width=11),
        Column("scale", NUMBER, "An amount of this KPI, in its unit, worth as much as the scale of any other KPI. "
               "Used by normalization = scale.", 100000.0, aliases=("kpi_scale",), minimum=0, above_minimum=True),
        Column("is_required", BOOLEAN, "Ticked: every candidate initiative must have a contribution to this KPI. 0 is "
               "allowed, blank is an error.", False, aliases=("required",), default=False, header="Required", width=12),
        Column("feeds", KEY, "The KPI that this one drives (conversion_rate feeds gmv). A warning appears where a "
               "scenario counts both.", "gmv", aliases=("feeds_kpi", "drives")),
        Column("accrues", CHOICE, "In plans over several periods: once, when the initiative is finished, or "
               "each_period, in every period after that until the plan ends (revenue per quarter).", "once",
               aliases=("accrual",), default="once", choices=("once", "each_period"), width=13),
        Column("is_active", BOOLEAN, "FALSE leaves the KPI out of every run. Blank means active.", True,
               aliases=("active",), default=True, header="Active", width=11),
    ),
)

LONGEST_PROFILE = 8
"""So many periods have a column of their own for what is spent in them."""
_PROFILE = tuple(
    Column(f"tokens_in_{number}", NUMBER, f"Of the effort, what is spent in period {number} of its work. Where these "
           "columns are blank, it is spread evenly; costs of other resources are spread as the tokens are.", 4.0,
           aliases=(f"effort_in_{number}",), is_amount=True, minimum=0, in_template=number < 3, width=12)
    for number in range(1, LONGEST_PROFILE + 1)
)

INITIATIVES = InputTab(
    name="Initiatives",
    aliases=("Candidates", "Backlog", "Initiative", "Initiative_Backlog"),
    lookalikes=("Product Backlog", "Sprint Backlog", "Feature Backlog", "Team Backlog", "Backlog Items", "Roadmap",
                "Product Roadmap", "Issues", "Work Items", "Features", "Feature List", "Feature Requests", "Epics",
                "User Stories", "Stories", "Tasks", "Ideas", "Projects", "Project List", "Portfolio",
                "Your Jira Issues", "Jira Issues", "Jira"),
    required=True,
    is_list=True,
    key_column="initiative_key",
    help="The initiatives to choose from, one row each: contributions, costs and dependencies.",
    columns=(
        Column("initiative_key", KEY, "Unique name of the initiative, such as the ticket key.", "CHECKOUT-1",
               aliases=("initiative_id", "key"), header="Initiative", required=True,
               tool_words=("issue key", "ticket key", "work item key", "id", "work item id", "task id", "ticket id",
                           "issue id", "item id", "story id", "user story id", "us id", "feature id", "epic id",
                           "project id", "idea id", "backlog id", "identifier", "ticket", "epic key", "ref",
                           "reference"),
               fallbacks=("initiative", "user story", "feature", "story", "idea", "project", "epic", "task", "item",
                          "issue", "work item", "backlog item", "deliverable", "title", "initiative name",
                          "initiative title", "feature name", "task name", "project name", "story title", "epic name",
                          "summary", "name", "subject")),
        Column("title", TEXT, "What the initiative is, in a few words.", "One-page checkout",
               aliases=("initiative_name", "initiative_title", "name", "summary"), width=34,
               tool_words=("task name", "feature name", "project name", "story title", "epic name", "subject"),
               fallbacks=("initiative", "user story", "feature", "story", "idea", "task", "item", "issue",
                          "work item", "backlog item", "deliverable", "project", "epic", "description")),
        Column("engineering_tokens", NUMBER, "How much engineering capacity it takes, 0 or more, in whatever your "
               "team counts in: story points, days, person-weeks. Not needed where there are cost columns.", 20.0,
               aliases=("tokens", "effort", "engineering_effort", "token_cost", "points", "story_points"),
               tool_words=("story point estimate", "estimate", "estimated effort", "effort estimate", "effort days",
                           "effort points", "effort hours", "estimation", "original estimate", "job size",
                           "estimated time", "time estimate", "person days", "man days", "dev days", "person weeks",
                           "man weeks", "dev weeks", "dev effort", "days", "pts", "sp", "remaining work",
                           "remaining estimate"),
               header="Effort (tokens)", required=True, instead="size", instead_family="cost", is_amount=True,
               minimum=0, width=19),
        Column("size", TEXT, "T-shirt size, instead of a number; the tab Columns says how many tokens each is.", "M",
               aliases=("t_shirt_size", "shirt_size"), tool_words=("tshirt", "t-shirt", "effort size"),
               yields_to_kpi=True, width=8),
        Column("status", CHOICE, "Where it is: done costs and brings nothing any more, stopped is left out.",
               "proposed", default="proposed", choices=tuple(STATUSES), choice_aliases=STATUSES,
               tool_words=("state", "issue status", "workflow state", "task status", "item status"),
               yields_to_kpi=True, width=13),
        Column("priority", TEXT, "Must, should, could or won't (MoSCoW). Other words are yours and are not read.",
               "should", tool_words=("moscow", "moscow priority"), yields_to_kpi=True, width=11),
        Column("tokens_low", NUMBER, "Lower end of the effort, for the robustness study. Blank means the effort "
               "itself.", 15.0, aliases=("effort_low", "effort_min", "engineering_tokens_low"), is_amount=True,
               minimum=0, header="Effort low", in_template=False, width=12),
        Column("tokens_high", NUMBER, "Upper end of the effort, for the robustness study. Blank means the effort "
               "itself.", 30.0, aliases=("effort_high", "effort_max", "engineering_tokens_high"), is_amount=True,
               minimum=0, header="Effort high", in_template=False, width=12),
        Column("confidence", TEXT, "How sure the estimate is, 0 to 1 or a percentage. For the robustness study; never "
               "multiplied in silence. Words are yours and are not read.", 0.8,
               tool_words=("confidence level",), yields_to_kpi=True, width=12),
        Column("kpi_contribution_json", JSON, "Contributions as a JSON object in one cell. You can use it together "
               "with contribution columns, but the two must agree.", '{"gmv": 120000}',
               aliases=("contribution_json", "contributions_json", "kpi_contributions_json", "kpi_contributions"),
               in_template=False, width=26),
        Column("department", KEY, "Dimension for caps, floors and targets.", "Growth",
               aliases=DIMENSION_ALIASES["department"], header="Team",
               tool_words=("assignee's team", "assignees team", "owning team", "delivery team", "dev team", "team name",
                           "teams", "area path", "tribe")),
        Column("market", KEY, "Dimension for caps, floors and targets.", "UK",
               aliases=DIMENSION_ALIASES["market"], tool_words=("geo", "geography"), width=10),
        Column("category", KEY, "Dimension for caps, floors and targets.", "Conversion",
               aliases=DIMENSION_ALIASES["category"], tool_words=("product area", "investment category")),
        Column("program", KEY, "Dimension for caps, floors and targets.", "Checkout",
               aliases=DIMENSION_ALIASES["program"],
               tool_words=("epic link", "epic name", "parent link", "parent", "parent issue", "parent task",
                           "parent feature", "parent key", "projects"),
               fallbacks=("epic", "project")),
        Column("period_key", PERIOD, "The period in which it can be done, such as 2026-Q1. Blank means any period.",
               "2026-Q1", aliases=("period", "quarter", "planning_period"), header="Period", width=12,
               tool_words=("target quarter", "planned quarter", "sprint", "iteration", "iteration path", "cycle",
                           "cycle name", "cycle number", "target release", "release", "timeframe", "fix version",
                           "fix versions", "fix version/s", "program increment", "pi", "increment")),
        Column("earliest_start", PERIOD, "In plans over several periods: the first period in which it may start, or a "
               "date in it. Blank means any.", "2026-Q2", aliases=("start_after", "not_before"), width=13),
        Column("latest_finish", PERIOD, "In plans over several periods: the last period in which it may be finished, "
               "or a date in it. Blank means any.", "2026-Q4", aliases=("deadline", "finish_by"), width=13),
        Column("duration_periods", NUMBER, "In plans over several periods: how many periods it takes. Blank means 1.",
               2.0, aliases=("duration",), minimum=1, width=12),
        *_PROFILE,
        Column("remaining_tokens", NUMBER, "For work in progress: what is left to spend, instead of the whole effort.",
               8.0, aliases=("remaining_effort", "tokens_left"), is_amount=True, minimum=0, width=13),
        Column("may_stop", BOOLEAN, "For work in progress, in plans over several periods: ticked, it may be stopped. "
               "Otherwise it goes on.", False, aliases=("can_stop",), default=False, width=11),
        Column("stop_cost", NUMBER, "What it costs in tokens to stop work in progress, in the first period.", 2.0,
               aliases=("cost_to_stop",), is_amount=True, minimum=0, width=11),
        Column("is_candidate", BOOLEAN, "FALSE leaves it out of every run. Blank means candidate.", True,
               aliases=("candidate",), tool_words=("in scope", "include"), header="Candidate", default=True,
               width=13),
        Column("is_mandatory", BOOLEAN, "Ticked: it must be selected. Enter the reason in mandate_reason.", False,
               aliases=("mandatory", "must_do", "must_have"), header="Mandatory", default=False, width=13),
        Column("mandate_reason", TEXT, "Why it must be done. Required when is_mandatory is ticked.",
               "Payment regulation from March", aliases=("mandatory_reason", "reason"), header="Mandatory reason",
               width=26),
        Column("bundle_key", KEY, "All initiatives with the same bundle are selected together or not at all.",
               "new-checkout", aliases=("bundle",), header="Bundle"),
        Column("prerequisite_keys", KEYS, "Selected only if all of these are. Separate keys with a comma, semicolon, "
               "pipe or line break.", "PAY-7, PAY-9", width=20,
               aliases=("prerequisites", "prerequisite", "prerequisite_key", "depends_on", "dependencies", "requires"),
               tool_words=("blocked by", "is blocked by", "inward issue link (blocks)", "predecessors", "predecessor",
                           "blockers", "dependency"), header="Depends on"),
        Column("exclusion_keys", KEYS, "Never selected together with any of these. Separate keys as in "
               "prerequisite_keys.", "CHECKOUT-2", width=18,
               aliases=("exclusions", "exclusion", "exclusion_key", "excludes", "conflicts_with"),
               header="Excludes"),
        Column("variant_of", KEY, "Name of a group of alternatives (such as an MVP and a full scope); at most one of "
               "them is selected.",
               "checkout-scope", aliases=("variant", "variant_group")),
        Column(SYNC_STATUS, ValueType.WRITTEN, "Written by sheetplan: OK, or what is wrong with this row.", "OK",
               width=40),
        Column(DECISION, ValueType.WRITTEN, "Written by sheetplan: whether the last run has it in or out, in which "
               "scenarios, from when, and why. A column Decision of your own stays yours.",
               "In some (1 of 2): would not fit (Cost saver); Growth in, Cost saver out", aliases=(OUR_DECISION,),
               yields_to_kpi=True, width=40),
    ),
    families=(
        Family("contribution", Subject.KPI, "How much the initiative changes this KPI in the period, in the KPI's own "
               "unit. Blank means no contribution.", 120000.0, "gmv",
               prefixes=("contribution", "contrib", "impact"), bare=True),
        Family("low", Subject.KPI, "Lower end of the estimate, for the robustness study. Blank means the estimate "
               "itself.", 90000.0, "gmv low", suffixes=("low", "min")),
        Family("high", Subject.KPI, "Upper end of the estimate, for the robustness study. Blank means the estimate "
               "itself.", 150000.0, "gmv high", suffixes=("high", "max")),
        Family("cost", Subject.RESOURCE, "How much of another resource it takes, 0 or more. Blank means none.", 5.0,
               "cost: design days", prefixes=("cost", "costs"), minimum=0, width=18),
        Family("cost_low", Subject.RESOURCE, "Lower end of that cost, for the robustness study. Blank means the cost "
               "itself.", 3.0, "cost low: design days", prefixes=("cost low", "cost min"), minimum=0, width=18),
        Family("cost_high", Subject.RESOURCE, "Upper end of that cost, for the robustness study. Blank means the cost "
               "itself.", 8.0, "cost high: design days", prefixes=("cost high", "cost max"), minimum=0, width=18),
        Family("rank", Subject.KPI, "In the Columns tab only: a rank, 1 the best, is inverted into the contribution. "
               "Of n different ranks the first counts n and the last 1.", 1.0, "rank: gmv",
               prefixes=("rank",), minimum=0, stated_only=True),
        Family("factor", Subject.KPI, "In the Columns tab only: the contribution is the product of all columns that "
               "are factors of the KPI, such as reach x impact x confidence.", 0.8, "factor: gmv",
               prefixes=("factor",), stated_only=True, has_several=True),
        Family("worth", Subject.KPI, "In the Columns tab only: a word such as should or High, whose worth the Columns "
               "tab says, is the contribution.", "should", "worth: gmv",
               prefixes=("worth",), has_words=True, stated_only=True),
    ),
)

SCENARIOS = InputTab(
    name="Scenarios",
    aliases=("Scenario_Config", "Scenario", "Scenario_Configs"),
    required=True,
    key_column="scenario_name",
    help="The scenarios to compare, one row each: what to aim for, and with how much capacity.",
    columns=(
        Column("scenario_name", KEY, "Unique name of the scenario.", "Most GMV", aliases=("scenario", "name"),
               header="Scenario", required=True, width=26),
        Column("run", BOOLEAN, "Only ticked scenarios run. Without this column, all of them run.", True,
               aliases=("run?", "selected", "enabled"), default=False, width=8),
        Column("period_key", PERIOD, "Considers initiatives of this period and those without a period. Blank means "
               "all.", "2026-Q1",
               aliases=("period", "quarter", "planning_period"), header="Period", width=12),
        Column("from_period", PERIOD, "The first period of a plan over several, which also decides when each "
               "initiative starts. Instead of the period.", "2026-Q1", aliases=("first_period", "plan_from"), width=12),
        Column("to_period", PERIOD, "The last period of a plan over several.", "2026-Q4",
               aliases=("last_period", "plan_to"), width=12),
        Column("objective_mode", CHOICE, "north_star: as much of one KPI as possible. weighted_kpis: best weighted "
               "sum. lexicographic: targets first, then the secondary objective.", "north_star",
               aliases=("mode", "objective"), required=True,
               choices=("north_star", "weighted_kpis", "lexicographic")),
        Column("north_star_kpi", KEY, "Use this KPI as the north star instead of the one in the KPIs tab.", "gmv",
               aliases=("north_star", "north_star_key")),
        Column("objective_weights_json", JSON, "Weights as a JSON object in one cell, instead of weight columns.",
               '{"gmv": 1.0, "retention_30d": 0.4}', aliases=("weights_json", "weights"), in_template=False, width=26),
        Column("targets_json", JSON, "Targets as a JSON object in one cell, in the KPIs' own units, instead of target "
               "columns.", '{"retention_30d": 0.02}', aliases=("targets", "kpi_targets_json"),
               in_template=False, width=26),
        Column("target_priority", ValueType.PRIORITY, "Which targets come first when not all can be met: a > b = c "
               "means a first, then b and c as equals. KPIs not named come last.", "retention_30d > gmv",
               aliases=("target_priorities",), width=22),
        Column("secondary_objective", CHOICE, "lexicographic only: what to aim for once the targets are met.",
               "north_star", default="north_star", choices=("north_star", "weighted_kpis")),
        Column("capacity_total_tokens", NUMBER, "What is available in total, more than 0, in whatever your team counts "
               "in. The efforts of the selected initiatives add up to this at most, over all periods of the plan. Not "
               "needed where the row has another capacity, or where each period has its own.", 1000.0,
               aliases=("capacity", "capacity_tokens", "total_capacity", "token_capacity", "total_tokens"),
               required=True, instead_family="capacity", is_amount=True, minimum=0, above_minimum=True,
               header="Capacity (tokens)", width=21),
        Column("reserve", NUMBER, "The part of every capacity that is kept free for unplanned work, as a percentage "
               "such as 10%. Blank means none.", 0.1, aliases=("buffer", "contingency", "slack"), minimum=0, width=10),
        Column("keep", CHOICE, "What stays selected: approved keeps what the newest approval selected, last run what "
               "the last run did; over several periods also the period in which it starts. Blank means nothing.",
               "approved", aliases=("keep_selected", "keep_plan"),
               choices=("approved", "last run"), choice_aliases={"approved": ("approval",), "last run": ("run",)},
               width=12),
        Column("max_changes", NUMBER, "At most so many initiatives in or out against the newest approval or, without "
               "one, the last run; over several periods one that starts in another period counts too. Blank means any "
               "number.", 3.0, aliases=("maximum_changes", "most_changes"),
               minimum=0),
        Column("normalization", CHOICE, "Makes KPIs of different units comparable in the weighted sum: none, scale, "
               "target or ideal.", "none", aliases=("normalisation",), default="none",
               choices=("none", "scale", "target", "ideal")),
        Column(RUN_STATUS, ValueType.WRITTEN, "Written by sheetplan: the outcome in the words of Results.",
               "Target met. Aim: its targets, then most GMV. Brings GMV £160,000 with 2 of 3 initiatives; Tokens "
               "100 of 100 (100%). \u2713 proven best.", width=40),
    ),
    families=(
        Family("weight", Subject.KPI, "How much this KPI matters in this scenario against the others, 0 or more.", 1.0,
               "weight: gmv", prefixes=("weight", "weights"), minimum=0),
        Family("target", Subject.KPI, "The portfolio should change this KPI by at least this much, in its own unit.",
               100000.0, "target: gmv", prefixes=("target", "goal")),
        Family("capacity", Subject.RESOURCE, "Capacity of another resource, 0 or more. Blank means unlimited.",
               60.0, "capacity: design days", prefixes=("capacity",), minimum=0, width=22),
    ),
)

CONSTRAINT_TYPES = (
    "capacity_cap", "capacity_floor", "count_cap", "count_floor", "share_cap", "share_floor", "mandatory",
    "exclude_initiative", "exclude_pair", "bundle", "prerequisite", "prerequisite_any", "synergy_bonus",
)
"""What each of them needs and becomes is in `sheets_sync.checks.constraint_types`."""

CONSTRAINTS = InputTab(
    name="Constraints",
    aliases=("Constraint", "Rules"),
    key_column="constraint_type",
    help="Rules in addition to those on the Initiatives tab, one row each. The tab can be missing or empty.",
    columns=(
        Column("scenario_name", KEY, "The scenario to which the rule applies. Blank means all.", "Most GMV",
               aliases=("scenario",), header="Scenario", width=26),
        Column("constraint_type", CHOICE, "What kind of rule this is.", "capacity_cap",
               aliases=("type", "constraint", "rule", "rule_type"), header="Type", required=True,
               choices=CONSTRAINT_TYPES, width=18),
        Column("dimension", CHOICE, "department, market, category or program: the column that defines the slice.",
               "department", choices=DIMENSIONS, choice_aliases=DIMENSION_ALIASES, width=13),
        Column("dimension_key", KEY, "The value of the dimension, such as a department's name.", "Growth",
               aliases=("dimension_value", "slice")),
        Column("min_tokens", NUMBER, "capacity_floor: the least that the slice must get of the resource.", 100.0,
               aliases=("minimum_tokens", "floor_tokens"), is_amount=True, minimum=0),
        Column("max_tokens", NUMBER, "capacity_cap: the most that the slice can get of the resource.", 400.0,
               aliases=("maximum_tokens", "cap_tokens"), is_amount=True, minimum=0),
        Column("member_keys", KEYS, "The initiatives to which the rule applies. For prerequisite, the first one "
               "requires all the others; for prerequisite_any, at least one of them.", "CHECKOUT-1, CHECKOUT-2",
               aliases=("members", "member", "initiative_keys", "initiatives"), width=26),
        Column("kpi_key", KEY, "synergy_bonus: the KPI that gains.", "gmv", aliases=("kpi", "metric"), header="KPI"),
        Column("value", NUMBER, "count_cap and count_floor: the number of initiatives. share_cap and share_floor: a "
               "percentage, such as 20%. synergy_bonus: the amount added to the KPI when all members are selected.",
               5.0, aliases=("amount",)),
        Column("resource", KEY, "What is spent: engineering_tokens, or a resource with a cost column. Blank means "
               "engineering_tokens.", "design days", width=18),
        Column("of", CHOICE, "share_cap and share_floor: the percentage is of what the portfolio spends, or of the "
               "capacity.", "spend", aliases=("share_of", "percent_of"), default="spend",
               choices=("spend", "capacity"), choice_aliases={"spend": ("spending", "spent")}, width=10),
        Column("lag_periods", NUMBER, "prerequisite, in plans over several periods: how many periods after the others "
               "are finished the first one may start. Blank means 0: in the same period.", 1.0, aliases=("lag",),
               minimum=0, width=12),
        Column("notes", TEXT, "Your own notes. For a mandatory rule, its reason.", "Agreed with the team leads",
               aliases=("note", "comment", "comments"), width=30),
    ),
)

TARGETS = InputTab(
    name="Targets",
    aliases=("Target", "KPI_Targets"),
    key_column="kpi_key",
    help="Floors and goals for KPIs, for the whole portfolio or one slice of it. The tab can be missing or empty.",
    columns=(
        Column("scenario_name", KEY, "The scenario to which the target applies. Blank means all.", "Most GMV",
               aliases=("scenario",), header="Scenario", width=26),
        Column("kpi_key", KEY, "The KPI with the target.", "gmv", aliases=("kpi", "metric", "metric_key"),
               header="KPI", required=True),
        Column("dimension", CHOICE, "department, market, category or program. Blank means the whole portfolio.",
               "market", choices=DIMENSIONS, choice_aliases=DIMENSION_ALIASES, width=13),
        Column("dimension_key", KEY, "The value of the dimension, such as a market's name.", "UK",
               aliases=("dimension_value", "slice")),
        Column("period_key", PERIOD, "In plans over several periods: to be reached by the end of this period. Blank "
               "means by the end of the plan.", "2026-Q2", aliases=("period", "by_period"), header="Period", width=12),
        Column("floor_or_goal", CHOICE, "floor must hold in every mode. goal comes first in lexicographic mode and is "
               "reported as a gap in the others.", "floor", aliases=("kind", "target_type", "type"), default="goal",
               choices=("floor", "goal")),
        Column("target_value", NUMBER, "How much the portfolio must change the KPI, in its own unit; with a baseline, "
               "the level to reach.",
               50000.0, aliases=("target", "value", "goal"), required=True),
        Column("baseline_value", NUMBER, "Where the KPI is today. The portfolio must then make up the difference.",
               9900.0, aliases=("baseline", "current_value")),
        Column("notes", TEXT, "Your own notes; not read.",
               "From the annual plan", aliases=("note", "comment", "comments"),
               width=30),
    ),
)

PERIODS = InputTab(
    name="Periods",
    aliases=("Period",),
    key_column="period_key",
    help="The periods of plans over several, in the order of time. Years, halves, quarters and months need no such "
    "tab: they order themselves. Other columns beside it are yours. The tab can be missing or empty.",
    columns=(
        Column("period_key", PERIOD, "The name of the period, such as Sprint 12.", "2026-Q1",
               aliases=("period", "quarter", "sprint"), header="Period", required=True, width=14),
        Column("starts", DATE, "Its first day. With dates, a date of an initiative finds its period. Blank means the "
               "day after the period above ends.", "2026-01-05", aliases=("start", "start_date", "first_day", "from"),
               width=12),
        Column("ends", DATE, "Its last day. Blank means the day before the period below starts.", "2026-01-16",
               aliases=("end", "end_date", "last_day", "until"), width=12),
        Column("notes", TEXT, "Your own notes; not read.", "Two weeks of holidays",
               aliases=("note", "comment", "comments"), width=30),
    ),
)

CAPACITY = InputTab(
    name="Capacity",
    aliases=("Capacities",),
    key_column="amount",
    help="What may be spent in each period of plans over several, one row each: in one period or in every one, by one "
    "team or by all. The tab can be missing or empty.",
    columns=(
        Column("scenario_name", KEY, "The scenario to which the row applies. Blank means all.", "Next year",
               aliases=("scenario",), header="Scenario", width=26),
        Column("resource", KEY, "What is spent: engineering_tokens, or a resource with a cost column. Blank means "
               "engineering_tokens.", "design days", width=18),
        Column("period_key", PERIOD, "The period. Blank means in every period.", "2026-Q1",
               aliases=("period", "quarter", "sprint"), header="Period", width=12),
        Column("dimension", CHOICE, "department, market, category or program. Blank means the whole portfolio.",
               "department", choices=DIMENSIONS, choice_aliases=DIMENSION_ALIASES, width=13),
        Column("dimension_key", KEY, "The value of the dimension, such as a department's name.", "Data",
               aliases=("dimension_value", "slice")),
        Column("amount", NUMBER, "The most that may be spent, 0 or more.", 12.0, aliases=("capacity", "available"),
               required=True, is_amount=True, minimum=0, width=12),
        Column("notes", TEXT, "Your own notes; not read.", "Two people fewer until October",
               aliases=("note", "comment", "comments"), width=30),
    ),
)
# fmt: on

COLUMNS = InputTab(
    name="Columns",
    aliases=("Column_Meanings",),
    key_column="header",
    help="What a header of your own tabs means, where sheetplan cannot know it; how many tokens each size is; and what "
    "each word is worth. Three lists side by side: tab, header and field; size and tokens; word and worth. A row with "
    "a tab and a field but no header says which input a tab is: Sheet1 and Initiatives. The tab is read before all "
    "others; it may be absent or empty.",
    columns=(
        Column(
            "tab",
            TEXT,
            "The tab that has the column, by its title. Blank means the list of initiatives.",
            "Backlog",
            tool_words=("sheet",),
        ),
        Column(
            "header",
            TEXT,
            "The header as it is in your tab. Blank where the field is an input tab: then the tab is that input.",
            "Dev guess",
            required=True,
            width=26,
        ),
        Column(
            "field",
            TEXT,
            "What it means: a header of the tables above or an alias of it, the key of a KPI, ignore for a column that "
            "sheetplan leaves alone; or rank, factor or worth with the key of a KPI to compute from it.",
            "effort",
            aliases=("means", "meaning"),
            width=26,
        ),
        Column("size", TEXT, "A word of the column size, such as S, M or XL.", "M", aliases=("size_word",), width=8),
        Column("tokens", NUMBER, "How many tokens that size is.", 5.0, aliases=("size_tokens", "effort"), minimum=0),
        Column("word", TEXT, "A word of a column whose field is worth, such as should or High.", "should", width=12),
        Column("worth", NUMBER, "What that word is worth.", 2.0, aliases=("points",), width=8),
    ),
)

INPUT_TABS = (KPIS, INITIATIVES, SCENARIOS, CONSTRAINTS, TARGETS, PERIODS, CAPACITY)
"""Every input tab, in the order of the template."""

IGNORE = ("ignore", "ignored", "none", "-", "not read")
"""What the column `field` of the tab Columns says of a column that is left alone."""


def find_tab(title: str) -> InputTab | None:
    """The input tab that a title (or an alias of it, or a look-alike) means; None where it is none of ours."""
    folded = fold_header(title)
    tabs = (*INPUT_TABS, COLUMNS)
    return next((tab for tab in tabs if folded in tab.spellings or folded in tab.lookalike_spellings), None)


def input_tabs(title: str) -> bool:
    """Whether a tab's cells are wanted as input; the filter to read a workbook with."""
    return find_tab(title) is not None
