"""Words that people write into cells instead of a check box, a status or a number, and what each means.

Compared as headers are: case, blanks, dashes and invisible characters do not matter. One table for reader, messages and
documentation.
"""

from collections.abc import Mapping

from config.names import fold_header

YES = (
    *("TRUE", "yes", "y", "x", "✓", "✔", "☑", "✅", "ja", "oui", "sí", "si", "sim", "sì", "tak", "да", "evet", "kyllä"),
    *("WAHR", "VRAI", "VERDADERO", "VERDADEIRO", "VERO", "WAAR", "ИСТИНА", "TOSI", "SANT", "PRAWDA", "DOĞRU", "SAND"),
    *("IGAZ", "PRAVDA", "ADEVĂRAT", "TÕENE", "はい", "是", "真"),
)
"""What a ticked check box is written as: the common words, and TRUE as spreadsheets show it in other languages."""
NO = (
    *("FALSE", "no", "n", "-", "✗", "✘", "☐", "❌", "nein", "non", "não", "nee", "nej", "nie", "нет", "hayır", "ei"),
    *("FALSCH", "FAUX", "FALSO", "ONWAAR", "ЛОЖЬ", "EPÄTOSI", "FALS", "FAŁSZ", "YANLIŞ", "FALSK", "FALSKT", "HAMIS"),
    *("NEPRAVDA", "VÄÄR", "いいえ", "否", "假"),
)
"""What an empty check box is written as."""
TOTALS = (
    *("total", "totals", "subtotal", "sub total", "grand total", "sum", "sums", "overall", "all"),
    *("summe", "gesamt", "gesamtsumme", "zwischensumme", "somme", "sous total", "total general", "suma", "totale"),
    *("totaal", "subtotaal", "soma", "итого", "всего", "razem", "toplam", "yhteensä", "summa", "合計", "总计"),
)
"""A key that begins or ends with one of these words may be that of a row of totals."""
AVERAGES = (
    *("average", "averages", "avg", "mean", "median", "durchschnitt", "mittelwert", "moyenne", "promedio", "media"),
    *("gemiddelde", "média", "среднее", "średnia", "ortalama", "keskiarvo", "medelvärde", "gennemsnit", "平均"),
)
"""A key that has one of these words may be that of a row of averages."""
NOTHING = ("-", "--", "—", "–", "none", "n/a", "na", "no", "nil", "nothing", "keine", "aucune", "ninguna")
"""Words for an empty list of keys, where no initiative is called so."""
MOSCOW: Mapping[str, bool] = {
    "must": True, "must have": True, "m": True,
    "should": False, "should have": False, "s": False, "could": False, "could have": False, "c": False,
    "nice to have": False, "won't": False, "wont": False, "won't have": False, "wont have": False, "w": False,
}  # fmt: skip
"""Whether a word of MoSCoW asks for the initiative to be selected; read where the column is one of priorities."""
WONT = ("won't", "wont", "won't have", "wont have", "w")
"""The words of MoSCoW for what is not to be done this time."""
SIZES = (
    *("XXS", "XS", "S", "M", "L", "XL", "XXL", "XXXL", "2XL", "3XL"),
    *("tiny", "extra small", "small", "medium", "large", "extra large", "huge"),
)
"""Words of T-shirt sizes: a column of nothing else says how much work each row is."""
WORTHS: Mapping[str, float] = {
    "must": 8, "must have": 8, "m": 8, "should": 4, "should have": 4, "s": 4, "could": 2, "could have": 2, "c": 2,
    "nice to have": 2,
    "won't": 0, "wont": 0, "won't have": 0, "wont have": 0, "w": 0,
    "blocker": 16, "highest": 16, "critical": 16, "urgent": 16, "p0": 16, "very high": 16,
    "high": 8, "major": 8, "p1": 8, "medium": 4, "normal": 4, "moderate": 4, "p2": 4, "low": 2, "minor": 2, "p3": 2,
    "lowest": 1, "trivial": 1, "p4": 1, "very low": 1, "none": 0, "no priority": 0,
}  # fmt: skip
"""What the words of the common scales are often worth. `adopt` shows this as a first guess; nothing else uses it."""
STATUSES: Mapping[str, tuple[str, ...]] = {
    "proposed": (
        *("proposed", "backlog", "to do", "todo", "new", "open", "idea", "draft", "candidate", "triage", "ready"),
        *(
            "selected for development",
            "not started",
            "planned",
            "discovery",
            "validation",
            "next",
            "later",
            "approved",
            "active",
            "unstarted",
            "under consideration",
        ),
    ),
    "in_progress": (
        *("in progress", "active", "doing", "started", "ongoing", "wip", "in development", "in review", "in testing"),
        *("committed", "resolving", "testing", "qa", "in qa", "blocked", "on track", "at risk", "off track"),
    ),
    "done": (
        *("done", "closed", "complete", "completed", "resolved", "released", "shipped", "launched", "live", "finished"),
        *("delivered", "deployed", "in production"),
    ),
    "stopped": (
        *("stopped", "cancelled", "canceled", "won't do", "wont do", "removed", "rejected", "declined", "duplicate"),
        *("abandoned", "archived", "on hold", "paused", "deferred", "parked", "won't fix", "obsolete", "dropped"),
    ),
}
"""What each status is called in Jira, Linear, Azure DevOps, Asana, Productboard and plain lists."""


def fold_word(text: str) -> str:
    """What two spellings of a word have in common; signs such as ``✓`` and ``-`` are words too."""
    return fold_header(text.replace("\ufe0f", "").replace("\u2019", "'").lstrip("'")) or text.strip()
