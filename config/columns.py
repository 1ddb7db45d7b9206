"""What a tab and a column are made of; the table of all of them is `config.tabs`.

Reader, template, documentation and error messages are all drawn from that table, so a column is added in one place.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property

from config.names import fold_header, header_spellings

Value = str | float | bool
"""What a cell of a column may hold once it is read."""


class ValueType(StrEnum):
    """What the cells of a column hold; each type is read by one function of `sheets_sync.checks.cell_values`."""

    KEY = "key"
    TEXT = "text"
    NUMBER = "number"
    BOOLEAN = "checkbox"
    CHOICE = "choice"
    KEYS = "list of keys"
    JSON = "JSON object"
    PERIOD = "period"
    DATE = "date"
    PRIORITY = "priority"
    WRITTEN = "written by sheetplan"


class Subject(StrEnum):
    """What the headers of a column family are made of."""

    KPI = "kpi"
    RESOURCE = "resource"


@dataclass(frozen=True)
class Column:
    """One column: `name` is canonical, `aliases` are read as well; `help` is one or two sentences to a PM.

    `tool_words` are headers of other tools that are read too, if they are spelt just so. Of several headers that mean
    the column, the one listed first is read. `fallbacks` mean it only where no header says it better: an `Initiative`
    beside an `ID` is its title. With `yields_to_kpi`, a KPI of the same name goes first. `header` is what the template
    heads the column with; a name in words where it is blank.

    `required` means that the column must exist and that every row must fill it, or the column named by `instead`, or
    one of the family `instead_family`.
    `default` is what a blank cell means. A choice may be written as one of its `choice_aliases` as well. `minimum`
    bounds numbers (itself excluded where `above_minimum`); `is_amount` says that they count something, so that a
    percentage is a mistake. `example` is a legal value, shown in the documentation and in the note on the header.
    `in_template` is off for columns that only few need and that the template leaves out.
    """

    name: str
    type: ValueType
    help: str
    example: Value
    aliases: tuple[str, ...] = ()
    tool_words: tuple[str, ...] = ()
    fallbacks: tuple[str, ...] = ()
    yields_to_kpi: bool = False
    header: str = ""
    required: bool = False
    instead: str = ""
    instead_family: str = ""
    default: Value | None = None
    choices: tuple[str, ...] = ()
    choice_aliases: Mapping[str, tuple[str, ...]] = field(default_factory=dict, hash=False)
    minimum: float | None = None
    above_minimum: bool = False
    is_amount: bool = False
    in_template: bool = True
    width: int = 16

    @property
    def is_written(self) -> bool:
        """Whether sheetplan writes this column; such a column is never read as input."""
        return self.type is ValueType.WRITTEN

    @cached_property
    def choice_spellings(self) -> Mapping[str, str]:
        """Every folded text that means a choice, and the choice."""
        return {fold_header(text): c for c in self.choices for text in (c, *self.choice_aliases.get(c, ()))}

    @cached_property
    def spellings(self) -> frozenset[str]:
        """Every folded header that means this column, and that a misspelt one may have been meant for."""
        return frozenset(fold_header(name) for name in (self.name, *self.aliases))

    @cached_property
    def ranks(self) -> Mapping[str, int]:
        """Every folded header that means this column, and how far down its list it is; 0 for the column's own name."""
        words = dict.fromkeys(map(fold_header, (self.name, *self.aliases, *self.tool_words)))
        return {word: rank for rank, word in enumerate(words)}

    @property
    def words(self) -> str:
        """The header that people see in the template."""
        return self.header or self.name.replace("_", " ").capitalize().replace(" kpi", " KPI")


@dataclass(frozen=True)
class Family:
    """Columns whose header names a KPI or a resource, such as ``weight: gmv``, ``gmv low`` or a bare ``gmv``.

    `prefixes` stand before a colon (for KPIs the colon may be left out), `suffixes` after the KPI; `bare` says that
    the KPI's key or name alone is enough. The first prefix or suffix is the canonical one. The cells hold numbers, or
    words where it `has_words`. A family that is `stated_only` is none that a header can name: only the tab Columns says
    so of a header. Of one that `has_several`, several columns of one member are read together.
    """

    name: str
    subject: Subject
    help: str
    example: float | str
    example_header: str
    prefixes: tuple[str, ...] = ()
    suffixes: tuple[str, ...] = ()
    bare: bool = False
    minimum: float | None = None
    width: int = 14
    has_words: bool = False
    stated_only: bool = False
    has_several: bool = False

    def header(self, member: str) -> str:
        """The canonical header for one KPI or resource; it names the column in frames and messages."""
        return f"{self.prefixes[0]}: {member}" if self.prefixes else f"{member} {self.suffixes[0]}"

    @property
    def pattern(self) -> str:
        """The canonical header with a placeholder, such as ``weight: <kpi>``."""
        return self.header(f"<{self.subject}>")

    @property
    def spellings(self) -> tuple[str, ...]:
        """Every pattern of header that belongs to this family, canonical first."""
        subject = f"<{self.subject}>"
        prefixed = tuple(f"{prefix}: {subject}" for prefix in self.prefixes)
        suffixed = tuple(f"{subject} {suffix}" for suffix in self.suffixes)
        return prefixed + suffixed + ((subject,) if self.bare else ())


@dataclass(frozen=True)
class InputTab:
    """One input tab: `key_column` finds the header row and must be filled in every row that holds anything.

    `lookalikes` are titles that mean the tab too, where no tab has its name or an alias. With `is_list`, its rows are
    a list that people write headings and totals into.
    """

    name: str
    help: str
    key_column: str
    columns: Sequence[Column]
    aliases: tuple[str, ...] = ()
    families: Sequence[Family] = ()
    required: bool = False
    is_list: bool = False
    """Whether the rows are a list of people's own, with headings and totals among them; such rows are left out."""
    lookalikes: tuple[str, ...] = ()
    """Titles that mean this tab too, where no other tab has its name or an alias of it."""

    @cached_property
    def spellings(self) -> frozenset[str]:
        """Every folded title that means this tab."""
        return frozenset(fold_header(name) for name in (self.name, *self.aliases))

    @cached_property
    def lookalike_spellings(self) -> frozenset[str]:
        """Every folded title that means this tab where no other tab is it."""
        return frozenset(map(fold_header, self.lookalikes))

    def column(self, name: str) -> Column:
        """The column of that canonical name; KeyError where there is none."""
        return self._columns_by_name[name]

    def find_column(self, header: str) -> Column | None:
        """The column that a header (or an alias of it) means; None where it is none of this tab's single columns."""
        ranked = self.ranked_column(header)
        return None if ranked is None else ranked[0]

    def ranked_column(self, header: str) -> tuple[Column, float] | None:
        """The column that a header means, and its rank: the lower, the better it says so.

        A header with a unit or decoration (``Effort (days)``) comes right after the same one without.
        """
        for added, spelling in enumerate(header_spellings(header)):
            column = self._columns_by_spelling.get(spelling)
            if column is not None:
                return column, column.ranks[spelling] + added / 10
        return None

    def family(self, name: str) -> Family:
        """The family of that name; KeyError where there is none."""
        return {family.name: family for family in self.families}[name]

    @cached_property
    def _columns_by_name(self) -> dict[str, Column]:
        return {column.name: column for column in self.columns}

    @cached_property
    def _columns_by_spelling(self) -> dict[str, Column]:
        return {spelling: column for column in self.columns for spelling in column.ranks}
