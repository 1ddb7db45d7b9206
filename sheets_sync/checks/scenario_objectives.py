"""Checks of what each scenario asks, once its row, its constraints and its targets are all read."""

from collections.abc import Collection, Mapping, Sequence

from optimizer.plan import Normalization, ObjectiveMode, Synergy, Target, TargetKind, rules_of_kind
from optimizer.wording import listing
from sheets_sync.checks.drafts import InitiativeDraft, KpiDraft, Place, ScenarioDraft
from sheets_sync.checks.issue_collector import Findings
from sheets_sync.inputs.name_matching import Vocabulary


def check_objectives(
    scenarios: Sequence[ScenarioDraft],
    initiatives: Sequence[InitiativeDraft],
    kpis: Sequence[KpiDraft],
    findings: Findings,
) -> None:
    """Everything that a scenario's mode needs and lacks, or has and does not use."""
    active = {kpi.key: kpi for kpi in kpis if kpi.is_active}
    stars = [kpi.key for kpi in active.values() if kpi.is_north_star]
    periods = Vocabulary(dict.fromkeys(draft.period for draft in initiatives if draft.period is not None))
    for scenario in scenarios:
        _check_period(scenario, initiatives, periods, findings)
        if scenario.mode is None:
            continue
        if scenario.uses_north_star and scenario.north_star is None and not stars:
            place = scenario.places["north_star_kpi"]
            findings.add("no_north_star", place, about=scenario, scenario=scenario.name)
        moved = _moved_kpis(scenario, initiatives)
        star = scenario.north_star or next(iter(stars), None)
        has_candidates = any(draft.takes_part_in(scenario) for draft in initiatives)
        if scenario.uses_north_star and star is not None and star not in moved and has_candidates:
            place = scenario.places["north_star_kpi"]
            findings.add("idle_north_star", place, about=scenario, scenario=scenario.name, kpi=star)
        if scenario.uses_weights:
            _check_weights(scenario, moved, active, findings)
            _check_normalization(scenario, active, findings)
        else:
            _warn_unused_weights(scenario, findings)
        _check_targets(scenario, findings)


def _check_period(
    scenario: ScenarioDraft, initiatives: Sequence[InitiativeDraft], periods: Vocabulary, findings: Findings
) -> None:
    place = scenario.places["period_key"]
    is_known = scenario.period is None or periods.find(scenario.period) is not None
    near = None if is_known else periods.close(str(scenario.period))
    if initiatives and not any(draft.takes_part_in(scenario) for draft in initiatives):
        why = "" if scenario.period is None else f" in the period {scenario.period}"
        findings.add("no_candidates", place, about=scenario, near=near, scenario=scenario.name, why=why)
    elif not is_known:
        findings.add("period_without_initiatives", place, about=scenario, near=near, name=scenario.period)


def _moved_kpis(scenario: ScenarioDraft, initiatives: Sequence[InitiativeDraft]) -> frozenset[str]:
    """The KPIs that a candidate or a synergy of the scenario contributes to."""
    moved = {
        kpi
        for draft in initiatives
        if draft.takes_part_in(scenario)
        for kpi, value in draft.contributions.items()
        if value != 0
    }
    return frozenset(moved | {synergy.kpi for synergy in rules_of_kind(scenario.rules, Synergy)})


def _check_weights(
    scenario: ScenarioDraft, moved: Collection[str], active: Mapping[str, KpiDraft], findings: Findings
) -> None:
    if scenario.has_unread_weights:
        return
    if not scenario.weighted:
        code = "zero_weights" if scenario.weights else "missing_weights"
        findings.add(code, _weights_place(scenario), about=scenario, scenario=scenario.name)
    for kpi in scenario.weighted:
        place = scenario.places[f"weight: {kpi}"]
        if kpi not in moved:
            findings.add("weight_without_effect", place, about=scenario, scenario=scenario.name, kpi=kpi)
        for fed in _fed_by(kpi, active):
            if fed in scenario.weighted:
                findings.add("double_counting", place, about=scenario, scenario=scenario.name, kpi=kpi, fed=fed)


