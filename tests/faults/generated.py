"""Operations that schemathesis makes from the schema, thousands for each role, on the sample bank.

`python -m tests.faults.generated [--operations 5000] [--roles board analyst] [--seconds 600]
[--seed 1]` starts a private Neo4j with the bank, asks under the bank's policy with a token of each
role, and prints how many answers had which code (log
lines go to standard error). Four of five operations are questions. What is
answered with a 5xx other than a deadline, without a code, or with internal text is told and makes
it fail. `--seconds` ends the run of a role early.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import time
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from math import inf
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from starlette.testclient import TestClient

from api.app import create_app
from api.development import DevelopmentKey
from api.logs import configure
from api.sign_in import SignIn
from graph.store import Address
from tests.access_model import ROLES, policy
from tests.faults.killing import Database
from tests.faults.load import filled
from tests.made_up import operations
from tests.test_attacks import INTERNAL
from tests.test_generated import check

PARTS = {"Query": 0.8, "Mutation": 0.2}


class Enough(KeyboardInterrupt):
    """The time is over: what hypothesis takes for no failure."""


@dataclass
class Answers:
    """How many answers of each code, and which are wrong."""

    codes: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)
    count: int = 0

    def take(self, text: str, response: Any) -> None:
        """Look at one."""
        self.count += 1
        told = response.json()
        errors = told.get("errors", [])
        self.codes.update({one["extensions"].get("code", "none") for one in errors} or {"OK"})
        try:
            check([(text, response.status_code, told)], 1)
        except (AssertionError, KeyError) as error:
            self.wrong.append(f"{response.status_code} {errors}: {error}"[:1_000])
        said = " ".join(str(one) for one in errors).encode()
        self.wrong += [f"internal {word!r}: {said!r}"[:500] for word in INTERNAL if word in said]


def ask(client: TestClient, root: str, count: int, until: float, number: int) -> Answers:
    """Operations on one root, as many as fit until a time."""
    found = Answers()

    def take(text: str) -> None:
        if time.monotonic() > until:
            raise Enough
        found.take(text, client.post("/graphql", json={"query": text}))

    with suppress(Enough):
        operations(root, count, number, take)
    return found


def of_role(address: Address, key: DevelopmentKey, role: str, chosen: argparse.Namespace) -> bool:
    """All operations of a role; whether all is well."""
    headers = {"Authorization": f"Bearer {key.token((role,), 'somebody', timedelta(hours=8))}"}
    app = create_app(address, sign_in=SignIn(policy(), key.tokens()))
    well, until = True, time.monotonic() + chosen.seconds
    with TestClient(app, headers=headers) as client:
        for root, part in PARTS.items():
            end = until if root == "Mutation" else time.monotonic() + part * chosen.seconds
            found = ask(client, root, int(part * chosen.operations), end, chosen.seed)
            told = ", ".join(f"{count} {code}" for code, count in found.codes.most_common())
            print(f"{role}: {found.count} operations on {root}: {told}", flush=True)
            for one in found.wrong[:10]:
                print("WRONG", one)
            well = well and not found.wrong
    return well


def main() -> int:
    """Ask in every role, and tell by the exit code whether all is well."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--operations", type=int, default=5_000)
    parser.add_argument("--roles", nargs="+", default=ROLES, choices=ROLES)
    parser.add_argument("--seconds", type=float, default=inf)
    parser.add_argument("--seed", type=int, default=1)
    chosen = parser.parse_args()
    configure()
    with TemporaryDirectory() as folder:
        database, key = Database(Path(folder) / "neo4j"), DevelopmentKey(Path(folder) / "keys")
        address = database.start()
        try:
            asyncio.run(filled(address))
            well = [of_role(address, key, role, chosen) for role in chosen.roles]
        finally:
            database.stop()
    return 0 if all(well) else 1


if __name__ == "__main__":
    sys.exit(main())
