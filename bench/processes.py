"""Services in processes of their own: ours as `goldenthread serve` runs it, and the floor."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from time import monotonic, sleep
from urllib.parse import urlsplit

import psutil

from api.development import DevelopmentKey
from bench import sent
from bench.sent import Statements
from graph.store import Address

HOST = "127.0.0.1"
WITHIN = 60.0
"""Seconds until a service must answer."""
ROLE = "reader"
POLICY = "policy.toml"
ALLOWED = f'[roles.{ROLE}]\nclearance = "CONFIDENTIAL"\nkinds = "*"\n'
"""Who asks: signed in, and sees everything that is in the graph."""
LIMITS = {"SHARE": "1", "DEADLINE": "30"}
"""One caller sends the whole load, and waits; all other limits are as they ship."""
NOTHING_KEPT = {"ANSWERS_KEPT": "0"}
"""Of one that answers each question anew."""


@dataclass(frozen=True, slots=True)
class Service:
    """A service that answers."""

    url: str
    pid: int


@contextmanager
def ours(folder: Path, address: Address, anew: bool) -> Iterator[tuple[Service, Mapping[str, str]]]:
    """The product, and the headers of somebody who is signed in; `anew` = it keeps no answers."""
    limits = LIMITS | NOTHING_KEPT if anew else LIMITS
    policy = folder / POLICY
    policy.write_text(ALLOWED, encoding="utf-8")
    named = {
        "NEO4J_URI": address.uri,
        "NEO4J_USERNAME": address.username,
        "NEO4J_PASSWORD": address.password,
        "NEO4J_DATABASE": address.database,
        "GOLDENTHREAD_DEVELOPMENT": "true",
        "GOLDENTHREAD_DATA": str(folder),
        "GOLDENTHREAD_POLICY": str(policy),
        **{f"GOLDENTHREAD_LIMITS__{name}": value for name, value in limits.items()},
    }
    token = DevelopmentKey(folder).token((ROLE,), "bench", timedelta(hours=12))
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    command = [sys.executable, "-m", "goldenthread", "serve", "--port"]
    with running(command, folder / f"service-{'anew' if anew else 'again'}.log", named) as service:
        yield service, headers


@contextmanager
def floor(folder: Path, address: Address, statements: Statements) -> Iterator[Service]:
    """The bare route."""
    path = folder / "statements"
    sent.keep(path, address, statements)
    with running([sys.executable, "-m", "bench.floor", str(path)], folder / "floor.log") as service:
        yield service


@contextmanager
def running(
    command: Sequence[str], log: Path, named: Mapping[str, str] | None = None
) -> Iterator[Service]:
    """A command that serves on the port it is given as its last word, until the block ends.

    Raises ValueError with the end of its log where it does not.
    """
    port = _free()
    environment = {**_environment(), **(named or {})}
    with (
        log.open("wb") as sink,
        subprocess.Popen([*command, str(port)], stdout=sink, stderr=sink, env=environment) as it,
    ):
        try:
            _await(it, port, log)
            yield Service(f"http://{HOST}:{port}", it.pid)
        finally:
            it.terminate()
            with suppress(subprocess.TimeoutExpired):
                it.wait(10)
            it.kill()


def listener(uri: str) -> int | None:
    """The process of this machine that listens on the port of an address, if it can be found."""
    parts = urlsplit(uri)
    with suppress(psutil.AccessDenied):
        for one in psutil.net_connections("tcp"):
            if one.status == psutil.CONN_LISTEN and one.laddr.port == (parts.port or 7687):
                return int(one.pid) if one.pid else None
    return None


def _environment() -> dict[str, str]:
    """Ours without settings of the product."""
    return {k: v for k, v in os.environ.items() if not k.startswith(("GOLDENTHREAD_", "NEO4J_"))}


def _free() -> int:
    with socket.create_server((HOST, 0)) as probe:
        return int(probe.getsockname()[1])


def _await(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    until = monotonic() + WITHIN
    while process.poll() is None and monotonic() < until:
        with suppress(OSError), socket.create_connection((HOST, port), 1):
            return
        sleep(0.1)
    raise ValueError(f"{log.stem} does not serve: {log.read_text(errors='replace')[-500:]}")
