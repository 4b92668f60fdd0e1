"""Writers that keep a ledger of what was acknowledged, and the look at what is there in the end.

Every write carries a key of its own. What was not acknowledged is sent again with the same key
until it is: in the end nothing may be in doubt, lost or there twice.
"""

from __future__ import annotations

import http.client
import json
import threading
import time
from dataclasses import dataclass, field
from typing import Any

from graph.store import Store

MUTATION = """
mutation Fault($input: CreateInput!) {
  create(input: $input) {
    __typename
    ... on Receipt { sequence entry repeated }
    ... on UserError { code message }
  }
}
"""
DEADLINE = 2.0
LATE = 0.5
"""Seconds after its deadline by which every answer has come."""


@dataclass
class Ledger:
    """What was acknowledged, and what else was told."""

    acknowledged: dict[str, int] = field(default_factory=dict)
    """Sequence by key."""
    refused: list[str] = field(default_factory=list)
    """What came that is neither a receipt nor a passing fault."""
    late: list[float] = field(default_factory=list)
    """Seconds of answers that came after their deadline and half a second more."""
    answers: dict[str, int] = field(default_factory=dict)
    """How many answers of each code."""
    slowest: float = 0.0


class Writer(threading.Thread):
    """Writes one theme after another until it is told to stop; then finishes the one it is at."""

    def __init__(self, name: str, port: int, ledger: Ledger, frozen: threading.Event) -> None:
        super().__init__(daemon=True)
        self.name = name
        self.port = port
        self.ledger = ledger
        self.frozen = frozen
        """Set while the service itself does not move: nobody can be in time."""
        self.stopping = threading.Event()
        self.giving_up = threading.Event()

    def run(self) -> None:
        """Write and note."""
        number = 0
        while not self.stopping.is_set():
            number += 1
            self._until_acknowledged(f"{self.name}_{number}")

    def _until_acknowledged(self, key: str) -> None:
        while not self.giving_up.is_set():
            began, was_frozen = time.monotonic(), self.frozen.is_set()
            try:
                told = self._ask(key)
            except (OSError, http.client.HTTPException, json.JSONDecodeError):
                self._count("connection")
                time.sleep(0.05)
                continue
            spent = time.monotonic() - began
            if not was_frozen and not self.frozen.is_set():
                self.ledger.slowest = max(self.ledger.slowest, spent)
                if spent > DEADLINE + LATE:
                    self.ledger.late.append(spent)
            if self._noted(key, told):
                return
            time.sleep(0.05)

    def _noted(self, key: str, told: dict[str, Any]) -> bool:
        done = (told.get("data") or {}).get("create")
        if done and done["__typename"] == "Receipt":
            self._count("receipt again" if done["repeated"] else "receipt")
            self.ledger.acknowledged[key] = done["sequence"]
            return True
        code = done["code"] if done else told["errors"][0]["extensions"]["code"]
        self._count(code)
        if code not in ("UNAVAILABLE", "TIMEOUT", "CONFLICT", "LOADING", "BUSY"):
            self.ledger.refused.append(f"{key}: {json.dumps(told)[:300]}")
            return True
        return False

    def _count(self, what: str) -> None:
        self.ledger.answers[what] = self.ledger.answers.get(what, 0) + 1

    def _ask(self, key: str) -> dict[str, Any]:
        said = {
            "thing": {"theme": {"key": key, "name": key}},
            "validFrom": "2024-01-01",
            "reason": "a fault",
            "key": key,
        }
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=8)
        try:
            line.request(
                "POST",
                "/graphql",
                json.dumps({"query": MUTATION, "variables": {"input": said}}),
                {"Content-Type": "application/json", "X-Deadline": str(DEADLINE)},
            )
            told: dict[str, Any] = json.loads(line.getresponse().read())
        finally:
            line.close()
        return told


async def wrong(store: Store, ledger: Ledger) -> list[str]:
    """What of the acknowledged is not there exactly once, and what is there beside it."""
    themes = await store.answer(
        "MATCH (t:Theme) WHERE t.key IS NOT NULL WITH t.key AS key, count(*) AS times"
        " RETURN collect([key, times]) AS answer"
    )
    entries = await store.answer(
        "MATCH (e:AuditEvent) WHERE e.key IS NOT NULL WITH e.key AS key, count(*) AS times,"
        " max(e.last) AS last RETURN collect([key, times, last]) AS answer"
    )
    there, written = dict(themes), {key: (times, last) for key, times, last in entries}
    found = [f"lost: {key}" for key in ledger.acknowledged if key not in there]
    found += [f"{times} times: {key}" for key, times in there.items() if times != 1]
    found += [f"in doubt: {key}" for key in there if key not in ledger.acknowledged]
    found += [
        f"acknowledged as {sequence}, written as {written.get(key)}: {key}"
        for key, sequence in ledger.acknowledged.items()
        if written.get(key) != (1, sequence)
    ]
    return found
