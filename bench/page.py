"""docs/benchmarks.md: figures stand between markers and are written by the measures alone."""

from __future__ import annotations

import os
import platform
import re
from collections.abc import Iterable
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from bench.results import Result, table

PAGE = Path(__file__).parent.parent / "docs" / "benchmarks.md"
PACKAGES = ("neo4j", "neo4j-rust-ext", "pandas", "pydantic", "strawberry-graphql")


def write(section: str, results: Iterable[Result], server: str = "") -> None:
    """Put a table, with date and machine, into its section of the page."""
    today = f"{datetime.now(UTC):%Y-%m-%d}"
    put(PAGE, section, f"{table(results)}\n\n{today}, {machine(server)}.")


def put(page: Path, section: str, text: str) -> None:
    """Put a text between the markers of a section. Raises ValueError where there are none."""
    begin, end = f"<!-- {section} -->", f"<!-- end of {section} -->"
    before = page.read_text(encoding="utf-8")
    pattern = re.compile(f"(?<={re.escape(begin)}\n).*?(?={re.escape(end)})", re.DOTALL)
    after, count = pattern.subn(lambda _: f"{text}\n", before)
    if not count:
        raise ValueError(f"{page.name} has no section {begin} ... {end}")
    page.write_text(after, encoding="utf-8")


def machine(server: str) -> str:
    """Cores, memory and versions."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    told = [f"{os.cpu_count()} cores", f"{memory:.0f} GiB"]
    told += [f"{platform.system()} {platform.machine()}", f"Python {platform.python_version()}"]
    told += [f"Neo4j {server}"] if server else []
    return ", ".join([*told, *filter(None, map(_version, PACKAGES))])


def _version(package: str) -> str:
    try:
        return f"{package} {version(package)}"
    except PackageNotFoundError:
        return ""
