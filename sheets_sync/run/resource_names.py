"""The resource that a person means: ``tokens``, ``design days``, ``cost: design days`` or ``capacity: design days``."""

from collections.abc import Iterable

from config.names import fold_key
from config.tabs import INITIATIVES
from optimizer.plan import TOKENS

TOKEN_WORDS = ("tokens", TOKENS)
_FAMILIES = ("capacity:", "cost:")


def without_family(text: str) -> str:
    """The name behind ``capacity:`` or ``cost:``, as the headers of the sheet have it; else the text itself."""
    return text.partition(":")[2].strip() if fold_key(text).startswith(_FAMILIES) else text


def find_resource(text: str, resources: Iterable[str]) -> str | None:
    """The resource of that name, however it is spelt, or whose column a header means; None where there is none."""
    named = without_family(text)
    known = list(resources)
    wanted = TOKENS if fold_key(named) in TOKEN_WORDS else named
    found = next((name for name in known if fold_key(name) == fold_key(wanted)), None)
    if found is None and TOKENS in known:
        column = INITIATIVES.find_column(named)
        return TOKENS if column is not None and column.name == TOKENS else None
    return found
