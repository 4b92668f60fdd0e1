"""The served processes: several workers on one port, and what happens to them at the end."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import httpx2
import orjson
import psutil

from api.ending import NOTICE
from graph.store import Address, Store
from tests.asking import put, thing

T = TypeVar("T")
ROOT = Path(__file__).resolve().parent.parent
BODY = b'{"query": "{ theme(key: \\"late\\") { name } }"}'
COST = b',"extensions":{"cost":{"requested":1,"limit":10000}}}'
REQUEST = (
    b"POST /graphql HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
    b"Content-Length: %d\r\n\r\n" % len(BODY)
)


@dataclass(frozen=True, slots=True)
class Served:
    """A running `goldenthread serve`: its process, where it answers, what it logged."""

    process: subprocess.Popen[bytes]
    url: str
    log: Path

    def get(self, path: str) -> httpx2.Response:
        """An answer on a connection of its own."""
        return httpx2.get(f"{self.url}{path}", timeout=20, trust_env=False)

    def theme(self, _: int = 0) -> bytes:
        """What it says of the theme `late`."""
        headers = {"Content-Type": "application/json"}
        url = f"{self.url}/graphql"
        told = httpx2.post(url, content=BODY, headers=headers, timeout=20, trust_env=False).content
        return told.replace(COST, b"}")

    def answering(self) -> set[int]:
        """Processes that logged a request."""
        lines = self.log.read_bytes().splitlines()
        told = [orjson.loads(line) for line in lines if line.startswith(b"{")]
        return {line["process"] for line in told if line["event"] == "request"}

    def workers(self) -> list[psutil.Process]:
        """Its worker processes."""
        children = psutil.Process(self.process.pid).children()
        return [child for child in children if "spawn_main" in " ".join(child.cmdline())]


@contextmanager
def serving(address: Address, log: Path, *options: str) -> Iterator[Served]:
    """The service over a database, ready, on a free port; killed if a test left it running."""
    environment = os.environ | {
        "NEO4J_URI": address.uri,
        "NEO4J_USERNAME": address.username,
        "NEO4J_PASSWORD": address.password,
        "NEO4J_DATABASE": address.database,
        "GOLDENTHREAD_LIMITS__DEADLINE": "30",
        "GOLDENTHREAD_LIMITS__BODY_SECONDS": "30",
    }
    command = [sys.executable, str(ROOT / "goldenthread.py"), "serve", "--port", "0", *options]
    with log.open("wb") as sink:
        process = subprocess.Popen(command, stdout=sink, stderr=sink, env=environment)
    try:
        found = eventually(lambda: re.search(r"http://127\.0\.0\.1:\d+", log.read_text()))
        served = Served(process, str(found[0]), log)
        eventually(lambda: served.get("/ready").status_code == 200)
        yield served
    finally:
        for child in psutil.Process(process.pid).children(True) if process.poll() is None else []:
            child.kill()
        process.kill()
        process.wait()


def eventually(come: Callable[[], T], seconds: float = 120.0) -> T:
    """What comes true in time; while nobody answers, or a process has just ended, it is not."""
    end = time.monotonic() + seconds
    while True:
        try:
            if found := come():
                return found
        except (httpx2.TransportError, psutil.NoSuchProcess):
            pass
        assert time.monotonic() < end, "it did not come true in time"
        time.sleep(0.1)


def ended(served: Served, number: int) -> int:
    """The exit code after a signal; none of its processes is left."""
    family = psutil.Process(served.process.pid).children(recursive=True)
    served.process.send_signal(number)
    code = served.process.wait(30)
    assert [] == psutil.wait_procs(family, timeout=10)[1]
    return code


async def test_what_one_process_wrote_every_worker_shows(
    store: Store, address: Address, tmp_path: Path
) -> None:
    """
    A write that was acknowledged here is in every answer of both workers, also of a new one.
    """
    expected = b'{"data":{"theme":{"name":"late"}}}'

    def both_asked() -> bool:
        with ThreadPoolExecutor(8) as pool:
            answers.update(pool.map(served.theme, range(24)))
        return {worker.pid for worker in served.workers()} <= served.answering()

    answers: set[bytes] = set()
    with serving(address, tmp_path / "log", "--workers", "2") as served:
        assert b'{"data":{"theme":null}}' == served.theme()
        await put(store, thing("theme:late", name="late"))
        eventually(both_asked)
        killed = served.workers()[0]
        killed.kill()
        eventually(lambda: len({*served.workers()} - {killed}) == 2)
        eventually(both_asked)

        assert {expected} == answers
        assert 0 == ended(served, signal.SIGTERM)
    assert address.password.encode() not in served.log.read_bytes()


def test_a_request_at_work_is_answered_after_the_service_was_told_to_end(
    store: Store, address: Address, tmp_path: Path
) -> None:
    """
    Told to end it is not ready at once, lets no new caller in later, and ends with code 0 after
    the last answer.
    """
    with serving(address, tmp_path / "log") as served:
        at = ("127.0.0.1", int(served.url.rpartition(":")[2]))
        with socket.create_connection(at, timeout=20) as slow:
            slow.sendall(REQUEST + BODY[:5])
            served.process.terminate()
            eventually(lambda: served.get("/ready").status_code == 503, seconds=NOTICE)
            assert "the service is ending" == served.get("/ready").json()["why"]
            assert 200 == served.get("/health").status_code
            eventually(lambda: refuses(served), seconds=NOTICE + 3)
            slow.sendall(BODY[5:])
            answer = slow.recv(65536)

        assert answer.startswith(b"HTTP/1.1 200 OK")
        assert answer.endswith(b'{"data":{"theme":null}' + COST)
        assert 0 == served.process.wait(10)


def test_ctrl_c_ends_all_workers(store: Store, address: Address, tmp_path: Path) -> None:
    """
    It ends as asked, so its code is 0.
    """
    with serving(address, tmp_path / "log", "--workers", "2") as served:
        assert 0 == ended(served, signal.SIGINT)


def test_workers_end_with_a_parent_that_was_killed(
    store: Store, address: Address, tmp_path: Path
) -> None:
    """
    No worker goes on alone and keeps the port.
    """
    with serving(address, tmp_path / "log", "--workers", "2") as served:
        assert -signal.SIGKILL == ended(served, signal.SIGKILL)
        assert refuses(served)


def refuses(served: Served) -> bool:
    """Whether nobody takes connections there."""
    try:
        served.get("/health")
    except httpx2.ConnectError:
        return True
    return False
