"""All attacks of tests/attacks.py again and again on one server: time of a refusal, memory.

`python -m tests.faults.attacks [--rounds 10] [--bodies 50000] [--seed 1]` prints a table of refusal
times, memory growth of the server's process, and what answered otherwise than it should. Bodies
are valid requests in which single bytes, tokens or members were changed (a seed repeats a run).
"""

from __future__ import annotations

import argparse
import json
import os
import random
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil

from tests.attacks import ATTACKS
from tests.mutated import mutated
from tests.spoken import AS_JSON, spoken

ROOT = Path(__file__).resolve().parents[2]
MIB = 2**20
PARTS = 5
"""Parts of the bodies, each with the next seed: memory that grows in all of them is lost."""


@contextmanager
def server() -> Iterator[tuple[psutil.Process, int]]:
    """A service of its own without a database, and its port."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = os.environ | {"NEO4J_URI": "bolt://127.0.0.1:1", "NEO4J_PASSWORD": "none"}
    environment |= {"GOLDENTHREAD_POLICY": str(ROOT / "tests" / "everybody.toml")}
    command = [sys.executable, str(ROOT / "goldenthread.py"), "serve", "--port", str(port)]
    with Path(os.devnull).open("wb") as sink:
        process = subprocess.Popen(command, stdout=sink, stderr=sink, env=environment)
    try:
        until = time.monotonic() + 60
        while time.monotonic() < until:
            try:
                spoken(port, b"GET /health HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
                break
            except OSError:
                time.sleep(0.1)
        yield psutil.Process(process.pid), port
    finally:
        process.terminate()
        process.wait(30)


def timed(port: int, sent: bytes) -> tuple[int, list[str], float]:
    """Status, codes and milliseconds of a request."""
    began = time.perf_counter()
    reply = spoken(port, sent)
    return reply.status, reply.codes, 1000 * (time.perf_counter() - began)


def all_attacks(port: int, rounds: int) -> tuple[dict[str, float], list[str]]:
    """The slowest refusal of each, and which were not refused as they should be."""
    slowest, wrong = dict.fromkeys(ATTACKS, 0.0), []
    for _ in range(rounds):
        for name, attack in ATTACKS.items():
            status, codes, spent = timed(port, attack.sent)
            slowest[name] = max(slowest[name], spent)
            if (status, codes) != (attack.status, [attack.code]):
                wrong.append(f"{name}: {status} {codes}")
    return slowest, wrong


def bodies(port: int, count: int, seed: int) -> list[str]:
    """What mutated bodies were answered with that no body should be."""
    wrong, chance = [], random.Random(seed)
    lines: list[socket.socket] = []
    for number in range(count):
        body = mutated(chance)
        if not lines:
            lines = [socket.create_connection(("127.0.0.1", port), timeout=30)]
        status, told = exchanged(lines, body)
        if status >= 500 or (status >= 400 and not told) or not told:
            wrong.append(f"seed {seed}, body {number}: {status} {body[:200]!r}")
    return wrong


def exchanged(lines: list[socket.socket], body: bytes) -> tuple[int, bool]:
    """Status, and whether the answer is JSON whose errors have codes, on a line that is kept."""
    length = f"Content-Length: {len(body)}\r\n".encode()
    line = lines[0]
    line.sendall(b"POST /graphql HTTP/1.1\r\nHost: x\r\n" + AS_JSON + length + b"\r\n" + body)
    data = b""
    while b"\r\n\r\n" not in data and (part := line.recv(65536)):
        data += part
    head, _, answer = data.partition(b"\r\n\r\n")
    headers = dict(one.lower().split(": ", 1) for one in head.decode("latin-1").split("\r\n")[1:])
    while len(answer) < int(headers["content-length"]) and (part := line.recv(65536)):
        answer += part
    if headers.get("connection") == "close":
        line.close()
        lines.clear()
    errors = json.loads(answer).get("errors", [])
    return int(head.split()[1]), all("code" in one["extensions"] for one in errors)


def main() -> int:
    """Run all, print, and tell by the exit code whether all is well."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--bodies", type=int, default=50_000)
    parser.add_argument("--seed", type=int, default=1)
    chosen = parser.parse_args()
    with server() as (process, port):
        all_attacks(port, 1)
        before = process.memory_info().rss
        slowest, wrong = all_attacks(port, chosen.rounds)
        after_attacks = process.memory_info().rss
        for name, spent in sorted(slowest.items(), key=lambda one: -one[1])[:12]:
            print(f"{spent:8.1f} ms  {name}")
        print(f"{len(ATTACKS)} attacks, {chosen.rounds} rounds; slowest refusal of each above")
        print(f"memory grew by {(after_attacks - before) / MIB:.1f} MiB")
        grown = []
        for part in range(PARTS):
            wrong += bodies(port, chosen.bodies // PARTS, chosen.seed + part)
            grown.append(f"{(process.memory_info().rss - before) / MIB:.1f}")
        told = f"after each {PARTS}th memory had grown by {', '.join(grown)} MiB in all"
        print(f"{chosen.bodies} mutated bodies; {told}")
    for one in wrong[:20]:
        print("WRONG", one)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
