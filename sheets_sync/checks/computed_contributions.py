"""Contributions that the Columns tab has computed from columns of people's own: ranks, products, words.

rank: of n different ranks in the column, the best (the smallest) counts n and the last 1; equal ranks count the same.
factor: the product of all columns that are factors of the KPI, such as reach x impact x confidence.
worth: what the Columns tab says that the word of the cell is worth.
"""

from collections import defaultdict
from collections.abc import Container, Mapping, Sequence
from math import prod

from config.words import fold_word
from sheets_sync.checks.amounts import Amount, Amounts
from sheets_sync.checks.cell_values import LARGEST, Fault
from sheets_sync.checks.issue_collector import everywhere
from sheets_sync.checks.tab_reader import TabReader
from sheets_sync.inputs.cell_text import shown_number
from sheets_sync.inputs.header_matching import Field

COMPUTED = ("rank", "factor", "worth")
"""The families of columns from which contributions are computed."""


def add_computed(
    reader: TabReader, amounts: Mapping[int, Amounts], worths: Mapping[str, float], *, skip: Container[str] = ()
) -> None:
    """Add computed contributions to those that the rows give themselves; `worths` are by folded word.

    Columns of the KPIs in `skip` are left unread.
    """
    for kpi, fields in computed_fields(reader).items():
        if kpi in skip or _has_several_sources(reader, kpi, fields):
            continue
        family = fields[0].family
        assert family is not None
        if family.name == "rank":
            values = _inverted(reader.numbers(fields[0].name))
        elif family.name == "factor":
            values = _products(reader, kpi, fields)
        else:
            values = _worths(reader, fields[0].name, worths)
        for row, value in values.items():
            given = amounts[row].get(kpi)
            if given is not None:
                said = {"name": kpi, "value": shown_number(value), "other": shown_number(given.value)}
                cell = reader.place(row, given.column).cell
                reader.fault(row, fields[0].name, Fault("given_twice", {**said, "cell": cell}))
            elif not abs(value) <= LARGEST:
                reader.fault(row, fields[0].name, Fault("product_too_large", {"kpi": kpi}))
            else:
                amounts[row][kpi] = Amount(value, fields[0].name)


def computed_fields(reader: TabReader) -> dict[str, list[Field]]:
    """The columns from which each KPI is computed, by its key."""
    found: dict[str, list[Field]] = defaultdict(list)
    for name in COMPUTED:
        for field in reader.frame.family(name):
            found[str(field.member)].append(field)
    return found


def _has_several_sources(reader: TabReader, kpi: str, fields: Sequence[Field]) -> bool:
    """Whether a KPI is computed in two ways, or has a column of its own as well; that is reported."""
    own = reader.frame.fields.get(reader.frame.spec.family("contribution").header(kpi))
    others = [field for field in fields if field.family is not fields[0].family]
    other = own if own is not None else next(iter(others), None)
    if other is None:
        return False
    place = reader.place(reader.frame.header_row, other.name)
    reader.findings.add("computed_twice", place, everywhere, kpi=kpi, header=other.header, first=fields[0].header)
    return True


def _inverted(ranks: Mapping[int, float]) -> dict[int, float]:
    """What each rank counts: the last of them 1, the next better one 2, and so on."""
    order = {rank: float(count) for count, rank in enumerate(sorted(set(ranks.values()), reverse=True), start=1)}
    return {row: order[rank] for row, rank in ranks.items()}


def _products(reader: TabReader, kpi: str, fields: Sequence[Field]) -> dict[int, float]:
    """The product of each row that fills all factors; one that fills only some of them is faulty."""
    factors = {field.name: reader.numbers(field.name) for field in fields}
    products = {}
    for row in reader.frame.rows:
        given = [values[row] for values in factors.values() if row in values]
        faulty = reader.faulty(row)
        if len(given) == len(factors):
            products[row] = prod(given)
        elif given and faulty.isdisjoint(factors):
            blank = next(name for name, values in factors.items() if row not in values)
            reader.fault(row, blank, Fault("missing_factor", {"kpi": kpi}))
    return products


def _worths(reader: TabReader, name: str, worths: Mapping[str, float]) -> dict[int, float]:
    values = {}
    for row, word in reader.texts(name).items():
        worth = worths.get(fold_word(word))
        if worth is None:
            known = ", ".join(f'"{known}"' for known in worths) or "none"
            reader.fault(row, name, Fault("unknown_worth", {"value": word, "known": known}))
        else:
            values[row] = worth
    return values
