"""Building the plan of everything that no error touches."""

from collections.abc import Collection, Iterable, Iterator, Sequence

from config.units import marks_of
from optimizer.plan import TOKENS, Initiative, Kpi, Plan, Scenario
from sheets_sync.checks.drafts import InitiativeDraft, KpiDraft, ScenarioDraft


def build_plan(
    kpis: Iterable[KpiDraft],
    initiatives: Sequence[InitiativeDraft],
    scenarios: Sequence[ScenarioDraft],
    periods: Sequence[str] = (),
) -> Plan:
    """The plan of the given scenarios, none of which an error stops.

    A broken initiative is a candidate of none of them. It is left out, unless something else depends on its presence.
    """
    active = [kpi for kpi in kpis if kpi.is_active]
    north_star = next((kpi.key for kpi in active if kpi.is_north_star), None)
    needed = set(_mentioned(initiatives, scenarios))
    return Plan(
        kpis=tuple(_kpi(kpi, {other.key for other in active}) for kpi in active),
        initiatives=tuple(_initiatives(initiatives, needed, scenarios)),
        scenarios=tuple(_scenario(scenario, north_star) for scenario in scenarios),
        periods=tuple(periods) if any(scenario.horizon for scenario in scenarios) else (),
    )


def _kpi(draft: KpiDraft, active: Collection[str]) -> Kpi:
    prefix, suffix, factor = marks_of(draft.unit, draft.number_format)
    return Kpi(
        key=draft.key,
        name=draft.name,
        unit=draft.unit,
        number_format=draft.number_format,
        prefix=prefix,
        suffix=suffix,
        factor=factor,
        direction=draft.direction,
        is_north_star=draft.is_north_star,
        scale=draft.scale,
        accrues=draft.accrues,
        feeds=draft.feeds if draft.feeds in active else None,
    )


def _mentioned(initiatives: Sequence[InitiativeDraft], scenarios: Iterable[ScenarioDraft]) -> Iterator[str]:
    """The keys that sound initiatives and the scenarios' rules mention."""
    for draft in initiatives:
        if not draft.is_broken:
            yield from draft.prerequisites
            yield from draft.exclusions
    for scenario in scenarios:
        for rule in scenario.rules:
            yield from rule.mentions().initiatives


def _initiatives(
    drafts: Sequence[InitiativeDraft], needed: Collection[str], scenarios: Sequence[ScenarioDraft]
) -> Iterator[Initiative]:
    seen: set[str] = set()
    for draft in drafts:
        if draft.key is None or draft.key in seen:
            continue
        if not draft.is_broken:
            seen.add(draft.key)
            yield _initiative(draft, draft.key, scenarios)
        elif draft.key in needed or draft.bundle is not None:
            # What needs it, or is bundled with it, must find it, and find that it cannot be selected.
            seen.add(draft.key)
            yield Initiative(
                key=draft.key,
                title=draft.title,
                costs={TOKENS: 0.0},
                is_candidate=False,
                bundle_key=draft.bundle,
                source=str(draft.place),
            )


def _initiative(draft: InitiativeDraft, key: str, scenarios: Sequence[ScenarioDraft]) -> Initiative:
    longer = {scenario.period for scenario in scenarios if scenario.period is not None and draft.is_in(scenario)}
    longer |= {period.name for scenario in scenarios for period in scenario.horizon if draft.lies_in(period)}
    timing = draft.timing
    # Dates are periods of the plan only where there is a plan over several.
    has_periods = any(scenario.horizon for scenario in scenarios)
    return Initiative(
        key=key,
        title=draft.title,
        contributions=draft.contributions,
        ranges=draft.ranges,
        cost_ranges=draft.cost_ranges | ({} if draft.token_range is None else {TOKENS: draft.token_range}),
        confidence=draft.confidence,
        costs={TOKENS: 0.0 if draft.tokens is None else draft.tokens, **draft.costs},
        dimensions=draft.dimensions,
        period_key=draft.period,
        longer_periods=tuple(sorted(longer - {draft.period})),
        is_candidate=draft.is_candidate,
        is_done=draft.is_done,
        is_mandatory=draft.is_mandatory,
        mandate_reason=draft.mandate_reason,
        bundle_key=draft.bundle,
        prerequisite_keys=draft.prerequisites,
        exclusion_keys=draft.exclusions,
        variant_of=draft.variant_of,
        duration=timing.duration,
        profile=timing.profile,
        earliest_start=timing.earliest if has_periods else None,
        latest_finish=timing.latest if has_periods else None,
        is_in_progress=timing.is_in_progress,
        may_stop=timing.may_stop,
        stop_cost=timing.stop_cost,
        source=str(draft.place),
        timing_sources={
            name: str(timing.places[name]) for name in ("earliest_start", "latest_finish") if name in timing.places
        },
    )


def _scenario(draft: ScenarioDraft, north_star: str | None) -> Scenario:
    if draft.mode is None:
        raise ValueError(f"scenario {draft.name!r} has no objective mode, yet no error stops it")
    return Scenario(
        name=draft.name,
        objective_mode=draft.mode,
        period_key=draft.period,
        from_period=draft.horizon[0].name if draft.horizon else None,
        to_period=draft.horizon[-1].name if draft.horizon else None,
        north_star=draft.north_star or north_star,
        weights=draft.weights,
        targets=tuple(draft.targets),
        target_priorities=draft.priorities,
        secondary_objective=draft.secondary,
        capacities=draft.capacities,
        normalization=draft.normalization,
        rules=tuple(draft.rules),
        capacity_sources=draft.capacity_sources,
        reserve=draft.reserve,
        reserve_source=str(draft.places["reserve"]) if draft.reserve else None,
        source=str(draft.place),
    )
