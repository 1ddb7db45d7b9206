"""Checks of tabs and headers: what is missing, repeated, misspelt, or not read although it holds numbers."""

import re
from collections.abc import Callable, Iterable

from openpyxl.utils import get_column_letter
from rapidfuzz.distance import Indel
from rapidfuzz.process import extractOne

from config.columns import Column, Family, InputTab, Subject, ValueType
from config.names import clean, fold_header
from config.tabs import HEADER_SEARCH_ROWS, SCENARIOS
from sheets_sync.checks.amounts import find_kpi
from sheets_sync.checks.cell_values import Fault
from sheets_sync.checks.drafts import Place
from sheets_sync.checks.issue_collector import Findings, Touches, everywhere, nowhere
from sheets_sync.inputs.frames import Frame
from sheets_sync.inputs.header_matching import Field, Stray
from sheets_sync.inputs.name_matching import Vocabulary, is_contrary, is_slip, similarity

_MISSPELT = 0.8
_MISSPELT_PREFIX = 0.7
_HARMLESS = frozenset({ValueType.TEXT, ValueType.WRITTEN})
"""Types of columns without which a run decides nothing otherwise."""
_FOR_ALL_SCENARIOS = frozenset({"scenario_name", "run", "period_key"})
"""Columns of the Scenarios tab whose absence changes what its other rows mean, too."""

TouchesRows = Callable[[Iterable[int]], Touches]
"""Which scenarios are affected by these rows of a tab."""


def check_headers(frame: Frame, findings: Findings, kpis: Vocabulary, touches_rows: TouchesRows) -> None:
    """Everything that can be said about the header row of one tab."""
    if not frame.header_found:
        key = frame.spec.column(frame.spec.key_column)
        findings.add(
            "missing_header_row",
            Place(frame.title, 1, 1),
            everywhere,
            rows=HEADER_SEARCH_ROWS,
            column=key.name,
            tab=frame.title,
            aliases=", ".join((*key.aliases, *key.tool_words)[:5]),
        )
        return
    renamed = _check_required(frame, findings)
    _check_repeats(frame, findings)
    _check_shadowed(frame, findings, kpis)
    for stray in frame.strays:
        if stray not in renamed and not stray.is_left_alone:
            _check_stray(frame, stray, findings, kpis, touches_rows)


def _check_required(frame: Frame, findings: Findings) -> list[Stray]:
    """Report required columns that are missing; returns the stray columns that they probably are."""
    renamed = []
    for column in frame.spec.columns:
        if not column.required or not frame.fields.keys().isdisjoint({column.name, column.instead}):
            continue
        stray = _misspelling(column, frame.strays)
        if stray is None:
            advice = f"Add a column headed {column.name} (or {', '.join(column.aliases[:3])})."
        else:
            renamed.append(stray)
            advice = (
                f'Rename "{stray.header}" in {_header_place(frame, stray.number).cell}, if that is the column you mean.'
            )
        place = Place(frame.title, frame.header_row, 1)
        findings.add("missing_column", place, everywhere, tab=frame.title, column=column.name, advice=advice)
    return renamed


def _misspelling(column: Column, strays: Iterable[Stray]) -> Stray | None:
    ranked = [
        (max(similarity(fold_header(stray.header), spelling) for spelling in column.spellings), -stray.number, stray)
        for stray in strays
        if stray.header
    ]
    best = max(ranked, key=lambda entry: entry[:2], default=None)
    return best[2] if best is not None and best[0] >= _MISSPELT else None


