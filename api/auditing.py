"""The command line of auditors: verify the audit, sign how far it is, write it to a file."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from api import terminal
from api.database import database
from api.settings import settings
from graph.errors import BadRequest
from graph.proving import Verdict
from graph.store import Address, Store
from graph.times import written

audit = typer.Typer(help="The record of who changed what and why.", no_args_is_help=True)

Data = Annotated[Path | None, typer.Option("--data", help="Folder of the private database.")]
Key = Annotated[Path, typer.Option("--key", help="PEM file with the private key.")]


@audit.command()
def verify(
    checkpoint: Annotated[
        Path | None, typer.Option("--checkpoint", help="A checkpoint to compare with.")
    ] = None,
    key: Annotated[
        Path | None, typer.Option("--key", help="PEM file with its public key, kept elsewhere.")
    ] = None,
    quick: Annotated[
        bool, typer.Option("--quick", help="Only the chain, not what it says of the graph.")
    ] = False,
    data: Data = None,
) -> None:
    """Follow the whole audit and compare it with the graph; the first bad entry is named."""
    from graph.checkpoints import read

    if (checkpoint is None) != (key is None):
        raise BadRequest("--checkpoint and --key go together: a checkpoint proves by its signature")
    kept = read(checkpoint, key) if checkpoint and key else None
    with database(settings(), data) as address:
        verdict = asyncio.run(_verdict(address, not quick, kept))
    if verdict.intact:
        terminal.out.print(verdict.explanation)
        return
    where = f"entry {verdict.first_bad}: " if verdict.first_bad else ""
    terminal.out.print(f"NOT INTACT. {where}{verdict.explanation}", markup=False, soft_wrap=True)
    raise typer.Exit(1)


@audit.command()
def checkpoint(
    path: Annotated[Path, typer.Argument(help="The file to write; keep it elsewhere.")],
    key: Key,
    data: Data = None,
) -> None:
    """Write how far the audit is, signed: whoever rewrites it later cannot rewrite that."""
    from graph.checkpoints import signed

    if path.exists():
        raise BadRequest(f"{path} is there already; checkpoints are kept, name another file")
    with database(settings(), data) as address:
        verdict = asyncio.run(_verdict(address, thorough=False))
    if not verdict.intact:
        raise BadRequest(f"what is not intact is not signed: {verdict.explanation}")
    now = written(datetime.now(UTC))
    made = signed(verdict.entries, verdict.head, verdict.root, now, key)
    path.write_bytes(made.text())
    terminal.out.print(f"{verdict.entries:,} entries: {path}", markup=False, soft_wrap=True)


@audit.command()
def keys(folder: Annotated[Path, typer.Argument(help="Where to write the two files.")]) -> None:
    """Make a pair of keys: audit.key signs checkpoints, audit.pub verifies them."""
    from graph.checkpoints import make_keys

    private, public = make_keys(folder)
    told = f"Sign with {private}; keep {public} where nobody who has the database can reach it."
    terminal.out.print(told, markup=False, soft_wrap=True)


@audit.command()
def export(
    path: Annotated[Path, typer.Argument(help="A file that ends in .csv or .jsonl.")],
    force: Annotated[
        bool, typer.Option("--force", help="Put it in the place of what is there.")
    ] = False,
    data: Data = None,
) -> None:
    """Write every entry in order, with its hash; JSON Lines hold the changes too."""
    with database(settings(), data) as address:
        count = asyncio.run(_export(address, path, force))
    terminal.out.print(f"{count:,} entries: {path}", markup=False, soft_wrap=True)


async def _verdict(address: Address, thorough: bool, kept: object = None) -> Verdict:
    from graph.checkpoints import Checkpoint

    async with Store.at(address) as store:
        return await store.proved(thorough, kept if isinstance(kept, Checkpoint) else None)


async def _export(address: Address, path: Path, force: bool) -> int:
    from loaders.audited import export_audit

    async with Store.at(address) as store:
        return await export_audit(store, path, force)
