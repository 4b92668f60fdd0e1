"""
Everything that can go wrong, each with the code a client sees.

GoldenthreadError
  x BadRequest     the question makes no sense as asked
    x BadCursor    a cursor that was not given out by this list
  x NotFound       no such thing, where one is needed
  x Conflict       the graph moved since it was read, or another writer is at work
  x Refused        rows or changes that break a rule; nothing was written
  x Unavailable    the database does not answer, or is not prepared
    x SignInRefused  it answers, and refuses the name or password
  x TimedOut       the answer took longer than allowed
  x TooComplex     the question is larger, deeper or dearer than allowed
"""

from __future__ import annotations


class GoldenthreadError(Exception):
    """What went wrong, in words for the person who asked."""

    code = "INTERNAL"


class BadRequest(GoldenthreadError):
    """The question makes no sense as asked; the message says which part and what to write."""

    code = "BAD_REQUEST"


class BadCursor(BadRequest):
    """A cursor that was not given out by this list."""

    def __init__(self, cursor: str) -> None:
        super().__init__(
            f"{cursor[:40]!r} is not a cursor of this list; leave `after` out to begin again"
        )


class NotFound(GoldenthreadError):
    """No such thing, where one is needed."""

    code = "NOT_FOUND"


class Conflict(GoldenthreadError):
    """The graph moved since it was read, or another writer is at work; ask again."""

    code = "CONFLICT"


class Refused(GoldenthreadError):
    """Changes that break a rule; nothing was written."""

    code = "BAD_REQUEST"


class Unavailable(GoldenthreadError):
    """The database does not answer, or is not prepared."""

    code = "UNAVAILABLE"


class SignInRefused(Unavailable):
    """The database answers, and refuses the name or password; asking again does not help."""

    @classmethod
    def by(cls, code: str) -> SignInRefused:
        """What Neo4j's code for a refusal means, and what to do."""
        return cls(_REMEDIES.get(code.rpartition(".")[2], _REMEDIES["Forbidden"]))


_REMEDIES = {
    "AuthenticationRateLimit": (
        "the database takes no sign-in after too many wrong ones; check NEO4J_PASSWORD, wait 5 s"
    ),
    "CredentialsExpired": (
        "the database wants a new password first: ALTER CURRENT USER SET PASSWORD"
    ),
    "Forbidden": "the database does not let this user do that; check the rights of NEO4J_USERNAME",
}


class TimedOut(GoldenthreadError):
    """The answer took longer than allowed."""

    code = "TIMEOUT"


class TooComplex(GoldenthreadError):
    """The question is larger, deeper or dearer than allowed; the message says than what."""

    code = "QUERY_TOO_COMPLEX"
