"""What only the person knows about a list: the answers so far, what is still to be asked, and what to know before."""

from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from math import inf

from config.names import clean, fold_header
from config.tabs import KPIS, SCENARIOS
from config.words import MOSCOW, WONT, fold_word
from sheets_sync.adopt.value_columns import ValueColumn, ValueKind, suggested_worth
from sheets_sync.inputs.frames import Frame
from sheets_sync.workbook.snapshot import CellKind


class AdoptionError(Exception):
    """Nothing can be proposed, for a reason that a person can fix; the message is for that person."""


@dataclass(frozen=True)
class Answers:
    """What the person has said: `meanings` has fields by header, `value` is the header of the column to maximize."""

    tab: str | None = None
    capacity: float | None = None
    meanings: Mapping[str, str] = field(default_factory=dict)
    value: str | None = None
    sizes: Mapping[str, float] = field(default_factory=dict)
    """The tokens of each T-shirt size."""
    worths: Mapping[str, float] = field(default_factory=dict)
    """What each word of a column such as MoSCoW is worth."""
    over: str | None = None
    """What to plan over (sprint, month or quarter); None is a plan of one period."""
    sprint_start: date | None = None
    """The first day of the first sprint, and `sprint_days` the days from one to the next; both or neither."""
    sprint_days: int | None = None


@dataclass(frozen=True, slots=True)
class Question:
    """Something that cannot be known from the list, the option that answers it, and the answers to choose from.

    `words` are those that need a number each; `suggestion` is an answer to start from.
    """

    name: str
    text: str
    flag: str
    choices: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    suggestion: str = ""


def choose_value(given: str | None, candidates: Sequence[ValueColumn]) -> ValueColumn | None:
    """The column, or the product of columns, that the person has chosen as the value.

    Raises:
        AdoptionError: it cannot be the value.
    """
    if given is None:
        return None
    chosen = next((column for column in candidates if fold_header(column.header) == fold_header(given)), None)
    if chosen is None:
        listed = ", ".join(f'"{column.header}"' for column in _choices(candidates)) or "none"
        raise AdoptionError(f'"{given}" is no column that could be the value; those are: {listed}.')
    if chosen.kind is not ValueKind.PER_EFFORT:
        return chosen
    product = next((column for column in candidates if column.kind is ValueKind.PRODUCT), None)
    if product is None:
        raise AdoptionError(f"{_divides(chosen)} Choose the value before that division, or add a column with it.")
    return product


def note_on(column: ValueColumn, candidates: Sequence[ValueColumn]) -> str:
    """What a person should know of a column before it is chosen as the value; blank where there is nothing."""
    match column.kind:
        case ValueKind.RANK:
            return (
                f'"{column.header}" is a rank: 1 is the best. As the value it is inverted: of n different ranks the '
                "first counts n and the last 1. A rank says which comes first, not by how much, so a column of "
                "amounts is better where you have one."
            )
        case ValueKind.WORDS:
            return (
                f'"{column.header}" holds words. As the value, each counts what you say it is worth.{_moscow(column)}'
            )
        case ValueKind.PER_EFFORT:
            product = next((other for other in candidates if other.kind is ValueKind.PRODUCT), None)
            instead = "" if product is None else f' "{product.header}" is computed from your columns instead.'
            return f"{_divides(column)}{instead}"
        case _:
            return ""


_MOSCOW = {fold_word(word): is_must for word, is_must in MOSCOW.items()}
_WONT = frozenset(map(fold_word, WONT))


def _moscow(column: ValueColumn) -> str:
    """What the words of MoSCoW do besides, where the column has no others."""
    words = {fold_word(word): word for word in column.words}
    if not words.keys() <= _MOSCOW.keys():
        return ""
    always = [f"Rows with {word} are always selected." for folded, word in words.items() if _MOSCOW[folded]]
    never = [f"Rows with {word} never are." for folded, word in words.items() if folded in _WONT]
    return "".join(f" {sentence}" for sentence in (*always, *never))


def _divides(column: ValueColumn) -> str:
    return (
        f'"{column.header}" already divides by the effort, which the plan does itself: large initiatives would count '
        "too little."
    )


def _choices(candidates: Sequence[ValueColumn]) -> list[ValueColumn]:
    return [column for column in candidates if column.kind is not ValueKind.PER_EFFORT]


def questions_for(
    frame: Frame,
    answers: Answers,
    existing: Container[str],
    candidates: Sequence[ValueColumn],
    value: ValueColumn | None,
    sized: Sequence[str],
) -> Iterator[Question]:
    """What is still to be asked, in the order in which a person would decide it; `sized` are columns of sizes."""
    yield from _about_effort(frame, answers, sized)
    if KPIS.name not in existing and value is None:
        text = "Which column says what each one is worth?"
        choices = tuple(column.header for column in _choices(candidates))
        if not choices:
            text += " None of the columns can be it: add one, such as points for the value."
        yield Question("value", text, "--value HEADER", choices)
    if value is not None and value.kind is ValueKind.WORDS:
        known = {fold_word(word) for word in answers.worths}
        unknown = tuple(word for word in value.words if fold_word(word) not in known)
        if unknown:
            guesses = [f"{word}={suggested_worth(word):g}" for word in unknown]
            flag = " ".join(f"--worth {_quoted(guess)}" for guess in guesses)
            text = f'What is each word of "{value.header}" worth ({", ".join(unknown)})?'
            yield Question("worths", text, flag, words=unknown, suggestion=", ".join(guesses))
    if SCENARIOS.name not in existing and answers.capacity is None:
        effort = frame.fields.get("engineering_tokens")
        unit = "the unit of the effort" if effort is None else f'the unit of "{effort.header}"'
        total = sum(c.number for c in frame.column("engineering_tokens") if c.kind is CellKind.NUMBER)
        all_of_it = f" All rows together are {total:,.10g}." if 0 < total < inf else ""
        each = " in each period" if answers.over is not None else ""
        yield Question("capacity", f"How much can you take on{each}, in {unit}?{all_of_it}", "--capacity N")


def _about_effort(frame: Frame, answers: Answers, sized: Sequence[str]) -> Iterator[Question]:
    if "engineering_tokens" in frame.fields:
        return
    if "size" not in frame.fields:
        free = (*sized, *(stray.header for stray in frame.strays if stray.header and stray.is_numeric))
        yield Question("effort", "Which column says how much work each one is?", '--map "HEADER=effort"', free)
        return
    known = {fold_header(size) for size in answers.sizes}
    words = dict.fromkeys(clean(cell.shown) for cell in frame.column("size") if not cell.is_blank)
    unknown = tuple(word for word in words if fold_header(word) not in known)
    if unknown:
        text = f"How much work is each size ({', '.join(unknown)})?"
        yield Question("sizes", text, " ".join(f"--size {_quoted(f'{word}=N')}" for word in unknown), words=unknown)


def _quoted(text: str) -> str:
    return f'"{text}"' if any(sign in text for sign in " '!*?&|;<>()") else text
