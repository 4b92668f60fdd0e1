"""The demonstration: the sample bank is loaded, four users ask, tables show the answers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from importlib.resources import files
from pathlib import Path
from typing import Any

from rich.syntax import Syntax
from rich.table import Table

from api import terminal
from api.app import schema
from api.terminal import Tell, table
from graph.audit import Actor
from graph.errors import GoldenthreadError
from graph.questions import Ask
from graph.store import Address, Store
from graph.viewers import EVERYONE, Viewer
from loaders.load import load

BANK = Path(str(files("seed"))) / "omnichannel_bank"
POLICY = Path(str(files("seed"))) / "policies" / "omnichannel_bank.toml"
ROLE = "board"
"""The role that asks: it sees all."""
QUESTIONS = Path(str(files("seed"))) / "questions"
REASON = "the sample bank, which is synthetic"


async def demonstrate(address: Address, viewer: Viewer = EVERYONE) -> None:
    """Prepare, load, ask, print."""
    async with Store.at(address) as store:
        await store.migrate()
        await _load(store)
        console = terminal.wide()
        for name, tell in TABLES.items():
            text = (QUESTIONS / f"{name}.graphql").read_text(encoding="utf-8")
            data = await ask(store, text, viewer=viewer)
            console.print()
            console.print(Syntax(text.strip(), "graphql", background_color="default"))
            for made in tell(data):
                console.print(made)


async def ask(
    store: Store,
    text: str,
    variables: Mapping[str, Any] | None = None,
    viewer: Viewer = EVERYONE,
) -> dict[str, Any]:
    """The data of an answer. Raises what the first error was, if there is one."""
    context = {"ask": Ask.of(store, viewer)}
    result = await schema().execute(text, dict(variables or {}), context_value=context)
    for error in result.errors or ():
        raise error.original_error or GoldenthreadError(error.message)
    return dict(result.data or {})


async def _load(store: Store) -> None:
    with terminal.loading() as progress:
        report = await load(store, BANK, Actor("demo"), REASON, progress)
    rows = sum(report.rows.values())
    if report.already:
        terminal.err.print("The sample bank (synthetic) is loaded already.")
        return
    terminal.err.print(
        f"The sample bank (synthetic): {rows:,} rows of {len(report.rows)} tables;"
        f" {terminal.counts(report.receipt)}"
    )


def _chains(data: dict[str, Any]) -> Iterable[Table]:
    rows = [
        (
            " → ".join(_name(edge["to"]) for edge in chain["edges"]),
            ", ".join(sorted({_name(edge["group"]) for edge in chain["edges"] if edge["group"]}))
            or "all",
            _sign(chain["sign"]),
            f"{chain['effect']:+.6f}" if chain["effect"] is not None else None,
            chain["lag"],
            chain["weakestConfidence"],
        )
        for chain in data["chains"]["chains"]
    ]
    columns = (
        "the adviser school moves",
        "for",
        "sign",
        "EUR a customer and month",
        "months",
        "weakest confidence",
    )
    yield table("Frontend: how the adviser school reaches revenue per customer", columns, rows)


def _lineage(data: dict[str, Any]) -> Iterable[Table]:
    columns = ("fed", "by", "transformation", "hours", "job", "who answers for it")
    titles = {
        "upstream": "Analyst: everything upstream of persona health",
        "downstream": "Analyst: everyone who uses crm_customers/closed_on",
    }
    for alias, title in titles.items():
        told = data[alias]
        rows = [
            (
                edge["to"],
                edge["from"],
                edge["transformation"],
                edge["delayHours"],
                edge["job"] and edge["job"]["key"],
                ", ".join(role["name"] for role in edge["owners"]),
            )
            for edge in told["edges"]
        ]
        sources = ", ".join(_name(source) for source in told["sources"])
        yield table(f"{title} (begins at: {sources})", columns, rows)


def _impact(data: dict[str, Any]) -> Iterable[Table]:
    reached: dict[str, list[dict[str, Any]]] = {}
    for effect in data["impact"]["effects"]:
        if effect["group"]:
            reached.setdefault(effect["group"]["name"], []).append(effect)
    rows = [
        (
            persona if first else "",
            effect["on"]["id"],
            _sign(effect["sign"]),
            effect["lag"],
            _way(effect["chains"][0]),
        )
        for persona, effects in reached.items()
        for first, effect in ((i == 0, one) for i, one in enumerate(effects))
    ]
    columns = ("persona", "what moves", "sign", "months until it begins", "strongest chain")
    yield table("Planner: whom the adviser school reaches", columns, rows)


def _archive(data: dict[str, Any]) -> Iterable[Table]:
    for kpi in data["archive"]["nodes"]:
        end = kpi["retirement"]
        facts = (
            ("status", kpi["status"]),
            ("in force", f"{kpi['validFrom'][:10]} until {end['at'][:10]}"),
            ("reason", end["reason"]),
            ("evidence", "; ".join(end["evidence"])),
            ("decision", _decision(end["decision"])),
            ("successor", _name(end["successor"])),
        )
        yield table(f"Auditor: {kpi['name']} ({kpi['id']})", ("", ""), facts)
        series = kpi["series"]["nodes"]
        periods = sorted({o["period"] for one in series for o in one["observations"]["nodes"]})
        rows = []
        for one in series:
            values = {o["period"]: o["value"] for o in one["observations"]["nodes"]}
            who = ", ".join(group["name"] for group in one["groups"]["nodes"]) or "all"
            rows.append((who, *(_number(values.get(period)) for period in periods)))
        yield table("Its values of the time", ("persona", *periods), rows)


def _way(chain: dict[str, Any]) -> str:
    steps = " → ".join(edge["to"]["id"].partition(":")[2] for edge in chain["edges"])
    return f"{steps} (lag {chain['lag']})"


def _decision(told: dict[str, Any]) -> str:
    return f"{told['name']} ({told['decidedOn']}, {told['review']['name']})"


def _name(thing: dict[str, Any]) -> str:
    return str(thing.get("name") or thing["id"])


def _sign(sign: int) -> str:
    return {1: "up", -1: "down", 0: "both ways"}[sign]


def _number(value: float | None) -> str | None:
    return None if value is None else f"{value:g}"


TABLES: dict[str, Tell] = {
    "frontend_chains": _chains,
    "analyst_lineage": _lineage,
    "planner_impact": _impact,
    "auditor_archive": _archive,
}
