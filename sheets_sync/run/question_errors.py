"""What is wrong with a further question about a plan; the messages are for people.

They are apart from the questions, which load solvers: the table of exit codes knows them without.
"""


class UnknownInitiativeError(Exception):
    """An initiative was asked about that the workbook does not have."""


class ChangeError(Exception):
    """A change that was asked for names nothing in the workbook; the message says what there is."""


class UnknownMeasureError(Exception):
    """A frontier was asked for between things of which one is neither a KPI nor a resource of the workbook."""


class TickedColumnError(Exception):
    """The column with the plan is not there, or a cell of it says neither yes nor no, or not when."""


class UnknownLimitError(Exception):
    """A capacity was asked about that the scenario does not have, or that no curve can be drawn of."""


class UnanswerableError(Exception):
    """A scenario of this kind has no answer to the question; the message says why."""


class RollError(Exception):
    """A plan cannot be rolled on to a period; the message says why, and what to do."""


class UnknownDimensionError(Exception):
    """Equal shares were asked for in a dimension in which no initiative has a value."""
