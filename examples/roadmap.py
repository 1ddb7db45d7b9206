"""The second example's content: a year of an invoicing product with seven teams, written by hand.

Four quarters from July 2026. Revenue and support hours are per quarter and count in every quarter after the work is
finished; activation and churn count once. Effort is in person-weeks. Drawn as a workbook by `build_roadmap`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from drawing import Assumption, Formula

Amount = float | Formula | None


@dataclass(frozen=True)
class Initiative:
    """One row of the Initiatives tab; amounts are None where the cell is left blank."""

    key: str
    title: str
    team: str
    program: str
    effort: float
    design: float | None = None
    revenue: Amount = 0.0
    activation: Amount = None
    churn: Amount = None
    support: Amount = None
    status: str = "Proposed"
    remaining: float | None = None
    duration: float | None = None
    profile: tuple[float, ...] = ()
    earliest: str = ""
    latest: str = ""
    mandate: str = ""
    prerequisites: str = ""
    may_stop: bool = False
    stop_cost: float | None = None
    owner: str = ""
    notes: str = ""


# --- Assumptions: per quarter, the basis of the estimates -------------------------------------------------------------

TRIALS, PAID_SHARE, ACCOUNTS = 64_000.0, 0.45, 38_600.0
REVENUE_PER_ACCOUNT, TICKETS, HOURS_PER_TICKET = 96.0, 26_000.0, 0.35
CHURN_TODAY, ACTIVATION_TODAY = 0.021, 0.34
LOST_ACCOUNTS = ACCOUNTS * CHURN_TODAY * 3

WHOLE, PERCENT, MONEY = "#,##0", "0.0%", "£#,##0.00"

ASSUMPTIONS: Sequence[Assumption] = (
    Assumption("trials", "Trials started in a quarter", TRIALS, WHOLE, "Web analytics, Q2 2026"),
    Assumption("paid_share", "Activated trials that become accounts", PAID_SHARE, PERCENT, "Funnel report, May 2026"),
    Assumption("accounts", "Paying accounts", ACCOUNTS, WHOLE, "Billing, 1 June 2026"),
    Assumption("account_revenue", "Revenue of an account in a quarter", REVENUE_PER_ACCOUNT, MONEY, "Finance, Q2 2026"),
    Assumption("activation_today", "Activation of trials today", ACTIVATION_TODAY, PERCENT, "Funnel report, May 2026"),
    Assumption("churn_today", "Accounts lost in a month today", CHURN_TODAY, PERCENT, "Billing, trailing 6 months"),
    Assumption(
        "lost_accounts",
        "Accounts lost in a quarter",
        Formula("=accounts*churn_today*3", LOST_ACCOUNTS),
        WHOLE,
        "Accounts x churn x 3",
    ),
    Assumption("tickets", "Support tickets in a quarter", TICKETS, WHOLE, "Help desk, Q2 2026"),
    Assumption("ticket_hours", "Hours for a ticket", HOURS_PER_TICKET, "0.00", "Help desk, Q2 2026"),
)


def thousands(text: str, value: float) -> Formula:
    """A formula rounded to whole thousands, as the sheet does it."""
    return Formula(f"=ROUND({text},-3)", round(value / 1000) * 1000.0)


def from_activation(lift: float) -> Formula:
    """The revenue of a quarter that a lift of the activation rate in the same row brings."""
    return thousands("trials*N{row}*paid_share*account_revenue", TRIALS * lift * PAID_SHARE * REVENUE_PER_ACCOUNT)


def ticket_share(share: float) -> Formula:
    """Hours of support that a share of all tickets takes, in whole tens, as an improvement."""
    return Formula(f"=-ROUND(tickets*{share}*ticket_hours,-1)", -round(TICKETS * share * HOURS_PER_TICKET / 10) * 10.0)


# --- KPIs -------------------------------------------------------------------------------------------------------------

KPI_HEADERS = ("KPI key", "KPI name", "KPI level", "Unit", "Direction", "Scale", "Is required", "Accrues")
KPIS: Sequence[tuple[str | float | bool | None, ...]] = (
    ("revenue", "Recurring revenue", "north_star", "GBP", "higher", 400_000.0, True, "each_period"),
    ("activation", "Activation", "strategic", "fraction", "higher", 0.02, False, "once"),
    ("churn", "Monthly churn", "strategic", "fraction", "lower", 0.002, False, "once"),
    ("support_hours", "Support hours", "strategic", "hours", "lower", 1_500.0, False, "each_period"),
)
KPI_DEFINITIONS = (
    "Subscriptions and transaction fees of a quarter, counted from the quarter after the work is finished",
    "Trials that send a first invoice within 14 days",
    "Paying accounts that leave in a month",
    "Hours of the help desk in a quarter; less is better",
)

# --- Initiatives ------------------------------------------------------------------------------------------------------

ONBOARDING, BILLING, EXPENSES, MOBILE = "Onboarding", "Billing", "Expenses", "Mobile"
PLATFORM, DATA, COMPLIANCE = "Platform", "Data", "Compliance"
DONE, RUNNING, STOPPED = "Done", "In progress", "Stopped"

INITIATIVES: Sequence[Initiative] = (
    Initiative(
        "ONB-101", "Sign-up without a card", ONBOARDING, "First invoice", 14.0, status=DONE, owner="Ruth Adeyemi"
    ),
    Initiative(
        *("ONB-102", "Guided set-up for the first invoice", ONBOARDING, "First invoice", 30.0, 8.0),
        revenue=from_activation(0.012),
        activation=0.012,
        status=RUNNING,
        remaining=12.0,
        prerequisites="ONB-101",
        owner="Ruth Adeyemi",
        notes="In beta with 400 trials",
    ),
    Initiative(
        *("ONB-103", "Bank feed in the first session", ONBOARDING, "First invoice", 26.0, 6.0),
        revenue=from_activation(0.01),
        activation=0.01,
        churn=-0.0004,
        owner="Ruth Adeyemi",
    ),
    Initiative(
        *("ONB-104", "Import from spreadsheets and other tools", ONBOARDING, "Switchers", 34.0, 10.0),
        revenue=from_activation(0.014),
        activation=0.014,
        support=ticket_share(0.015),
        duration=2.0,
        profile=(20.0, 14.0),
        owner="Leo Brandt",
        notes="Readers first, then the mapping screens",
    ),
    Initiative(
        *("ONB-105", "Templates for trades, agencies and shops", ONBOARDING, "First invoice", 16.0, 9.0),
        revenue=from_activation(0.006),
        activation=0.006,
        owner="Leo Brandt",
    ),
    Initiative(
        *("ONB-106", "Accountants invite their clients", ONBOARDING, "Accountants", 24.0, 7.0),
        revenue=62_000.0,
        activation=0.003,
        churn=-0.0006,
        owner="Ruth Adeyemi",
    ),
    Initiative(
        *("ONB-107", "Trial reminders by e-mail and in the app", ONBOARDING, "First invoice", 10.0, 3.0),
        revenue=from_activation(0.005),
        activation=0.005,
        owner="Leo Brandt",
    ),
    Initiative(
        *("ONB-108", "Product tours rebuilt", ONBOARDING, "Help yourself", 14.0, 6.0),
        revenue=from_activation(0.003),
        activation=0.003,
        support=ticket_share(0.02),
        owner="Leo Brandt",
    ),
    Initiative(
        *("ONB-109", "Upgrade from inside the product", ONBOARDING, "Pricing", 18.0, 5.0),
        revenue=58_000.0,
        prerequisites="BIL-202",
        owner="Ruth Adeyemi",
    ),
    Initiative("BIL-201", "Direct debit in six countries", BILLING, "Payments", 28.0, status=DONE, owner="Ines Moreau"),
    Initiative(
        *("BIL-202", "Plans and prices as a service", BILLING, "Pricing", 40.0),
        status=RUNNING,
        remaining=22.0,
        owner="Ines Moreau",
        notes="Everything about pricing waits for it",
    ),
    Initiative(
        *("BIL-203", "Usage-based pricing", BILLING, "Pricing", 32.0, 8.0),
        revenue=190_000.0,
        churn=0.0003,
        prerequisites="BIL-202",
        owner="Ines Moreau",
        notes="Needs the event platform to have run for a quarter, see Constraints",
    ),
    Initiative(
        *("BIL-204", "Failed payments retried at the right time", BILLING, "Payments", 18.0, 2.0),
        revenue=thousands("lost_accounts*0.28*account_revenue", LOST_ACCOUNTS * 0.28 * REVENUE_PER_ACCOUNT),
        churn=-0.0009,
        prerequisites="BIL-201",
        owner="Tom Okafor",
        notes="28% of lost accounts leave over a failed card",
    ),
    Initiative(
        *("BIL-205", "Annual plans paid in instalments", BILLING, "Pricing", 20.0, 5.0),
        revenue=54_000.0,
        churn=-0.0006,
        prerequisites="BIL-202",
        owner="Tom Okafor",
    ),
    Initiative(
        *("BIL-206", "Invoices in any currency", BILLING, "Payments", 36.0, 8.0),
        revenue=92_000.0,
        duration=2.0,
        owner="Ines Moreau",
    ),
    Initiative(
        *("BIL-207", "Surcharges where they are allowed", BILLING, "Payments", 8.0, 2.0),
        revenue=14_000.0,
        churn=0.0001,
        owner="Tom Okafor",
    ),
    Initiative(
        *("BIL-208", "Credit notes and partial refunds", BILLING, "Help yourself", 14.0, 5.0),
        revenue=6_000.0,
        churn=-0.0003,
        support=ticket_share(0.045),
        owner="Tom Okafor",
    ),
    Initiative(
        *("BIL-209", "Invoice factoring with a partner", BILLING, "Payments", 30.0, 9.0),
        revenue=98_000.0,
        duration=2.0,
        earliest="2026-Q4",
        owner="Ines Moreau",
        notes="The contract is signed in October at the earliest",
    ),
    Initiative(
        *("EXP-301", "Receipt capture, second generation", EXPENSES, "Spending", 36.0, 6.0),
        revenue=22_000.0,
        churn=-0.0007,
        support=ticket_share(0.02),
        status=RUNNING,
        remaining=16.0,
        owner="Hana Sato",
    ),
    Initiative(
        *("EXP-302", "Company cards with a partner bank", EXPENSES, "Spending", 50.0, 14.0),
        revenue=150_000.0,
        churn=-0.0004,
        duration=2.0,
        profile=(26.0, 24.0),
        owner="Hana Sato",
    ),
    Initiative(
        *("EXP-303", "Mileage and daily allowances for DE and FR", EXPENSES, "Spending", 16.0, 4.0),
        revenue=33_000.0,
        owner="Karl Nilsson",
    ),
    Initiative(
        *("EXP-304", "Spending limits that hold at once", EXPENSES, "Spending", 22.0, 6.0),
        revenue=84_000.0,
        churn=-0.0006,
        prerequisites="EXP-302",
        owner="Hana Sato",
        notes="Needs the event platform to have run for a quarter, see Constraints",
    ),
    Initiative(
        *("EXP-305", "Approval chains", EXPENSES, "Spending", 18.0, 6.0),
        revenue=26_000.0,
        churn=-0.0007,
        owner="Karl Nilsson",
    ),
    Initiative(
        *("EXP-306", "Export to payroll", EXPENSES, "Accountants", 14.0, 2.0),
        revenue=12_000.0,
        churn=-0.0004,
        support=ticket_share(0.01),
        owner="Karl Nilsson",
    ),
    Initiative(
        *("EXP-307", "Policy checks at capture", EXPENSES, "Spending", 20.0, 5.0),
        revenue=31_000.0,
        support=ticket_share(0.015),
        prerequisites="EXP-301",
        owner="Hana Sato",
    ),
    Initiative(
        *("EXP-308", "Subscriptions found in bank data", EXPENSES, "Spending", 16.0, 5.0),
        revenue=24_000.0,
        churn=-0.0003,
        prerequisites="ONB-103",
        owner="Karl Nilsson",
    ),
    Initiative(
        *("MOB-401", "Works without a network", MOBILE, "On the go", 32.0, 2.0),
        churn=-0.0003,
        status=RUNNING,
        remaining=18.0,
        duration=2.0,
        profile=(10.0, 8.0),
        may_stop=True,
        stop_cost=2.0,
        owner="Maya Cohen",
        notes="Started before we knew how few use it; may be stopped",
    ),
    Initiative(
        *("MOB-402", "Tap to pay on the phone", MOBILE, "Payments", 40.0, 12.0),
        revenue=118_000.0,
        duration=2.0,
        owner="Maya Cohen",
    ),
    Initiative(
        *("MOB-403", "First invoice on the phone", MOBILE, "First invoice", 18.0, 8.0),
        revenue=from_activation(0.007),
        activation=0.007,
        owner="Sam Whitaker",
    ),
    Initiative(
        *("MOB-404", "Nudges for overdue invoices", MOBILE, "On the go", 10.0, 3.0),
        revenue=19_000.0,
        churn=-0.0005,
        owner="Sam Whitaker",
    ),
    Initiative(
        *("MOB-405", "Widgets and quick actions", MOBILE, "On the go", 8.0, 4.0),
        revenue=5_000.0,
        churn=-0.0001,
        owner="Sam Whitaker",
    ),
    Initiative(
        *("MOB-406", "One code base for both apps", MOBILE, "On the go", 36.0),
        support=ticket_share(0.03),
        duration=2.0,
        owner="Maya Cohen",
    ),
    Initiative("PLT-601", "Second region", PLATFORM, "Always on", 38.0, status=DONE, owner="Deepa Rao"),
    Initiative(
        *("PLT-602", "Event platform", PLATFORM, "Foundations", 46.0),
        duration=2.0,
        profile=(28.0, 18.0),
        prerequisites="PLT-601",
        owner="Deepa Rao",
        notes="Three features wait for it, and for a quarter of running it",
    ),
    Initiative(
        *("PLT-603", "Public API, second version", PLATFORM, "Partners", 34.0, 2.0),
        revenue=28_000.0,
        duration=2.0,
        profile=(18.0, 16.0),
        owner="Aidan Walsh",
    ),
    Initiative(
        *("PLT-604", "Directory of partner apps", PLATFORM, "Partners", 22.0, 8.0),
        revenue=74_000.0,
        churn=-0.0004,
        prerequisites="PLT-603",
        owner="Aidan Walsh",
    ),
    Initiative(
        *("PLT-605", "Single sign-on for business plans", PLATFORM, "Partners", 20.0, 3.0),
        revenue=66_000.0,
        churn=-0.0003,
        owner="Deepa Rao",
    ),
    Initiative(
        *("PLT-606", "Load tests before the year-end peak", PLATFORM, "Always on", 12.0),
        support=ticket_share(0.01),
        latest="2026-Q4",
        mandate="Asked for by the board after the outage of January",
        prerequisites="PLT-601",
        owner="Aidan Walsh",
    ),
    Initiative(
        *("PLT-607", "Status page with notices", PLATFORM, "Help yourself", 8.0, 2.0),
        support=ticket_share(0.03),
        owner="Aidan Walsh",
    ),
    Initiative("DAT-501", "Catalogue of measures", DATA, "Foundations", 16.0, status=DONE, owner="Nora Lindqvist"),
    Initiative(
        *("DAT-502", "Cash-flow forecast", DATA, "Insight", 24.0, 7.0),
        revenue=110_000.0,
        churn=-0.0012,
        owner="Nora Lindqvist",
        notes="Needs the event platform to have run for a quarter, see Constraints",
    ),
    Initiative(
        *("DAT-503", "Accounts that are about to leave", DATA, "Insight", 18.0, 2.0),
        revenue=30_000.0,
        churn=-0.0011,
        prerequisites="DAT-501",
        owner="Nora Lindqvist",
    ),
    Initiative(
        *("DAT-504", "How you compare with your trade", DATA, "Insight", 22.0, 6.0),
        revenue=29_000.0,
        activation=0.003,
        owner="Petr Novak",
    ),
    Initiative(
        *("DAT-505", "Reports that people build themselves", DATA, "Help yourself", 26.0, 9.0),
        revenue=18_000.0,
        churn=-0.0005,
        support=ticket_share(0.04),
        prerequisites="DAT-501",
        owner="Petr Novak",
    ),
    Initiative(
        *("DAT-506", "Duplicate and fraudulent receipts", DATA, "Spending", 20.0, 2.0),
        revenue=16_000.0,
        support=ticket_share(0.025),
        prerequisites="EXP-301",
        owner="Petr Novak",
    ),
    Initiative(
        *("DAT-507", "Who pays late", DATA, "Insight", 12.0, 2.0),
        revenue=25_000.0,
        owner="Nora Lindqvist",
    ),
    Initiative(
        *("CMP-701", "E-invoicing mandate in Germany", COMPLIANCE, "Regulation", 26.0, 5.0),
        duration=2.0,
        profile=(14.0, 12.0),
        latest="2027-03",
        mandate="Law from 1 April 2027",
        owner="Julia Krause",
    ),
    Initiative(
        *("CMP-702", "Audit trail to the new rules", COMPLIANCE, "Regulation", 12.0, 2.0),
        support=ticket_share(0.005),
        mandate="Auditors will ask for it in the annual accounts",
        owner="Julia Krause",
    ),
    Initiative(
        *("CMP-703", "Data that stays in the country", COMPLIANCE, "Partners", 30.0),
        revenue=82_000.0,
        duration=2.0,
        prerequisites="PLT-601",
        owner="Oscar Diaz",
    ),
    Initiative(
        *("CMP-704", "Deletion without the help desk", COMPLIANCE, "Help yourself", 10.0, 4.0),
        support=ticket_share(0.035),
        owner="Oscar Diaz",
    ),
    Initiative(
        *("CMP-705", "Evidence for ISO 27001", COMPLIANCE, "Partners", 14.0),
        revenue=40_000.0,
        earliest="2026-Q4",
        owner="Oscar Diaz",
        notes="The auditor is booked from October",
    ),
    Initiative(
        *("CMP-706", "Usable without seeing or a mouse", COMPLIANCE, "First invoice", 16.0, 8.0),
        revenue=9_000.0,
        activation=0.003,
        owner="Julia Krause",
    ),
    Initiative(
        *("CMP-707", "VAT returns for all of the EU", COMPLIANCE, "Regulation", 28.0),
        status=STOPPED,
        owner="Julia Krause",
        notes="A partner does it now",
    ),
)

# --- Scenarios --------------------------------------------------------------------------------------------------------

FIRST, LAST, NEXT = "2026-Q3", "2027-Q2", "2027-Q3"


@dataclass(frozen=True)
class Scenario:
    """One row of the Scenarios tab; weights by KPI key."""

    name: str
    mode: str
    weights: Mapping[str, float] = field(default_factory=dict)
    priority: str = ""
    secondary: str = ""
    normalization: str = ""
    question: str = ""


SCENARIOS: Sequence[Scenario] = (
    Scenario("Revenue first", "north_star", question="What if only revenue counted?"),
    Scenario(
        *("Balanced year", "weighted_kpis"),
        {"revenue": 1.0, "activation": 0.3, "churn": 0.5, "support_hours": 0.3},
        normalization="scale",
        question="All four KPIs, each measured by its scale in the KPIs tab",
    ),
    Scenario(
        *("Goals by quarter", "lexicographic"),
        priority="revenue > activation > support_hours",
        secondary="north_star",
        question="What we promised the board, quarter by quarter; then as much revenue as possible",
    ),
)

# --- Capacity, Constraints and Targets --------------------------------------------------------------------------------

DESIGN = "design days"
CAPACITY_HEADERS = ("Resource", "Period", "Dimension", "Dimension key", "Amount", "Notes")
CAPACITY: Sequence[tuple[str | float | None, ...]] = (
    (None, None, "department", ONBOARDING, 30.0, "Three engineers, ten weeks each after holidays"),
    (None, None, "department", BILLING, 36.0, None),
    (None, None, "department", EXPENSES, 30.0, None),
    (None, None, "department", MOBILE, 24.0, None),
    (None, None, "department", PLATFORM, 36.0, "On-call taken off"),
    (None, None, "department", DATA, 30.0, None),
    (None, "2026-Q3", "department", DATA, 14.0, "Two people fewer until October"),
    (None, None, "department", COMPLIANCE, 20.0, None),
    (None, "2026-Q4", "department", COMPLIANCE, 16.0, "External audit in November"),
    (DESIGN, None, None, None, 50.0, "Two designers for all teams"),
)

CONSTRAINT_HEADERS = ("Scenario name", "Constraint type", "Member keys", "Lag periods", "Notes")
CONSTRAINTS: Sequence[tuple[str | float | None, ...]] = (
    (None, "prerequisite", "BIL-203, PLT-602", 1.0, "The event platform runs for a quarter first"),
    (None, "prerequisite", "EXP-304, PLT-602", 1.0, "The event platform runs for a quarter first"),
    (None, "prerequisite", "DAT-502, PLT-602", 1.0, "The event platform runs for a quarter first"),
    (None, "exclude_pair", "BIL-209, EXP-302", None, "Legal can take on one banking partner in the year"),
)

TARGET_HEADERS = ("Scenario name", "KPI key", "Period", "Floor or goal", "Target value", "Baseline value", "Notes")
TARGETS: Sequence[tuple[str | float | Formula | None, ...]] = (
    (None, "revenue", "2026-Q4", "goal", 170_000.0, None, "Half-year forecast"),
    (None, "revenue", "2027-Q1", "goal", 600_000.0, None, "Forecast of the third quarter"),
    (None, "revenue", "2027-Q2", "goal", 1_300_000.0, None, "Annual plan"),
    (
        *(None, "activation", "2026-Q4", "goal", 0.36),
        *(Formula("=activation_today", ACTIVATION_TODAY), "36% by Christmas"),
    ),
    (
        *(None, "activation", "2027-Q2", "goal", 0.38),
        *(Formula("=activation_today", ACTIVATION_TODAY), "38% at the end of the year"),
    ),
    (None, "churn", "2027-Q1", "floor", 0.017, Formula("=churn_today", CHURN_TODAY), "Promised to investors"),
    (None, "support_hours", "2027-Q2", "goal", -2_000.0, None, "One position less in the help desk"),
)
