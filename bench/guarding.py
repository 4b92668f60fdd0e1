"""What the guard costs a request: microseconds for a question that is known, and for a new one."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from time import perf_counter

from api.app import schema
from api.documents import Documents
from api.limits import DEFAULTS
from bench.results import Result

QUESTIONS = Path(__file__).resolve().parents[1] / "seed" / "questions"
ROUNDS = 2_000
AIM = "under 300 µs"


def measured() -> list[Result]:
    """For each of the four users' questions: found, counted and weighed."""
    found = []
    for path in sorted(QUESTIONS.glob("*.graphql")):
        text = path.read_text(encoding="utf-8")
        documents = Documents(schema()._schema, DEFAULTS)
        new = _middle(partial(_anew, text), 5)
        known = _middle(partial(_looked, documents, text), ROUNDS)
        found.append(Result(f"{path.stem}, known", f"{1e6 * known:.1f} µs", aim=AIM))
        found.append(Result(f"{path.stem}, new", f"{1e3 * new:.1f} ms"))
    return found


def _anew(text: str) -> None:
    _looked(Documents(schema()._schema, DEFAULTS), text)


def _looked(documents: Documents, text: str) -> None:
    documents.of(text).cost(None, {})


def _middle(work: Callable[[], None], rounds: int) -> float:
    """Seconds of the middle one of some rounds."""
    taken = []
    for _ in range(rounds):
        began = perf_counter()
        work()
        taken.append(perf_counter() - began)
    return sorted(taken)[rounds // 2]
