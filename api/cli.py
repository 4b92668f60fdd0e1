"""The command line: serve and demo, load and export, ask, prepare, tell the schema."""

from __future__ import annotations

import asyncio
import errno
import socket
import sys
from dataclasses import asdict
from importlib.resources import files
from pathlib import Path
from typing import Annotated

import typer

from api import access, terminal
from api.auditing import audit
from api.database import database
from api.settings import WORKERS, Settings, WrongUse, settings
from graph.errors import BadRequest, GoldenthreadError, SignInRefused
from graph.local import LocalDatabaseError
from graph.store import Address, Store

app = typer.Typer(
    help="An organization's strategy as one graph, asked over GraphQL.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

app.add_typer(audit, name="audit")
app.add_typer(access.policy, name="policy")
app.command()(access.token)

Data = Annotated[Path | None, typer.Option("--data", help="Folder of the private database.")]
Host = Annotated[str | None, typer.Option("--host", help="Address to listen on.")]
Port = Annotated[
    int | None,
    typer.Option("--port", min=0, max=65535, help="Port to listen on; 0 takes a free one."),
]
Workers = Annotated[
    int | None, typer.Option("--workers", min=1, max=WORKERS, help="Processes that answer.")
]

Target = Annotated[Path, typer.Argument(help="A folder, or a file that ends in .xlsx.")]
Json = Annotated[bool, typer.Option("--json", help="Tell the result as JSON, and nothing else.")]
Force = Annotated[bool, typer.Option("--force", help="Put it in the place of what is there.")]


@app.command()
def demo(
    once: Annotated[bool, typer.Option("--once", help="Print the answers and leave.")] = False,
    data: Data = None,
    port: Port = None,
) -> None:
    """Load the sample bank, ask the four users' questions, then serve until Ctrl-C."""
    from api.admission import of_demo, signed_in
    from api.demo import POLICY, ROLE, demonstrate
    from api.ending import end_calmly
    from api.serving import serve as run

    end_calmly()
    chosen = of_demo(_listening(settings(), None, port), data, POLICY)
    viewer = asyncio.run(signed_in(chosen, ROLE))
    if not once:
        _check_port(chosen)
    with database(chosen, data) as address:
        asyncio.run(demonstrate(address, viewer))
        if not once:
            run(address, chosen)


@app.command()
def serve(host: Host = None, port: Port = None, workers: Workers = None, data: Data = None) -> None:
    """Serve the API until Ctrl-C."""
    from api.admission import sign_in
    from api.ending import end_calmly
    from api.serving import serve as run

    end_calmly()
    chosen = _listening(settings(), host, port, workers)
    if data is not None:
        chosen = chosen.model_copy(update={"goldenthread_data": data})
    sign_in(chosen)
    _check_port(chosen)
    with database(chosen, data) as address:
        asyncio.run(_prepared(address))
        run(address, chosen)


@app.command()
def load(
    path: Annotated[
        Path, typer.Argument(help="Folder of CSV files, one table a file, or a workbook (.xlsx).")
    ],
    reason: Annotated[str | None, typer.Option("--reason", help="Why; kept in the audit.")] = None,
    actor: Annotated[str, typer.Option("--actor", help="Who; kept in the audit.")] = "command line",
    partial: Annotated[
        bool, typer.Option("--partial", help="Load what is right, without refused rows.")
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what a load would do, and write nothing.")
    ] = False,
    rejects: Annotated[
        Path | None, typer.Option("--rejects", help="Where refused rows go; beside PATH if unsaid.")
    ] = None,
    force: Force = False,
    data: Data = None,
    as_json: Json = False,
) -> None:
    """Load an organization's tables; nothing is loaded from a set with a bad row."""
    from api import loading

    wish = loading.Wish(path, actor, reason, partial, dry_run, rejects, force)
    with database(settings(), data) as address:
        report = asyncio.run(loading.loaded(address, wish))
    if as_json:
        terminal.data(loading.data(report))
    else:
        loading.tell(report, wish)


@app.command()
def export(
    path: Target,
    current: Annotated[
        bool, typer.Option("--current", help="Only what is known now, to edit and load again.")
    ] = False,
    force: Force = False,
    data: Data = None,
    as_json: Json = False,
) -> None:
    """Write the graph as tables that can be loaded: all that was ever known, and since when."""
    with database(settings(), data) as address:
        asyncio.run(_export(address, path, current, force, as_json))


@app.command()
def template(path: Target, force: Force = False, as_json: Json = False) -> None:
    """Write empty tables to fill in: every column with its meaning, unit and allowed words."""
    from graph.ontology import ONTOLOGY
    from loaders.template import template as write

    count = write(ONTOLOGY, path, force)
    if as_json:
        terminal.data({"path": str(path), "tables": count})
        return
    terminal.out.print(f"{count} empty tables: {path}", markup=False, soft_wrap=True)


@app.command()
def migrate(data: Data = None, as_json: Json = False) -> None:
    """Prepare the database: constraints and indexes. May be repeated."""

    async def prepare(address: Address) -> int:
        async with Store.at(address) as store:
            return await store.migrate()

    with database(settings(), data) as address:
        count = asyncio.run(prepare(address))
    if as_json:
        terminal.data({"constraintsAndIndexes": count})
        return
    terminal.out.print(f"{count} constraints and indexes are there.")


@app.command()
def query(
    text: Annotated[
        str, typer.Argument(help="GraphQL text, a file that holds it, or - to read it.")
    ],
    variables: Annotated[str, typer.Option("--variables", help="Variables as JSON.")] = "{}",
    data: Data = None,
) -> None:
    """Ask one question and print the answer as JSON."""
    from api.asking import ask, document, given

    asked, known = document(text), given(variables)
    with database(settings(), data) as address:
        answer = asyncio.run(ask(address, asked, known))
    terminal.data(answer)
    if "errors" in answer:
        raise typer.Exit(1)


@app.command()
def schema(
    check: Annotated[
        bool, typer.Option("--check", help="Compare with the committed file.")
    ] = False,
    dictionary: Annotated[
        bool, typer.Option("--dictionary", help="Print the data dictionary.")
    ] = False,
) -> None:
    """Print the GraphQL schema."""
    from api.app import schema as built
    from api.dictionary import dictionary as told
    from api.schema import sdl
    from graph.ontology import ONTOLOGY

    if dictionary:
        sys.stdout.write(told(ONTOLOGY))
        return
    text = sdl(built())
    if not check:
        sys.stdout.write(text)
        return
    committed = files("api").joinpath("schema.graphql")
    if not committed.is_file() or committed.read_text(encoding="utf-8") != text:
        raise BadRequest("api/schema.graphql is not the schema served; write it anew: make schema")


def main() -> None:
    """Run the command line; what went wrong is told in a line or two, never as a traceback.

    Exit codes: 0 done; 1 refused, failed, or errors in the answer; 2 wrong use.
    """
    try:
        app()
    except (GoldenthreadError, LocalDatabaseError) as error:
        terminal.err.print(f"goldenthread: {error}", markup=False, soft_wrap=True)
        sys.exit(2 if isinstance(error, WrongUse) else 1)
    except KeyboardInterrupt:
        sys.exit(130)


def _listening(
    chosen: Settings, host: str | None, port: int | None, workers: int | None = None
) -> Settings:
    named = {
        "goldenthread_host": host,
        "goldenthread_port": port,
        "goldenthread_workers": workers,
    }
    return chosen.model_copy(update={k: v for k, v in named.items() if v is not None})


def _check_port(chosen: Settings) -> None:
    host, port = chosen.goldenthread_host, chosen.goldenthread_port
    try:
        family, *_, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except (OSError, UnicodeError) as error:
        why = getattr(error, "strerror", None) or "not a host name"
        taken = isinstance(error, OSError) and error.errno in (errno.EADDRINUSE, errno.EACCES)
        remedy = "another port: --port 8001" if taken else "this machine: --host 127.0.0.1"
        raise BadRequest(f"cannot listen on {host}:{port} ({why}); name {remedy}") from error


async def _prepared(address: Address) -> None:
    """Prepare the database; where it is away, say so and serve all the same."""
    async with Store.at(address) as store:
        try:
            await store.migrate()
        except SignInRefused:
            raise
        except GoldenthreadError as error:
            told = f"goldenthread: {address.uri}: {error}"
            terminal.err.print(told, markup=False, soft_wrap=True)


async def _export(address: Address, path: Path, current: bool, force: bool, as_json: bool) -> None:
    from loaders.export import export as export_tables

    async with Store.at(address) as store:
        await store.migrate()
        with terminal.loading() as progress:
            done = await export_tables(store, path, current, force, progress)
    if as_json:
        terminal.data({"path": str(path), **asdict(done)})
        return
    terminal.out.print(terminal.table("Exported", ("table", "rows"), done.rows.items()))
    total = sum(done.rows.values())
    told = f"{total:,} rows of {len(done.rows)} tables: {path}"
    terminal.out.print(told, markup=False, soft_wrap=True)
    for wrong in done.inexact[:20]:
        terminal.err.print(f"not exact: {wrong}", markup=False, soft_wrap=True)
    if len(done.inexact) > 20:
        terminal.err.print(f"not exact: {len(done.inexact) - 20} more")
