"""The floor: a bare route that sends a statement of ours and returns its row, and no more.

`python -m bench.floor STATEMENTS PORT`; a question is asked as `/NAME/PLACE`.
"""

from __future__ import annotations

import gc
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import orjson
import uvicorn
from neo4j import READ_ACCESS, AsyncGraphDatabase
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bench import sent
from bench.sent import Statements
from graph.store import Address

READING: dict[str, Any] = {"default_access_mode": READ_ACCESS, "fetch_size": -1}


def create_app(address: Address, statements: Statements) -> Starlette:
    """The service: the single row of a statement as JSON."""
    signed_in = (address.username, address.password)

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        door = AsyncGraphDatabase.driver(
            address.uri, auth=signed_in, notifications_min_severity="OFF"
        )
        async with door:
            app.state.driver = door
            yield

    async def asked(request: Request) -> Response:
        named = request.path_params
        one = statements[named["name"]][named["place"]]
        driver = request.app.state.driver
        async with driver.session(database=address.database, **READING) as session:
            row = await (await session.run(one.text, one.parameters)).single()
        told = orjson.dumps(dict(row), default=str)
        return Response(told, media_type="application/json")

    return Starlette(routes=[Route("/{name}/{place:int}", asked)], lifespan=lifespan)


def main() -> None:
    """Serve until ended."""
    app = create_app(*sent.kept(Path(sys.argv[1])))
    gc.collect()
    gc.freeze()
    uvicorn.run(app, port=int(sys.argv[2]), log_config=None, access_log=False, server_header=False)


if __name__ == "__main__":
    main()
