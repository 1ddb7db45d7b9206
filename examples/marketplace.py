"""The example's content: what an online marketplace could do in the third quarter of 2026, written by hand.

Contributions are incremental for the quarter. Drawn as a workbook by `build_marketplace`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from drawing import Assumption, Formula

Amount = float | Formula | None


@dataclass(frozen=True)
class Initiative:
    """One row of the Initiatives tab; contributions are None where the cell is left blank."""

    key: str
    title: str
    department: str
    market: str
    category: str
    program: str
    tokens: float
    design_days: float
    gmv: Amount = 0.0
    conversion: Amount = None
    retention: Amount = None
    sellers: Amount = None
    delivery: Amount = None
    gmv_range: tuple[Amount, Amount] = (None, None)
    retention_range: tuple[Amount, Amount] = (None, None)
    json: str = ""
    period: str = "2026-Q3"
    is_candidate: bool = True
    mandate: str = ""
    bundle: str = ""
    prerequisites: str = ""
    exclusions: str = ""
    variant_of: str = ""
    owner: str = ""
    confidence: str = "Medium"
    notes: str = ""


# --- Assumptions: per quarter, the basis of the estimates -------------------------------------------------------------

SESSIONS = {"uk": 21_400_000.0, "de": 13_900_000.0, "fr": 8_700_000.0}
CHECKOUT_START = 0.068
AOV = {"uk": 42.5, "de": 47.0, "fr": 44.0}
ALL_SESSIONS = sum(SESSIONS.values())
CHECKOUTS_UK = SESSIONS["uk"] * CHECKOUT_START
CHECKOUTS_ALL = ALL_SESSIONS * CHECKOUT_START
AOV_ALL = sum(SESSIONS[market] * AOV[market] for market in SESSIONS) / ALL_SESSIONS
MOBILE_SHARE = 0.62
BASKETS_LEFT = 1_150_000.0
SELLER_LEADS = 3_500.0
RETENTION_TODAY = 0.312
SELLERS_TODAY = 12_400.0
CONVERSION_TODAY = 0.418

MILLIONS, PERCENT, MONEY = "#,##0", "0.0%", "£#,##0.00"

ASSUMPTIONS: Sequence[Assumption] = (
    Assumption("sessions_uk", "Sessions, UK", SESSIONS["uk"], MILLIONS, "Web analytics, Q2 2026 plus season"),
    Assumption("sessions_de", "Sessions, DE", SESSIONS["de"], MILLIONS, "Web analytics, Q2 2026 plus season"),
    Assumption("sessions_fr", "Sessions, FR", SESSIONS["fr"], MILLIONS, "Web analytics, Q2 2026 plus season"),
    Assumption(
        "sessions_all",
        "Sessions, all markets",
        Formula("=sessions_uk+sessions_de+sessions_fr", ALL_SESSIONS),
        MILLIONS,
        "Sum of the above",
    ),
    Assumption("checkout_start", "Sessions that start a checkout", CHECKOUT_START, PERCENT, "Funnel report, May 2026"),
    Assumption(
        "checkouts_uk",
        "Checkouts started, UK",
        Formula("=sessions_uk*checkout_start", CHECKOUTS_UK),
        MILLIONS,
        "Sessions x start rate",
    ),
    Assumption(
        "checkouts_all",
        "Checkouts started, all markets",
        Formula("=sessions_all*checkout_start", CHECKOUTS_ALL),
        MILLIONS,
        "Sessions x start rate",
    ),
    Assumption("aov_uk", "Average order value, UK", AOV["uk"], MONEY, "Finance, trailing 12 months"),
    Assumption("aov_de", "Average order value, DE", AOV["de"], MONEY, "Finance, at 0.85 GBP per EUR"),
    Assumption("aov_fr", "Average order value, FR", AOV["fr"], MONEY, "Finance, at 0.85 GBP per EUR"),
    Assumption(
        "aov_all",
        "Average order value, all markets",
        Formula("=(sessions_uk*aov_uk+sessions_de*aov_de+sessions_fr*aov_fr)/sessions_all", AOV_ALL),
        MONEY,
        "Weighted by sessions",
    ),
    Assumption("mobile_share", "Share of checkouts on mobile web", MOBILE_SHARE, PERCENT, "Funnel report, May 2026"),
    Assumption("baskets_left", "Baskets left behind, known e-mail", BASKETS_LEFT, MILLIONS, "CRM, Q2 2026"),
    Assumption("seller_leads", "Seller leads that begin onboarding", SELLER_LEADS, MILLIONS, "Sales operations"),
    Assumption("retention_today", "30-day retention today", RETENTION_TODAY, PERCENT, "Cohort dashboard, 1 June 2026"),
    Assumption("sellers_today", "Active sellers today", SELLERS_TODAY, MILLIONS, "Seller dashboard, 1 June 2026"),
    Assumption("conversion_today", "Checkout conversion today", CONVERSION_TODAY, PERCENT, "Funnel report, May 2026"),
)


def thousands(text: str, value: float) -> Formula:
    """A formula rounded to whole thousands, as the sheet does it."""
    return Formula(f"=ROUND({text},-3)", round(value / 1000) * 1000.0)


def share_of_gmv(share: float, gmv: float) -> Formula:
    """The low or high end of an estimate as a share of the estimate in the same row."""
    return thousands(f"K{{row}}*{share}", gmv * share)


# --- KPIs -------------------------------------------------------------------------------------------------------------

KPI_HEADERS = ("KPI key", "KPI name", "KPI level", "Unit", "Direction", "Scale", "Is required", "Feeds", "Is active")
KPIS: Sequence[tuple[str | float | bool | None, ...]] = (
    ("gmv", "GMV", "north_star", "GBP", "higher", 250_000.0, True, None, True),
    ("conversion_rate", "Conversion rate", "strategic", "fraction", "higher", 0.005, False, "gmv", True),
    ("retention_30d", "30-day retention", "strategic", "fraction", "higher", 0.005, False, None, True),
    ("active_sellers", "Active sellers", "strategic", "count", "higher", 200.0, False, None, True),
    ("delivery_days", "Delivery time", "strategic", "days", "lower", 0.15, False, None, True),
)
KPI_DEFINITIONS = (
    "Value of goods sold in the quarter, VAT included, before returns",
    "Orders divided by checkouts started, all markets",
    "Buyers of a month who buy again within 30 days",
    "Sellers with at least one sale in the last 28 days",
    "Order to doorstep, average of all parcels",
)

# --- Initiatives ------------------------------------------------------------------------------------------------------

GROWTH, CHECKOUT, SUPPLY = "Growth", "Checkout", "Supply"
TRUST, LOGISTICS, PLATFORM = "Trust & Safety", "Logistics", "Platform"

GMV_103 = thousands("baskets_left*0.0085*aov_all", BASKETS_LEFT * 0.0085 * AOV_ALL)
GMV_201 = thousands("checkouts_all*mobile_share*N{row}*aov_all", CHECKOUTS_ALL * MOBILE_SHARE * 0.008 * AOV_ALL)
GMV_203 = thousands("checkouts_uk*N{row}*aov_uk*0.85", CHECKOUTS_UK * 0.009 * AOV["uk"] * 0.85)
GMV_602 = thousands("checkouts_all*N{row}*aov_all*0.75", CHECKOUTS_ALL * 0.007 * AOV_ALL * 0.75)
GMV_605 = thousands("checkouts_all*N{row}*aov_all*0.8", CHECKOUTS_ALL * 0.004 * AOV_ALL * 0.8)

INITIATIVES: Sequence[Initiative] = (
    Initiative(
        *("GRO-101", "Personalised home feed for returning buyers", GROWTH, "UK", "Retention", "Loyalty", 55.0, 14.0),
        gmv=420_000.0,
        retention=0.006,
        gmv_range=(260_000.0, 520_000.0),
        retention_range=(0.003, 0.008),
        prerequisites="PLT-601",
        owner="Amelia Hart",
    ),
    Initiative(
        *("GRO-102", "Referral credit: give £5, get £5", GROWTH, "UK", "Acquisition", "Loyalty", 30.0, 8.0),
        gmv=260_000.0,
        retention=0.003,
        owner="Amelia Hart",
        notes="Credit cost is in the marketing budget, not here",
    ),
    Initiative(
        *("GRO-103", "Basket reminders by e-mail and push", GROWTH, "Global", "Retention", "Lifecycle", 18.0, 4.0),
        gmv=GMV_103,
        conversion=0.004,
        retention=0.003,
        gmv_range=(share_of_gmv(0.7, GMV_103.value), share_of_gmv(1.2, GMV_103.value)),
        owner="Jonas Weber",
        confidence="High",
        notes="Test in May: 0.85% of baskets came back",
    ),
    Initiative(
        *("GRO-104", "Price-drop alerts on saved items", GROWTH, "Global", "Retention", "Lifecycle", 24.0, 5.0),
        gmv=230_000.0,
        retention=0.004,
        period="",
        owner="Jonas Weber",
    ),
    Initiative(
        *("GRO-105", "German landing pages for the top 200 categories", GROWTH, "DE", "Acquisition", "International"),
        *(28.0, 6.0),
        gmv=310_000.0,
        json='{"gmv": 310000, "active_sellers": 25}',
        owner="Jonas Weber",
    ),
    Initiative(
        *("GRO-106", "Loyalty tiers: MVP with free delivery", GROWTH, "UK", "Retention", "Loyalty", 60.0, 15.0),
        gmv=380_000.0,
        retention=0.009,
        gmv_range=(220_000.0, 450_000.0),
        retention_range=(0.005, 0.011),
        variant_of="loyalty-scope",
        owner="Amelia Hart",
        notes="One of the two scopes, see GRO-107",
    ),
    Initiative(
        *("GRO-107", "Loyalty tiers: full scope with partner rewards", GROWTH, "UK", "Retention", "Loyalty"),
        *(115.0, 28.0),
        gmv=640_000.0,
        retention=0.014,
        gmv_range=(300_000.0, 900_000.0),
        retention_range=(0.006, 0.019),
        prerequisites="PLT-601",
        variant_of="loyalty-scope",
        owner="Amelia Hart",
        confidence="Low",
        notes="Two partners have signed, three are open",
    ),
    Initiative(
        *("GRO-108", "Taste quiz for first-time buyers", GROWTH, "FR", "Acquisition", "International", 20.0, 9.0),
        gmv=90_000.0,
        conversion=0.001,
        retention=0.002,
        period="2026-Q4",
        owner="Camille Laurent",
    ),
    Initiative(
        *("CHK-201", "Guest checkout on mobile web", CHECKOUT, "Global", "Conversion", "Faster checkout", 40.0, 10.0),
        gmv=GMV_201,
        conversion=0.008,
        retention=-0.001,
        gmv_range=(share_of_gmv(0.6, GMV_201.value), share_of_gmv(1.15, GMV_201.value)),
        owner="Priya Nair",
        confidence="High",
        notes="Guests come back a little less often",
    ),
    Initiative(
        *("CHK-202", "Apple Pay and Google Pay", CHECKOUT, "Global", "Conversion", "Faster checkout", 35.0, 4.0),
        gmv=560_000.0,
        conversion=0.007,
        gmv_range=(400_000.0, 650_000.0),
        owner="Priya Nair",
        confidence="High",
    ),
    Initiative(
        *("CHK-203", "One-page checkout", CHECKOUT, "UK", "Conversion", "Faster checkout", 48.0, 16.0),
        gmv=GMV_203,
        conversion=0.009,
        exclusions="CHK-204",
        owner="Priya Nair",
        notes="15% off for orders that come anyway",
    ),
    Initiative(
        *("CHK-204", "Step-by-step checkout with progress bar", CHECKOUT, "UK", "Conversion", "Faster checkout"),
        *(26.0, 9.0),
        gmv=240_000.0,
        conversion=0.005,
        exclusions="CHK-203",
        owner="Priya Nair",
    ),
    Initiative(
        *("CHK-205", "Pay later in three instalments", CHECKOUT, "DE", "Conversion", "Payments", 52.0, 7.0),
        gmv=430_000.0,
        conversion=0.004,
        owner="Felix Brandt",
        notes="Needs the payment layer, see Constraints",
    ),
    Initiative(
        *("CHK-206", "Strong customer authentication: step-up flow", CHECKOUT, "Global", "Compliance", "Payments"),
        *(45.0, 5.0),
        gmv=-60_000.0,
        conversion=-0.002,
        mandate="PSD2 audit finding, to be closed by 30 September 2026",
        owner="Felix Brandt",
        confidence="High",
    ),
    Initiative(
        *("CHK-207", "Address autocomplete and validation", CHECKOUT, "FR", "Conversion", "Faster checkout", 14.0, 3.0),
        gmv=85_000.0,
        conversion=0.003,
        delivery=-0.03,
        owner="Camille Laurent",
        confidence="High",
    ),
    Initiative(
        *("CHK-208", "Basket kept across devices", CHECKOUT, "Global", "Conversion", "Faster checkout", 22.0, 2.0),
        gmv=190_000.0,
        conversion=0.003,
        retention=0.002,
        period="",
        prerequisites="PLT-601",
        owner="Priya Nair",
    ),
    Initiative(
        *("SUP-301", "Seller sign-up in one sitting", SUPPLY, "Global", "Supply", "Seller onboarding", 58.0, 18.0),
        gmv=350_000.0,
        sellers=Formula("=ROUND(seller_leads*0.12,0)", 420.0),
        gmv_range=(200_000.0, 420_000.0),
        owner="Tom Okafor",
        notes="12% more of the leads reach a first listing",
    ),
    Initiative(
        *("SUP-302", "Bulk listing upload by spreadsheet", SUPPLY, "Global", "Supply", "Seller onboarding", 32.0, 6.0),
        gmv=210_000.0,
        sellers=180.0,
        owner="Tom Okafor",
        confidence="High",
    ),
    Initiative(
        *("SUP-303", "Catalogue matching by barcode", SUPPLY, "Global", "Supply", "Catalogue", 44.0, 3.0),
        gmv=240_000.0,
        conversion=0.002,
        sellers=90.0,
        owner="Ines Moreau",
    ),
    Initiative(
        *("SUP-304", "Stock-out warnings in the seller dashboard", SUPPLY, "UK", "Supply", "Seller tools", 22.0, 8.0),
        gmv=180_000.0,
        retention=0.002,
        sellers=40.0,
        owner="Tom Okafor",
    ),
    Initiative(
        *("SUP-305", "Price suggestions for sellers", SUPPLY, "DE", "Supply", "Seller tools", 50.0, 9.0),
        gmv=390_000.0,
        conversion=0.002,
        sellers=60.0,
        gmv_range=(150_000.0, 550_000.0),
        prerequisites="SUP-308",
        owner="Felix Brandt",
        confidence="Low",
    ),
    Initiative(
        *("SUP-306", "Wholesale accounts with invoice payment", SUPPLY, "FR", "Supply", "Seller onboarding", 26.0, 5.0),
        gmv=120_000.0,
        sellers=150.0,
        owner="Camille Laurent",
    ),
    Initiative(
        *("SUP-307", "Seller academy: videos and certificate", SUPPLY, "Global", "Supply", "Seller tools", 16.0, 12.0),
        gmv=70_000.0,
        sellers=110.0,
        period="2026-Q4",
        owner="Ines Moreau",
    ),
    Initiative(
        *("SUP-308", "Seller analytics API", SUPPLY, "Global", "Supply", "Seller tools", 20.0, 2.0),
        gmv=60_000.0,
        sellers=70.0,
        period="",
        owner="Ines Moreau",
        notes="SUP-305 and TRS-408 build on it",
    ),
    Initiative(
        *("TRS-401", "Trader identity checks", TRUST, "Global", "Compliance", "Trusted marketplace", 62.0, 8.0),
        gmv=-40_000.0,
        retention=0.001,
        sellers=-120.0,
        mandate="Digital Services Act, Article 30: traders must be traceable",
        owner="Hannah Vogel",
        confidence="High",
    ),
    Initiative(
        *("TRS-402", "Counterfeit detection on listing images", TRUST, "Global", "Risk", "Trusted marketplace"),
        *(70.0, 4.0),
        gmv=160_000.0,
        conversion=0.002,
        json='{"retention_30d": 0.005, "active_sellers": -60}',
        owner="Hannah Vogel",
    ),
    Initiative(
        *("TRS-403", "Buyer protection badge and guarantee page", TRUST, "UK", "Conversion", "Trusted marketplace"),
        *(12.0, 9.0),
        gmv=190_000.0,
        conversion=0.004,
        retention=0.003,
        owner="Hannah Vogel",
        confidence="High",
    ),
    Initiative(
        *("TRS-404", "Review authenticity score", TRUST, "Global", "Risk", "Trusted marketplace", 34.0, 6.0),
        gmv=120_000.0,
        conversion=0.002,
        retention=0.004,
        period="2026-Q4",
        owner="Luca Bianchi",
    ),
    Initiative(
        *("TRS-405", "Disputes solved by self-service", TRUST, "Global", "Retention", "Customer care", 38.0, 11.0),
        gmv=60_000.0,
        retention=0.007,
        retention_range=(0.004, 0.009),
        owner="Luca Bianchi",
        notes="Saves customer care 1.4 people; not counted here",
    ),
    Initiative(
        *("TRS-406", "Passkeys and account-takeover alerts", TRUST, "Global", "Risk", "Trusted marketplace", 30.0, 7.0),
        gmv=80_000.0,
        conversion=0.001,
        retention=0.004,
        period="",
        owner="Luca Bianchi",
    ),
    Initiative(
        *("TRS-407", "Fraud rules for bank transfers", TRUST, "DE", "Risk", "Payments", 27.0, 2.0),
        gmv=140_000.0,
        conversion=-0.001,
        owner="Felix Brandt",
    ),
    Initiative(
        *("TRS-408", "Seller health score with early warnings", TRUST, "Global", "Supply", "Seller tools", 25.0, 6.0),
        gmv=50_000.0,
        retention=0.003,
        sellers=80.0,
        prerequisites="SUP-308",
        owner="Hannah Vogel",
    ),
    Initiative(
        *("LOG-501", "Delivery date shown on product pages", LOGISTICS, "UK", "Conversion", "Delivery promise"),
        *(36.0, 9.0),
        gmv=330_000.0,
        conversion=0.005,
        retention=0.003,
        bundle="delivery-promise",
        owner="Grace Adeyemi",
        notes="Only with the tracking feed, LOG-502",
    ),
    Initiative(
        *("LOG-502", "Carrier tracking feed", LOGISTICS, "UK", "Operations", "Delivery promise", 28.0, 2.0),
        gmv=20_000.0,
        delivery=-0.1,
        bundle="delivery-promise",
        owner="Grace Adeyemi",
    ),
    Initiative(
        *("LOG-503", "Pick-up at 1,900 parcel shops", LOGISTICS, "FR", "Operations", "Delivery promise", 54.0, 10.0),
        gmv=280_000.0,
        conversion=0.003,
        retention=0.002,
        delivery=-0.2,
        gmv_range=(160_000.0, 380_000.0),
        owner="Camille Laurent",
    ),
    Initiative(
        *("LOG-504", "Evening delivery slots in London", LOGISTICS, "UK", "Operations", "Delivery promise", 33.0, 5.0),
        gmv=150_000.0,
        conversion=0.002,
        retention=0.003,
        delivery=-0.12,
        is_candidate=False,
        owner="Grace Adeyemi",
        notes="Carrier contract not signed yet",
    ),
    Initiative(
        *("LOG-505", "Carrier chosen by cost and speed", LOGISTICS, "DE", "Operations", "Delivery promise", 42.0, 1.0),
        gmv=110_000.0,
        retention=0.002,
        delivery=-0.3,
        owner="Grace Adeyemi",
    ),
    Initiative(
        *("LOG-506", "Returns label in the app", LOGISTICS, "Global", "Retention", "Customer care", 18.0, 6.0),
        gmv=50_000.0,
        conversion=0.001,
        retention=0.006,
        owner="Luca Bianchi",
        confidence="High",
    ),
    Initiative(
        *("LOG-507", "Packaging register numbers of sellers", LOGISTICS, "DE", "Compliance", "Trusted marketplace"),
        *(15.0, 2.0),
        gmv=0.0,
        sellers=-35.0,
        mandate="German Packaging Act: marketplaces must verify the register number",
        owner="Felix Brandt",
        confidence="High",
    ),
    Initiative(
        *("LOG-508", "Warehouse cut-off moved to 20:00", LOGISTICS, "UK", "Operations", "Delivery promise", 9.0, 0.0),
        gmv=130_000.0,
        conversion=0.001,
        delivery=-0.25,
        owner="Grace Adeyemi",
        confidence="High",
    ),
    Initiative(
        *("PLT-601", "Customer profile service", PLATFORM, "Global", "Tech health", "Core platform", 46.0, 0.0),
        gmv=0.0,
        retention=0.001,
        owner="Daniel Kim",
        notes="GRO-101, GRO-107, CHK-208 and PLT-607 need it",
    ),
    Initiative(
        *("PLT-602", "Search ranking with learned relevance", PLATFORM, "Global", "Conversion", "Discovery", 85.0, 6.0),
        gmv=GMV_602,
        conversion=0.007,
        json='{"retention_30d": 0.004}',
        gmv_range=(share_of_gmv(0.5, GMV_602.value), share_of_gmv(1.3, GMV_602.value)),
        owner="Sofia Rossi",
        notes="25% off: part of it shifts between sellers",
    ),
    Initiative(
        *("PLT-603", "Search synonyms and typo tolerance in German", PLATFORM, "DE", "Conversion", "Discovery"),
        *(22.0, 2.0),
        gmv=250_000.0,
        conversion=0.003,
        owner="Sofia Rossi",
        confidence="High",
    ),
    Initiative(
        *("PLT-604", "Payment orchestration layer", PLATFORM, "Global", "Tech health", "Payments", 64.0, 0.0),
        gmv=90_000.0,
        conversion=0.003,
        owner="Daniel Kim",
        notes="CHK-205 needs it",
    ),
    Initiative(
        *("PLT-605", "Faster pages: images and edge caching", PLATFORM, "Global", "Conversion", "Core platform"),
        *(30.0, 0.0),
        gmv=GMV_605,
        conversion=0.004,
        retention=0.002,
        owner="Daniel Kim",
    ),
    Initiative(
        *("PLT-606", "Experiment platform: sequential tests", PLATFORM, "Global", "Tech health", "Core platform"),
        *(40.0, 3.0),
        gmv=20_000.0,
        period="2026-Q4",
        owner="Sofia Rossi",
    ),
    Initiative(
        *("PLT-607", "Goes-well-with recommendations", PLATFORM, "Global", "Conversion", "Discovery", 38.0, 5.0),
        gmv=450_000.0,
        conversion=0.002,
        retention=0.003,
        gmv_range=(250_000.0, 600_000.0),
        prerequisites="PLT-601; PLT-605",
        owner="Sofia Rossi",
    ),
    Initiative(
        *("PLT-608", "Retire the legacy order service", PLATFORM, "Global", "Tech health", "Core platform", 90.0, 0.0),
        gmv=0.0,
        delivery=-0.02,
        is_candidate=False,
        owner="Daniel Kim",
        notes="Moved to the 2027 budget",
    ),
)

# --- Scenarios --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Scenario:
    """One row of the Scenarios tab; weights and targets by KPI key."""

    name: str
    mode: str
    weights: Mapping[str, float] = field(default_factory=dict)
    targets: Mapping[str, float] = field(default_factory=dict)
    priority: str = ""
    secondary: str = ""
    normalization: str = ""
    tokens: float = 850.0
    design_days: float | None = 150.0
    question: str = ""


BALANCED = {
    "gmv": 1.0,
    "conversion_rate": 0.2,
    "retention_30d": 0.6,
    "active_sellers": 0.4,
    "delivery_days": 0.3,
}
SCENARIOS: Sequence[Scenario] = (
    Scenario("GMV first", "north_star", question="What if only GMV counted?"),
    Scenario(
        *("Balanced (scale)", "weighted_kpis", BALANCED),
        normalization="scale",
        question="All five KPIs, each measured by its scale in the KPIs tab",
    ),
    Scenario(
        *("Balanced (raw units)", "weighted_kpis", BALANCED),
        normalization="none",
        question="The same weights on native units: pounds drown the rest",
    ),
    Scenario(
        *("Retention then GMV", "lexicographic", {}, {"retention_30d": 0.055, "delivery_days": -0.6}),
        priority="retention_30d > delivery_days",
        secondary="north_star",
        question="Meet the board's targets, then as much GMV as possible",
    ),
    Scenario(
        *("Stretch targets", "lexicographic"),
        weights={"gmv": 1.0, "retention_30d": 0.6},
        targets={"gmv": 5_500_000.0, "retention_30d": 0.095, "active_sellers": 400.0},
        priority="gmv > retention_30d > active_sellers",
        secondary="weighted_kpis",
        normalization="scale",
        tokens=950.0,
        design_days=None,
        question="How far are we from the three-year plan?",
    ),
)

# --- Constraints and Targets ------------------------------------------------------------------------------------------

CONSTRAINT_HEADERS = (
    *("Scenario name", "Constraint type", "Dimension", "Dimension key", "Min tokens", "Max tokens"),
    *("Member keys", "KPI key", "Value", "Notes"),
)
CONSTRAINTS: Sequence[tuple[str | float | None, ...]] = (
    (None, "capacity_cap", "department", GROWTH, None, 200.0, None, None, None, "Five engineers until October"),
    (None, "capacity_cap", "department", CHECKOUT, None, 200.0, None, None, None, "Two people on leave in August"),
    (None, "capacity_cap", "department", PLATFORM, None, 240.0, None, None, None, "On-call takes the rest"),
    (None, "capacity_floor", "market", "FR", 40.0, None, None, None, None, "Promised at the relaunch in France"),
    (None, "count_cap", "department", TRUST, None, None, None, None, 5.0, "Legal can review five changes a quarter"),
    ("Balanced (scale)", "count_floor", "market", "DE", None, None, None, None, 3.0, "Three visible things for DE"),
    (None, "share_floor", "department", SUPPLY, None, None, None, None, 0.05, "Sellers get a twentieth at least"),
    (None, "share_cap", "market", "FR", None, None, None, None, 0.3, "France waits for the relaunch"),
    (None, "exclude_pair", None, None, None, None, "LOG-503, LOG-505", None, None, "Same carrier integration team"),
    (None, "prerequisite", None, None, None, None, "CHK-205, PLT-604", None, None, "Instalments run on the new layer"),
    (
        *(None, "prerequisite_any", None, None, None, None, "GRO-104, PLT-602, PLT-603", None, None),
        "Alerts need one of the two search projects",
    ),
    ("Stretch targets", "bundle", None, None, None, None, "SUP-301, SUP-302", None, None, "Launched as one campaign"),
    (
        *("Retention then GMV", "mandatory", None, None, None, None, "TRS-405", None, None),
        "Customer care counts on it for the peak season",
    ),
    (
        *("GMV first", "exclude_initiative", None, None, None, None, "GRO-107", None, None),
        "Partners have not all signed",
    ),
    (
        *(None, "synergy_bonus", None, None, None, None, "CHK-201, CHK-202", "gmv", 90_000.0),
        "Guests with a wallet need no address form",
    ),
)

TARGET_HEADERS = (
    *("Scenario name", "KPI key", "Dimension", "Dimension key", "Floor or goal", "Target value", "Baseline value"),
    "Notes",
)
TARGETS: Sequence[tuple[str | float | Formula | None, ...]] = (
    (
        *(None, "retention_30d", None, None, "floor", 0.332, Formula("=retention_today", RETENTION_TODAY)),
        "33.2% after the quarter, in every scenario",
    ),
    (
        *("Retention then GMV", "active_sellers", None, None, "goal", 12_700.0),
        *(Formula("=sellers_today", SELLERS_TODAY), "12,700 active sellers by the end of September"),
    ),
    (None, "gmv", "market", "UK", "floor", 700_000.0, None, "The UK carries the fixed cost"),
    ("GMV first", "delivery_days", None, None, "goal", -0.5, None, "Half a day faster; reported only in this mode"),
)