def _check_repeats(frame: Frame, findings: Findings) -> None:
    for code, fields in (("repeated_header", frame.repeats), ("ignored_alias", frame.outranked)):
        for field in fields:
            first = frame.fields.get(field.name)
            if first is None:
                continue  # our own status column twice: the first one is written, nothing is read from either
            findings.add(
                code,
                _header_place(frame, field.number),
                everywhere if code == "repeated_header" else nowhere,
                header=field.header,
                first=first.header,
                cell=_header_place(frame, first.number).cell,
                column=_meaning(field),
            )
    seen: dict[str, Stray] = {}
    for stray in frame.strays:
        if not stray.header or stray.is_left_alone:
            continue
        first_stray = seen.setdefault(fold_header(stray.header), stray)
        if first_stray is not stray:
            cell = _header_place(frame, first_stray.number).cell
            findings.add("repeated_other_header", _header_place(frame, stray.number), header=stray.header, cell=cell)


def _check_shadowed(frame: Frame, findings: Findings, kpis: Vocabulary) -> None:
    """Report headers that are both a column's alias and a KPI's name, on tabs where a KPI's name alone is a header."""
    bare = next((family for family in frame.spec.families if family.bare), None)
    if bare is None:
        return
    for field in frame.fields.values():
        if field.column is not None and (kpi := kpis.find(field.header)) is not None:
            findings.add(
                "header_means_column",
                _header_place(frame, field.number),
                header=field.header,
                column=field.name,
                kpi=kpi,
                prefixed=bare.header(kpi),
            )


_REMARK = re.compile(r"\s*(\([^()]*\)|\[[^\[\]]*\])\s*$")


def _check_stray(frame: Frame, stray: Stray, findings: Findings, kpis: Vocabulary, touches_rows: TouchesRows) -> None:
    place = _header_place(frame, stray.number)
    touches = touches_rows(stray.filled)
    if not stray.header:
        if stray.is_numeric:
            findings.add("numbers_without_header", place, letter=get_column_letter(stray.number))
        return
    if stray.family is not None and (_has_colon(stray) or _is_meant_for_kpi(stray, stray.member or "", kpis)):
        _check_prefixed(stray, stray.family, place, findings, kpis, touches)
        return
    if (corrected := _corrected_prefix(frame.spec, stray.header)) is not None:
        prefix = clean(stray.header.replace("\uff1a", ":").partition(":")[0])
        findings.add("misspelt_prefix", place, touches, header=stray.header, prefix=prefix, near=corrected)
        return
    if (kpi := _kpi_with_remark(frame, stray, kpis)) is not None:
        findings.add("unknown_kpi", place, touches, near=kpi, name=stray.header)
        return
    if any(family.bare for family in frame.spec.families) and _is_bare_kpi(frame, stray, kpis):
        _report_unknown_kpi(stray.header, kpis.close(stray.header), place, findings, kpis, touches)
        return
    _check_similar(frame, stray, place, findings, kpis, touches)


def _has_colon(stray: Stray) -> bool:
    return ":" in stray.header.replace("\uff1a", ":")


def _is_meant_for_kpi(stray: Stray, name: str, kpis: Vocabulary) -> bool:
    """Whether a column is one of a KPI, misspelt: for one of text there must be no doubt about its name."""
    if stray.is_numeric or stray.is_numberlike:
        return kpis.close(name) is not None
    near = kpis.close(name) if stray.filled else None
    return near is not None and is_slip(name, near)


def _kpi_with_remark(frame: Frame, stray: Stray, kpis: Vocabulary) -> str | None:
    """The KPI, without a column on the tab, of a column of numbers headed by its name and a remark: ``GMV (GBP)``."""
    family = next((family for family in frame.spec.families if family.bare), None)
    name = _REMARK.sub("", stray.header)
    if family is None or name == stray.header or not (stray.is_numeric or stray.is_numberlike):
        return None
    kpi = kpis.find(name)
    return None if kpi is None or family.header(kpi) in frame.fields else kpi


def _is_bare_kpi(frame: Frame, stray: Stray, kpis: Vocabulary) -> bool:
    """Whether a header without a prefix names a KPI nearly, or names several."""
    if stray.filled and kpis.meanings(stray.header):
        return True
    if not stray.is_numeric and _meant_kpi(frame, stray.header, kpis) is None:
        return False
    return _is_meant_for_kpi(stray, stray.header, kpis)


