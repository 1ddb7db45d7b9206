"""Whether an initiative is a candidate or mandatory, and what it costs, where a status, MoSCoW or a size says so."""

from collections.abc import Collection, Mapping

from config.names import fold_header, header_spellings
from config.words import MOSCOW, WONT, fold_word
from sheets_sync.checks.cell_values import Fault
from sheets_sync.checks.tab_reader import TabReader

_MOSCOW = {fold_word(word): is_must for word, is_must in MOSCOW.items()}
_WONT = frozenset(map(fold_word, WONT))
_NO_CANDIDATES = frozenset({"done", "stopped"})


def read_choices(
    reader: TabReader, statuses: Mapping[int, str]
) -> tuple[dict[int, bool], dict[int, bool], dict[int, str]]:
    """Which rows are candidates, which are mandatory, and why; rows that say nothing are in none of the three.

    A Must counts beside an unticked box, because every box begins unticked. Priorities are read only where one of them
    is a word of MoSCoW: columns of `1`, `High` or `P0` are people's own.
    """
    candidates = reader.booleans("is_candidate")
    mandatory = reader.booleans("is_mandatory", _MOSCOW)
    reasons = reader.texts("mandate_reason")
    name = _priorities(reader)
    texts = reader.texts(name)
    words = {row: _moscow_word(text) for row, text in texts.items()}
    if not _is_moscow(words.values()):
        words = {}
    for row, word in words.items():
        if word is None:
            # Of a column of worths, a word that is worth nothing yet is reported as such.
            if name == "priority":
                reader.fault(row, name, Fault("unknown_priority", {"value": texts[row]}))
        elif word in _WONT:
            candidates[row] = False
        elif _MOSCOW[word]:
            mandatory[row] = True
            reasons.setdefault(row, f"{reader.label(name)} is Must")
    for row, status in statuses.items():
        if status in _NO_CANDIDATES:
            candidates[row] = False
            mandatory[row] = False
    return candidates, mandatory, reasons


def _moscow_word(text: str) -> str | None:
    """The word of MoSCoW in a cell, also with decoration or a remark: ``Must have (legal)``."""
    return next((word for word in (fold_word(text), *header_spellings(text)) if word in _MOSCOW), None)


def _is_moscow(words: Collection[str | None]) -> bool:
    """Whether a column holds words of MoSCoW: a whole word says so, single letters only where there is nothing else."""
    return any(word is not None and len(word) > 1 for word in words) or all(word is not None for word in words)


def _priorities(reader: TabReader) -> str:
    """The column of priorities: one whose words are worth something is one too."""
    worth = next(iter(reader.frame.family("worth")), None)
    return "priority" if worth is None or "priority" in reader.frame.fields else worth.name


def read_statuses(reader: TabReader) -> dict[int, str]:
    """The status of each row; a word that no tool has counts as proposed, and is reported."""
    statuses = reader.choices("status")
    spellings = reader.frame.spec.column("status").choice_spellings
    for row in reader.frame.rows:
        if "status" not in reader.faulty(row) or not (text := reader.shown(row, "status")):
            continue
        # With a sign or a remark it is still the word: `Done ✅`, `Released (v2)`.
        meant = next((spellings[word] for word in header_spellings(text) if word in spellings), None)
        if meant is not None:
            statuses[row] = meant
            reader.forget_faults(row, "status")
        else:
            reader.replace_faults(row, "status", Fault("unknown_status", {"value": text}))
    return statuses


def with_sizes(reader: TabReader, tokens: Mapping[int, float], sizes: Mapping[str, float]) -> dict[int, float]:
    """The tokens of each row; where it gives none, those of its size."""
    given = dict(tokens)
    faulty = {row for row in reader.frame.rows if "engineering_tokens" in reader.faulty(row)}
    texts = reader.texts("size")
    if "engineering_tokens" not in reader.frame.fields and not reader.frame.family("cost"):
        reader.require("size", texts, "Type a size, such as M.")
    for row, size in texts.items():
        if row in given or row in faulty:
            continue
        meant = sizes.get(fold_header(size))
        if meant is not None:
            given[row] = meant
        elif sizes or "engineering_tokens" not in reader.frame.fields:
            reader.fault(row, "size", Fault("unknown_size", {"size": size, "known": ", ".join(sizes) or "none"}))
    return given
