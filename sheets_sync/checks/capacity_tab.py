"""Checks of the Capacity tab; every sound row becomes a limit of the plans over several periods that it is for."""

from optimizer.plan import TOKENS, PeriodCapacity, Slice, TokenBound, rules_of_kind
from optimizer.wording import listing
from sheets_sync.checks.cell_values import Fault
from sheets_sync.checks.context import CheckContext
from sheets_sync.checks.drafts import InitiativeDraft, ScenarioDraft
from sheets_sync.checks.issue_collector import only
from sheets_sync.checks.row_scope import Repeats, ScopeReader, part_in_words, resource_vocabulary
from sheets_sync.checks.tab_reader import TabReader
from sheets_sync.checks.timeline import find_period
from sheets_sync.inputs.frames import Frame


def read_capacities(frame: Frame, context: CheckContext) -> None:
    """Add every sound row to its scenarios, and report everything wrong, and rows that limit nothing."""
    reader = TabReader(frame, context.findings, context.locale)
    amounts, periods, resources = reader.numbers("amount"), reader.keys("period_key"), reader.keys("resource")
    reader.require("amount", amounts, "Type a number, 0 or more.")
    costed = resource_vocabulary(context.resources)
    scopes = ScopeReader(reader, context)
    repeats = Repeats(context.findings, "repeated_capacity")
    for row in frame.rows:
        scope = scopes.read(row)
        resource = TOKENS
        if row in resources:
            found = costed.find(resources[row])
            resource = found or TOKENS
            if found is None:
                values = {"name": resources[row], "column": reader.label("resource")}
                reader.fault(row, "resource", Fault("unknown_rule_resource", values, costed.close(resources[row])))
        place = find_period(context.timeline, periods[row]) if row in periods else None
        if row in periods and context.timeline and (place is None or place[0] != place[1]):
            names = f"among {context.timeline[0].name} to {context.timeline[-1].name}"
            values = {"value": periods[row], "column": reader.label("period_key"), "where": names}
            reader.fault(row, "period_key", Fault("unknown_period", values))
        if reader.report(row, scope.touches, about=scope.named) or row not in amounts:
            continue
        period = None if place is None else context.timeline[place[0]].name
        limited = [s for s in scope.scenarios if s.horizon and (period is None or period in _names(s))]
        if not limited:
            context.findings.add("capacity_not_used", reader.place(row, "period_key" if row in periods else "amount"))
            continue
        cell = reader.place(row, "amount")
        what = f"{part_in_words(scope.slice)}{'' if period is None else f' in {period}'}"
        repeats.check(scope, (resource, period, scope.slice), cell, what=what)
        limit = PeriodCapacity(
            amount=amounts[row], resource=resource, period=period, slice=scope.slice, source=str(cell)
        )
        for scenario in limited:
            scenario.rules.append(limit)


def check_capacities(context: CheckContext) -> None:
    """Report plans over several periods that nothing limits, and those in which nothing limits the tokens."""
    has_tokens = any(draft.tokens for draft in context.initiatives)
    for scenario in (one for one in context.scenarios if one.horizon):
        limited = {limit.resource for limit in rules_of_kind(scenario.rules, PeriodCapacity)} | {*scenario.capacities}
        place = scenario.places.get("capacity_total_tokens", scenario.place)
        if not limited:
            context.findings.add("no_capacity", place, only(scenario), about=scenario)
        elif TOKENS not in limited and has_tokens:
            context.findings.add(
                "tokens_not_limited", place, about=scenario, scenario=scenario.name, column="capacity_total_tokens"
            )
        elif TOKENS in limited and TOKENS not in scenario.capacities:
            _report_unlimited_teams(context, scenario)


def _report_unlimited_teams(context: CheckContext, scenario: ScenarioDraft) -> None:
    """Report each team with work that has no limit in some period, where others of its dimension have one."""
    limits = [rule for rule in rules_of_kind(scenario.rules, PeriodCapacity) if rule.resource == TOKENS]
    covered: dict[Slice | None, set[str]] = {}
    for limit in limits:
        covered.setdefault(limit.slice, set()).update([limit.period] if limit.period else _names(scenario))
    for cap in rules_of_kind(scenario.rules, TokenBound):
        if cap.max_tokens is not None and cap.resource == TOKENS:
            covered.setdefault(cap.slice, set()).update(_names(scenario))
    everywhere = covered.pop(None, set())
    dimensions = dict.fromkeys(limit.slice.dimension for limit in limits if limit.slice is not None)
    teams: dict[Slice, InitiativeDraft] = {}
    for draft in context.initiatives:
        if draft.takes_part_in(scenario) and not draft.is_done and draft.tokens:
            for dimension in (name for name in dimensions if name in draft.dimensions):
                teams.setdefault(Slice(dimension=dimension, key=draft.dimensions[dimension]), draft)
    for team, draft in teams.items():
        missing = [name for name in _names(scenario) if name not in everywhere | covered.get(team, set())]
        if missing:
            periods = "every period" if len(missing) == len(scenario.horizon) else listing(missing, most=4)
            context.findings.add(
                "team_without_capacity", draft.place, what=str(team), periods=periods, scenario=scenario.name
            )


def _names(scenario: ScenarioDraft) -> list[str]:
    return [period.name for period in scenario.horizon]