def _check_similar(
    frame: Frame, stray: Stray, place: Place, findings: Findings, kpis: Vocabulary, touches: Touches
) -> None:
    column = _meant_column(frame, stray.header)
    near = column.name if column is not None else _meant_kpi(frame, stray.header, kpis)
    if not stray.filled or near is None:
        if stray.is_numeric:
            findings.add("ignored_numeric_column", place, header=stray.header, tab=frame.title)
        return
    if column is None or column.type in _HARMLESS or not _is_mistyped(frame.spec, column, stray.header):
        findings.add("similar_header", place, header=stray.header, tab=frame.title, near=near)
        return
    for_all = frame.spec is SCENARIOS and column.name in _FOR_ALL_SCENARIOS
    touched = everywhere if for_all else touches
    findings.add("misspelt_header", place, touched, header=stray.header, tab=frame.title, near=near)


def _is_mistyped(spec: InputTab, column: Column, header: str) -> bool:
    """Whether a header can only be the column's; a lone ``Target`` on the Scenarios tab need not be its `targets`."""
    if any(fold_header(header) in map(fold_header, family.prefixes) for family in spec.families):
        return False
    names = (column.name, *column.aliases)
    return any(is_slip(header, name) for name in names) and not any(is_contrary(header, name) for name in names)


def _check_prefixed(
    stray: Stray, family: Family, place: Place, findings: Findings, kpis: Vocabulary, touches: Touches
) -> None:
    name = stray.member or ""
    if not name:
        subject = "KPI" if family.subject is Subject.KPI else "resource"
        findings.add("missing_name_in_header", place, touches, header=stray.header, subject=subject)
    else:
        _report_unknown_kpi(name, kpis.nearest(name), place, findings, kpis, touches)


def _report_unknown_kpi(
    name: str, near: str | None, place: Place, findings: Findings, kpis: Vocabulary, touches: Touches
) -> None:
    found = find_kpi(kpis, name)
    if isinstance(found, Fault):
        findings.add(found.code, place, touches, near=near if found.code == "unknown_kpi" else None, **found.values)


def _corrected_prefix(spec: InputTab, header: str) -> str | None:
    prefix, colon, rest = header.replace("\uff1a", ":").partition(":")
    prefixes = [name for family in spec.families if not family.stated_only for name in family.prefixes]
    if not colon:
        return None
    near = extractOne(fold_header(prefix), prefixes, scorer=Indel.normalized_similarity, score_cutoff=_MISSPELT_PREFIX)
    return None if near is None else f"{near[0]}: {clean(rest)}"


def _meant_column(frame: Frame, header: str) -> Column | None:
    """The column that a header is nearly the name of, where the tab lacks it; none if nearer to one that it has."""
    folded = fold_header(header)
    ranked = [
        (similarity(folded, spelling), column.name not in frame.fields and not column.is_written, column.name)
        for column in frame.spec.columns
        for spelling in column.spellings
    ]
    best, is_absent, name = max(ranked, key=lambda entry: (entry[0], not entry[1], entry[2]))
    return frame.spec.column(name) if best >= _MISSPELT and is_absent else None


def _meant_kpi(frame: Frame, header: str, kpis: Vocabulary) -> str | None:
    """The KPI, without a contribution column on the tab, that a header is nearly the name of."""
    family = next((family for family in frame.spec.families if family.bare), None)
    near = kpis.close(header) if family is not None else None
    if family is None or near is None:
        return None
    return None if family.header(kpis.find(near) or near) in frame.fields else near


def _meaning(field: Field) -> str:
    return field.name if field.family is None or field.member is None else f'{field.family.name} of "{field.member}"'


def _header_place(frame: Frame, number: int) -> Place:
    return Place(frame.title, frame.header_row, number)
