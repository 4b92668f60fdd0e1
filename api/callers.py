"""Who asks: a viewer, and until when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from starlette.requests import HTTPConnection

from graph.viewers import Viewer


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks, and until when; None = for ever."""

    viewer: Viewer
    until: datetime | None = None

    @property
    def known(self) -> bool:
        """Whether a token says who it is."""
        return self.until is not None

    @property
    def left(self) -> float | None:
        """Seconds until the token ends."""
        return None if self.until is None else (self.until - datetime.now(UTC)).total_seconds()


def caller(connection: HTTPConnection) -> Caller:
    """Who asks, as was found out when he was let in."""
    found: Caller = connection.state.caller
    return found


def who(connection: HTTPConnection, asking: Caller) -> str:
    """Whose work is counted together: a subject's, or an address's where nobody signed in."""
    if asking.known:
        return f"subject {asking.viewer.subject}"
    return f"address {connection.client.host if connection.client else ''}"
