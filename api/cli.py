"""The command line: demo, serve, load, export, template, migrate, query, schema, audit."""

from __future__ import annotations

import asyncio
import socket
import sys
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Any

import orjson
import typer

from api import terminal
from api.auditing import audit
from api.database import database
from api.settings import Settings, settings
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

Data = Annotated[Path | None, typer.Option("--data", help="Folder of the private database.")]
Host = Annotated[str | None, typer.Option("--host", help="Address to listen on.")]
Port = Annotated[int | None, typer.Option("--port", help="Port to listen on; 0 takes a free one.")]


Target = Annotated[Path, typer.Argument(help="A folder, or a file that ends in .xlsx.")]
Force = Annotated[bool, typer.Option("--force", help="Put it in the place of what is there.")]


@app.command()
def demo(
    once: Annotated[bool, typer.Option("--once", help="Print the answers and leave.")] = False,
    data: Data = None,
    port: Port = None,
) -> None:
    """Load the sample bank, ask the four users' questions, then serve until Ctrl-C."""
    from api.demo import demonstrate

    chosen = _listening(settings(), None, port)
    if not once:
        _check_port(chosen)
    with database(chosen, data) as address:
        asyncio.run(demonstrate(address))
        if not once:
            _serve(address, chosen)


@app.command()
def serve(host: Host = None, port: Port = None, data: Data = None) -> None:
    """Serve the API until Ctrl-C."""
    chosen = _listening(settings(), host, port)
    _check_port(chosen)
    with database(chosen, data) as address:
        asyncio.run(_prepared(address))
        _serve(address, chosen)


@app.command()
def load(
    path: Annotated[
        Path, typer.Argument(help="Folder of CSV files, one table a file, or a workbook (.xlsx).")
    ],
    reason: Annotated[str | None, typer.Option("--reason", help="Why; kept in the audit.")] = None,
    actor: Annotated[str, typer.Option("--actor", help="Who; kept in the audit.")] = "command line",
    data: Data = None,
) -> None:
    """Load an organization's tables; nothing is loaded from a set with a bad row."""
    with database(settings(), data) as address:
        asyncio.run(_load(address, path, actor, reason))


@app.command()
def export(
    path: Target,
    current: Annotated[
        bool, typer.Option("--current", help="Only what is known now, to edit and load again.")
    ] = False,
    force: Force = False,
    data: Data = None,
) -> None:
    """Write the graph as tables that can be loaded: all that was ever known, and since when."""
    with database(settings(), data) as address:
        asyncio.run(_export(address, path, current, force))


@app.command()
def template(path: Target, force: Force = False) -> None:
    """Write empty tables to fill in: every column with its meaning, unit and allowed words."""
    from graph.ontology import ONTOLOGY
    from loaders.template import template as write

    count = write(ONTOLOGY, path, force)
    terminal.out.print(f"{count} empty tables: {path}", markup=False, soft_wrap=True)


@app.command()
def migrate(data: Data = None) -> None:
    """Prepare the database: constraints and indexes. May be repeated."""

    async def prepare(address: Address) -> int:
        async with Store.at(address) as store:
            return await store.migrate()

    with database(settings(), data) as address:
        terminal.out.print(f"{asyncio.run(prepare(address))} constraints and indexes are there.")


@app.command()
def query(
    text: Annotated[
        str, typer.Argument(help="GraphQL text, a file that holds it, or - to read it.")
    ],
    variables: Annotated[str, typer.Option("--variables", help="Variables as JSON.")] = "{}",
    data: Data = None,
) -> None:
    """Ask one question and print the answer as JSON."""
    with database(settings(), data) as address:
        asyncio.run(_query(address, _text(text), _variables(variables)))


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
    """Run the command line; what went wrong is told in a line or two, never as a traceback."""
    try:
        app()
    except (GoldenthreadError, LocalDatabaseError) as error:
        terminal.err.print(f"goldenthread: {error}", markup=False, soft_wrap=True)
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)


def _listening(chosen: Settings, host: str | None, port: int | None) -> Settings:
    named = {"goldenthread_host": host, "goldenthread_port": port}
    return chosen.model_copy(update={k: v for k, v in named.items() if v is not None})


def _check_port(chosen: Settings) -> None:
    host, port = chosen.goldenthread_host, chosen.goldenthread_port
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise BadRequest(
                f"cannot listen on {host}:{port} ({error.strerror}); name another port: --port 8001"
            ) from error


def _serve(address: Address, chosen: Settings) -> None:
    import uvicorn

    from api.app import create_app
    from api.logs import configure

    configure()
    host, port = chosen.goldenthread_host, chosen.goldenthread_port
    terminal.err.print(f"\nServing http://{host}:{port}/graphql until Ctrl-C.")
    uvicorn.run(
        create_app(address),
        host=host,
        port=port,
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=2,
    )


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


async def _load(address: Address, path: Path, actor: str, reason: str | None) -> None:
    from graph.audit import Actor
    from loaders.load import load as load_tables

    async with Store.at(address) as store:
        await store.migrate()
        with terminal.loading() as progress:
            report = await load_tables(store, path, Actor(actor), reason, progress)
    done = report.receipt
    rows = ((name, count) for name, count in report.rows.items())
    terminal.out.print(terminal.table("Loaded", ("table", "rows"), rows))
    terminal.out.print(terminal.counts(done))


async def _export(address: Address, path: Path, current: bool, force: bool) -> None:
    from loaders.export import export as export_tables

    async with Store.at(address) as store:
        await store.migrate()
        with terminal.loading() as progress:
            done = await export_tables(store, path, current, force, progress)
    terminal.out.print(terminal.table("Exported", ("table", "rows"), done.rows.items()))
    total = sum(done.rows.values())
    told = f"{total:,} rows of {len(done.rows)} tables: {path}"
    terminal.out.print(told, markup=False, soft_wrap=True)
    for wrong in done.inexact[:20]:
        terminal.err.print(f"not exact: {wrong}", markup=False, soft_wrap=True)
    if len(done.inexact) > 20:
        terminal.err.print(f"not exact: {len(done.inexact) - 20} more")


async def _query(address: Address, text: str, variables: dict[str, Any]) -> None:
    from api.app import schema as built
    from api.errors import told
    from graph.questions import Ask

    async with Store.at(address) as store:
        result = await built().execute(text, variables, context_value={"ask": Ask.of(store)})
    answer: dict[str, Any] = {"data": result.data}
    if result.errors:
        answer["errors"] = [told(error, "command-line") for error in result.errors]
    sys.stdout.write(orjson.dumps(answer, option=orjson.OPT_INDENT_2).decode() + "\n")
    if result.errors:
        raise typer.Exit(1)


def _text(given: str) -> str:
    if given == "-":
        return sys.stdin.read()
    path = Path(given)
    return path.read_text(encoding="utf-8") if "{" not in given and path.is_file() else given


def _variables(text: str) -> dict[str, Any]:
    try:
        found = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise BadRequest(f"--variables is no JSON: {error}") from error
    if not isinstance(found, dict):
        raise BadRequest('--variables must be a JSON object, e.g. {"key": "churn"}')
    return found
