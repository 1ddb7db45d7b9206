"""Checks of the KPIs tab."""

from collections.abc import Mapping, Sequence

from config.names import fold_header, fold_key
from optimizer.plan import Accrual, Direction
from sheets_sync.checks.cell_values import Fault
from sheets_sync.checks.drafts import KpiDraft, ScenarioDraft
from sheets_sync.checks.issue_collector import Findings, Touches, everywhere, nowhere
from sheets_sync.checks.tab_reader import TabReader
from sheets_sync.inputs.frames import Frame
from sheets_sync.inputs.name_matching import Vocabulary


def read_kpis(frame: Frame, findings: Findings, locale: str | None) -> list[KpiDraft]:
    """The KPIs whose key can be read, each key once, in the order of the sheet; everything wrong is reported."""
    reader = TabReader(frame, findings, locale)
    keys, names, units = reader.keys("kpi_key"), reader.texts("kpi_name"), reader.texts("unit")
    levels, directions = reader.choices("kpi_level"), reader.choices("direction")
    scales, feeds = reader.numbers("scale"), reader.keys("feeds")
    accruals = reader.choices("accrues")
    required, active = reader.booleans("is_required"), reader.booleans("is_active")
    reader.require("kpi_key", keys, code="blank_key")
    first_rows: dict[str, int] = {}
    drafts: list[KpiDraft] = []
    for row in frame.rows:
        key = keys.get(row)
        if key is not None:
            first = first_rows.setdefault(fold_key(key), row)
            if first != row:
                cell = reader.place(first).cell
                reader.fault(row, "kpi_key", Fault("duplicate_key", {"value": key, "cell": cell}))
            else:
                draft = KpiDraft(
                    row=row,
                    key=key,
                    name=names.get(row, ""),
                    unit=units.get(row, ""),
                    direction=Direction(directions.get(row, Direction.HIGHER.value)),
                    is_north_star=levels.get(row) == "north_star",
                    scale=scales.get(row),
                    is_required=required.get(row, False),
                    feeds=feeds.get(row),
                    accrues=Accrual(accruals.get(row, Accrual.ONCE.value)),
                    is_active=active.get(row, True),
                    has_unread_scale="scale" in reader.faulty(row),
                )
                drafts.append(draft)
        reader.report(row, everywhere, narrower=_narrower(key))
    _check_names(drafts, reader)
    _check_north_stars(drafts, reader)
    _resolve_feeds(drafts, reader)
    return drafts


def kpi_vocabulary(kpis: Sequence[KpiDraft]) -> Vocabulary:
    """Finds a KPI by its key or its name, as headers, JSON and cells of the other tabs write it."""
    return Vocabulary((kpi.key for kpi in kpis), ((kpi.name, kpi.key) for kpi in kpis), loose=True)


def needs_common_north_star(scenario: ScenarioDraft) -> bool:
    """Whether the scenario takes the north star of the KPIs tab."""
    return scenario.uses_north_star and scenario.north_star is None


def _rewards(key: str | None) -> Touches:
    return nowhere if key is None else lambda scenario: key in scenario.weighted


def _narrower(key: str | None) -> Mapping[str, Touches]:
    """Columns of which a fault touches only the scenarios that make use of it."""
    return {
        "kpi_level": needs_common_north_star,
        "scale": lambda scenario: scenario.normalization == "scale" and _rewards(key)(scenario),
        "feeds": _rewards(key),
    }


def _check_names(kpis: Sequence[KpiDraft], reader: TabReader) -> None:
    """A name that is also another KPI's key or name cannot head a column."""
    owners: dict[str, KpiDraft] = {fold_header(kpi.key): kpi for kpi in reversed(kpis)}
    for kpi in kpis:
        if not kpi.name:
            continue
        owner = owners.setdefault(fold_header(kpi.name), kpi)
        if owner is not kpi:
            column = "kpi_key" if fold_header(owner.key) == fold_header(kpi.name) else "kpi_name"
            reader.findings.add(
                "shared_kpi_name",
                reader.place(kpi.row, "kpi_name"),
                name=kpi.name,
                other=owner.key,
                cell=reader.place(owner.row, column).cell,
            )


def _check_north_stars(kpis: Sequence[KpiDraft], reader: TabReader) -> None:
    stars = [kpi for kpi in kpis if kpi.is_north_star and kpi.is_active]
    for kpi in stars[1:]:
        reader.findings.add(
            "two_north_stars",
            reader.place(kpi.row, "kpi_level"),
            needs_common_north_star,
            kpi=kpi.key,
            first=stars[0].key,
            cell=reader.place(stars[0].row, "kpi_level").cell,
        )


def _resolve_feeds(kpis: Sequence[KpiDraft], reader: TabReader) -> None:
    """Turn what `feeds` says into keys, and report unknown ones and circles."""
    vocabulary = kpi_vocabulary(kpis)
    for kpi in kpis:
        if kpi.feeds is None:
            continue
        found = vocabulary.find(kpi.feeds)
        if found is None:
            near = vocabulary.nearest(kpi.feeds)
            place = reader.place(kpi.row, "feeds")
            reader.findings.add("unknown_kpi", place, _rewards(kpi.key), name=kpi.feeds, near=near)
        kpi.feeds = found
    by_key = {kpi.key: kpi for kpi in kpis}
    reported: set[str] = set()
    for kpi in kpis:
        path: list[str] = []
        step: str | None = kpi.key
        while step is not None and step not in path and step not in reported:
            path.append(step)
            step = by_key[step].feeds
        if step in path:
            cycle = path[path.index(step) :]
            place = reader.place(by_key[step].row, "feeds")
            reader.findings.add("feeds_itself", place, _rewards(step), cycle=" > ".join((*cycle, step)))
        reported.update(path)
