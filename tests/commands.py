"""How tests run the command line: as a program does, with exit code and both outputs."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from api.cli import main
from graph.store import Address


@dataclass(frozen=True)
class Ended:
    """How a command ended."""

    code: int
    out: str
    err: str


class Terminal:
    """Runs commands in this process; settings are environment variables as anywhere."""

    def __init__(self, patch: pytest.MonkeyPatch, captured: pytest.CaptureFixture[str]) -> None:
        self.patch = patch
        self.captured = captured

    def run(self, *arguments: object, **settings: object) -> Ended:
        """Run `goldenthread` with these arguments and settings."""
        for name, value in settings.items():
            self.patch.setenv(name, str(value))
        self.patch.setattr("sys.argv", ["goldenthread", *map(str, arguments)])
        self.captured.readouterr()
        try:
            main()
            code = 0
        except SystemExit as end:
            code = int(end.code or 0)
        told = self.captured.readouterr()
        return Ended(code, told.out, told.err)


def settings_of(address: Address) -> dict[str, str]:
    """The settings under which a command finds a database."""
    return {
        "NEO4J_URI": address.uri,
        "NEO4J_USERNAME": address.username,
        "NEO4J_PASSWORD": address.password,
        "NEO4J_DATABASE": address.database,
    }
