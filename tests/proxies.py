"""A TCP proxy that tests put before the database: it can be cut, restored, and silenced."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

from graph.store import Address


class Proxy:
    """Passes bytes on between a port of its own and a database, in a thread of its own."""

    def __init__(self, behind: Address) -> None:
        parts = urlsplit(behind.uri)
        self._behind = (parts.hostname or "127.0.0.1", parts.port or 7687)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self._open: set[asyncio.StreamWriter] = set()
        self._server: asyncio.Server | None = None
        self._passing = asyncio.Event()
        self._passing.set()
        self.port = 0
        self.restore()
        self.address = replace(behind, uri=f"{parts.scheme}://127.0.0.1:{self.port}")

    def cut(self) -> None:
        """Break every connection and refuse new ones."""
        self._do(self._cut())

    def restore(self) -> None:
        """Take connections again, on the same port."""
        self._do(self._listen())

    def silence(self) -> None:
        """Keep connections, and pass nothing on any more."""
        self._loop.call_soon_threadsafe(self._passing.clear)

    def close(self) -> None:
        """End for good."""
        self._loop.call_soon_threadsafe(self._passing.set)
        self._do(self._cut())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(5)
        self._loop.close()

    def _do(self, work: Coroutine[Any, Any, None]) -> None:
        asyncio.run_coroutine_threadsafe(work, self._loop).result(5)

    async def _listen(self) -> None:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def _cut(self) -> None:
        if self._server:
            self._server.close()
        for writer in list(self._open):
            writer.transport.abort()
        await asyncio.sleep(0.05)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            far_reader, far_writer = await asyncio.open_connection(*self._behind)
            await asyncio.gather(self._pass(reader, far_writer), self._pass(far_reader, writer))

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._open.add(writer)
        try:
            while some := await reader.read(65536):
                await self._passing.wait()
                writer.write(some)
                await writer.drain()
        except OSError:
            pass
        finally:
            self._open.discard(writer)
            writer.transport.abort()


@contextmanager
def proxied(behind: Address) -> Iterator[Proxy]:
    """A proxy for as long as the block runs."""
    proxy = Proxy(behind)
    try:
        yield proxy
    finally:
        proxy.close()
