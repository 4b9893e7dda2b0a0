"""Results that another version of Gradus wrote: what pages can show of them until they are graded again."""

import json
from collections.abc import Mapping
from typing import Any

from grading.results.model import CheckResult, Failure, OpenQuestion, Result, Status


def read_older(content: bytes) -> Result | None:
    """Return the points and sentences of a result of any version; None where it holds none."""
    try:
        fields = json.loads(content)
        return Result(
            Status(fields["status"]),
            lang=str(fields.get("lang", "en")),
            checks=tuple(map(_check, fields.get("checks", ()))),
            questions=tuple(map(_question, fields.get("questions", fields.get("open", ())))),
            unanswered=tuple(map(str, fields.get("unanswered", ()))),
            started=str(fields.get("started", "")),
            sandboxed=bool(fields.get("sandboxed")),
            versions={str(name): str(version) for name, version in dict(fields.get("versions", {})).items()},
            student=str(fields.get("student", "")),
            stage=str(fields.get("stage", "")),
        )
    except (AttributeError, KeyError, RecursionError, TypeError, ValueError):
        return None


def _check(content: Mapping[str, Any]) -> CheckResult:
    points, maximum = float(content["points"]), float(content["maximum"])
    known = content.get("failure")
    failure = Failure(known) if known in set(Failure) else Failure.MISTAKE
    said = ("", None) if points == maximum else (str(content.get("message", "")), failure)
    return CheckResult(str(content["name"]), points, maximum, said[1], said[0])


def _question(content: Mapping[str, Any]) -> OpenQuestion:
    points = content.get("points")
    return OpenQuestion(str(content["name"]), None if points is None else float(points), float(content["maximum"]), "")
