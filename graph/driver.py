"""The driver to a database; what it raises and gives, as our own errors and Python's times."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from graph.errors import (
    BadRequest,
    GoldenthreadError,
    SignInRefused,
    TimedOut,
    TooComplex,
    Unavailable,
)
from graph.times import utc
from graph.unseen import unseen

with unseen("numpy", "pandas", "pyarrow"):
    import neo4j.time
    from neo4j import AsyncDriver, AsyncGraphDatabase
    from neo4j.exceptions import (
        AuthError,
        ClientError,
        ConfigurationError,
        DriverError,
        Neo4jError,
        ServiceUnavailable,
        SessionExpired,
        TransientError,
    )

GONE = (ServiceUnavailable, SessionExpired, OSError)
"""Faults that say that the database is away."""


@dataclass(frozen=True, slots=True)
class Address:
    """Where the database is and how to sign in."""

    uri: str
    username: str
    password: str
    database: str = "neo4j"


def connected(address: Address) -> AsyncDriver:
    """A driver, which contacts nothing before the first question. Raises BadRequest."""
    try:
        return AsyncGraphDatabase.driver(
            address.uri,
            auth=(address.username, address.password),
            connection_timeout=3.0,
            telemetry_disabled=True,
            connection_acquisition_timeout=5.0,
            max_transaction_retry_time=10.0,
            notifications_min_severity="OFF",
            user_agent="goldenthread",
        )
    except (ConfigurationError, DriverError, ValueError) as error:
        raise BadRequest(
            f"NEO4J_URI {address.uri!r} is no database address; write neo4j://localhost or"
            " bolt://localhost:7687"
        ) from error


class translated:
    """Turns what the driver raises into our own errors; its words stay in the log."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if error is None or isinstance(error, GoldenthreadError):
            return
        if isinstance(error, AuthError):
            raise SignInRefused(
                "the database refuses the sign-in; check NEO4J_USERNAME and NEO4J_PASSWORD"
            ) from error
        if isinstance(error, ClientError) and ".Security." in str(error.code):
            raise SignInRefused.by(str(error.code)) from error
        if isinstance(error, ClientError) and "DatabaseNotFound" in str(error.code):
            raise Unavailable("there is no database of that name; check NEO4J_DATABASE") from error
        if isinstance(error, ClientError) and "Timed" in str(error.code):
            raise TimedOut("the answer took longer than allowed; ask for less") from error
        if isinstance(error, ClientError) and str(error.code).endswith("Transaction.Terminated"):
            raise Unavailable("the database ended the transaction; try again") from error
        if overflow(error):
            told = "the answer needs more memory than the database gives; ask for smaller pages"
            raise TooComplex(told) from error
        if isinstance(error, ServiceUnavailable | TransientError | OSError):
            raise Unavailable("the database does not answer; try again in a moment") from error
        if isinstance(error, DriverError) and not isinstance(error, Neo4jError):
            raise Unavailable("the database does not answer; try again in a moment") from error


def overflow(error: BaseException) -> bool:
    """Whether a statement asked for more memory than the database gives to one."""
    code = str(getattr(error, "code", ""))
    return code.endswith(("MemoryPoolOutOfMemoryError", "TransactionOutOfMemoryError"))


def native(value: Any) -> Any:
    """The driver's times as Python's, in UTC."""
    if isinstance(value, neo4j.time.DateTime):
        return utc(value.to_native())
    if isinstance(value, neo4j.time.Date):
        return date(value.year, value.month, value.day)
    if isinstance(value, list):
        return [native(one) for one in value]
    if isinstance(value, dict):
        return {name: native(one) for name, one in value.items()}
    return value
