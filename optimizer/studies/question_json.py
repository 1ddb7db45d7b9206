"""Many questions and their answers as JSON and back, so that workers on other machines can answer them.

Only sets and answers of the kinds named here are made from what is read: plain data, and nothing that could be called.
"""

from copy import copy
from functools import cache
from typing import Any, cast, get_type_hints

from pydantic import TypeAdapter

from optimizer.studies.capacity_value import CurveQuestions
from optimizer.studies.core_index import CoreQuestions
from optimizer.studies.frontier import ChainParts
from optimizer.studies.frontier_bands import BandParts
from optimizer.studies.opposite import OppositeQuestions
from optimizer.studies.question_set import Found, QuestionSet
from optimizer.studies.robustness import DrawQuestions
from optimizer.studies.rule_prices import RulePriceQuestions
from optimizer.studies.thresholds import ThresholdQuestions

KINDS: tuple[type[QuestionSet[Any]], ...] = (
    DrawQuestions,
    OppositeQuestions,
    ThresholdQuestions,
    CoreQuestions,
    ChainParts,
    BandParts,
    RulePriceQuestions,
    CurveQuestions,
)


def questions_to_json(questions: QuestionSet[Any]) -> dict[str, str]:
    """A set of questions, ready for json.dumps; the same questions are the same document."""
    kind, plain = type(questions), copy(questions)
    return {"kind": kind.__name__, "questions": _sets(kind).dump_json(plain).decode()}


def questions_from_json(document: dict[str, str]) -> QuestionSet[Any]:
    """The same questions again, with a wish to stop of their own.

    Raises:
        KeyError: no such kind.
        pydantic.ValidationError: they are none of that kind.
    """
    kind = {one.__name__: one for one in KINDS}[document["kind"]]
    return _sets(kind).validate_json(document["questions"])


def answers_to_json(questions: QuestionSet[Found], answers: list[Found]) -> str:
    """Answers to some of the questions as JSON text."""
    return _answers(type(questions)).dump_json(answers).decode()


def answers_from_json(questions: QuestionSet[Found], text: str) -> list[Found]:
    """The same answers again.

    Raises:
        pydantic.ValidationError: they are none to questions of this kind.
    """
    return cast("list[Found]", _answers(type(questions)).validate_json(text))


@cache
def _sets(kind: type[QuestionSet[Any]]) -> TypeAdapter[QuestionSet[Any]]:
    return TypeAdapter(kind)


@cache
def _answers(kind: type[QuestionSet[Any]]) -> TypeAdapter[list[Any]]:
    found: Any = get_type_hints(kind.answer)["return"]
    return TypeAdapter(list[found])
