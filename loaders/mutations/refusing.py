"""Input that is not what its declaration says, as an error that is told as data."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from pydantic import ValidationError

from loaders.mutations.outcomes import (
    ErrorCode,
    InvalidInput,
    Problem,
    UserError,
    Wrong,
    wrong,
)


def refused(error: ValidationError) -> UserError:
    """Input that is not what its declaration says, as the error that is told."""
    problems = tuple(_problem(one) for one in error.errors(include_url=False))
    try:
        wrong(InvalidInput, ErrorCode.INVALID, *problems)
    except Wrong as broken:
        return broken.error


def _problem(error: Mapping[str, Any]) -> Problem:
    """What pydantic found, in the words of an input."""
    field = ".".join(str(part) for part in error["loc"])
    given = error.get("input")
    value = str(given) if isinstance(given, str | int | float | datetime) else None
    match error["type"]:
        case "string_too_short" if not given or not str(given).strip():
            return Problem(field=field, value=value, rule="is required, and must not be blank")
        case "string_pattern_mismatch" if ":" in error["ctx"].get("pattern", ""):
            return Problem(field=field, value=value, rule="is no id; write kind:key, e.g. kpi:nps")
    rule = re.sub(r"^(Input|String|Value|Tuple) should", "must", error["msg"])
    return Problem(field=field, value=value, rule=rule.removeprefix("Value error, "))