def _first_weight(scenario: ScenarioDraft) -> str:
    """The column of the scenario's first weight, or of the mode that asks for one."""
    return next((name for name in scenario.places if name.startswith("weight: ")), "objective_mode")


def _weights_place(scenario: ScenarioDraft) -> Place:
    return scenario.places[_first_weight(scenario)]


def _fed_by(kpi: str, active: Mapping[str, KpiDraft]) -> list[str]:
    """The KPIs that this one causes, directly or through others."""
    fed: list[str] = []
    step = active[kpi].feeds
    while step is not None and step != kpi and step not in fed:
        fed.append(step)
        step = active[step].feeds if step in active else None
    return fed


def _check_normalization(scenario: ScenarioDraft, active: Mapping[str, KpiDraft], findings: Findings) -> None:
    place = scenario.places["normalization"]
    if scenario.normalization is Normalization.SCALE:
        for kpi in scenario.weighted:
            if active[kpi].scale is None and not active[kpi].has_unread_scale:
                findings.add("missing_scale", place, about=scenario, kpi=kpi)
    if scenario.normalization is Normalization.TARGET and not scenario.has_unread_targets:
        for kpi in scenario.weighted:
            values = [target.value for target in _targets_to_divide_by(scenario, kpi)]
            if not any(values):
                zero = " other than 0" if values else ""
                findings.add("missing_target", place, about=scenario, kpi=kpi, zero=zero)


def _targets_to_divide_by(scenario: ScenarioDraft, kpi: str) -> list[Target]:
    """The scenario's goals for a KPI that are not limited to a slice; its floors where it has no goal."""
    whole = [target for target in scenario.targets if target.kpi == kpi and target.slice is None]
    return [target for target in whole if target.kind is TargetKind.GOAL] or whole


def _warn_unused_weights(scenario: ScenarioDraft, findings: Findings) -> None:
    mode = f"the mode {scenario.mode}"
    but = ""
    if scenario.mode is ObjectiveMode.LEXICOGRAPHIC:
        mode, but = "this lexicographic scenario", ", whose secondary_objective is north_star"
    unused = [f"weight: {kpi}" for kpi, weight in scenario.weights.items() if weight > 0]
    if unused:
        findings.add(
            "unused_setting",
            scenario.places[unused[0]],
            about=scenario,
            column=listing(unused),
            verb="have" if len(unused) > 1 else "has",
            mode=mode,
            but=but,
            it="them" if len(unused) > 1 else "it",
        )
    if scenario.has_normalization and scenario.normalization is not Normalization.NONE:
        place = scenario.places["normalization"]
        findings.add(
            "unused_setting", place, about=scenario, column="normalization", verb="has", mode=mode, but=but, it="it"
        )


def _check_targets(scenario: ScenarioDraft, findings: Findings) -> None:
    if scenario.mode is not ObjectiveMode.LEXICOGRAPHIC:
        for name, given in (
            ("target_priority", scenario.has_priority),
            ("secondary_objective", scenario.has_secondary),
        ):
            if given:
                place, mode = scenario.places[name], f"the mode {scenario.mode}"
                findings.add(
                    "unused_setting", place, about=scenario, column=name, verb="has", mode=mode, but="", it="it"
                )
        return
    if not scenario.targets and not scenario.has_unread_targets:
        findings.add("no_targets", scenario.places["objective_mode"], about=scenario, scenario=scenario.name)
    goals = {target.kpi for target in scenario.targets if target.kind is TargetKind.GOAL}
    for kpi in (kpi for group in scenario.priorities for kpi in group):
        if kpi not in goals and not scenario.has_unread_targets:
            findings.add("priority_without_target", scenario.places["target_priority"], about=scenario, kpi=kpi)
