"""What the service takes from a caller and gives at most: one value, with its defaults."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field


class Limits(BaseModel):
    """All limits. One that is exceeded is refused with a code, before work begins if it can be."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    connections: int = Field(default=1_000, ge=1)
    """Connections to one process."""
    headers: int = Field(default=64, ge=1)
    """Headers of a request."""
    header_bytes: int = Field(default=16_384, ge=256)
    """Bytes of them."""
    address_bytes: int = Field(default=65_536, ge=256)
    """Bytes of the address, which holds the question of a GET."""
    header_seconds: float = Field(default=10.0, gt=0)
    """Until the headers are whole."""
    body_seconds: float = Field(default=5.0, gt=0)
    """Until the body is whole."""
    idle_seconds: int = Field(default=5, ge=1)
    """That a connection is kept without a request."""
    reading_seconds: float = Field(default=10.0, gt=0)
    """That an answer waits for a caller who does not read it."""
    body_bytes: int = Field(default=262_144, ge=256)
    """Bytes of a body, in chunks or not."""
    reply_bytes: int = Field(default=2_097_152, ge=1_024)
    """Bytes of an answer."""

    source: int = Field(default=32_000, ge=1)
    """Characters of a document."""
    tokens: int = Field(default=2_000, ge=1)
    """Tokens of a document."""
    comments: int = Field(default=200, ge=0)
    """Comments of a document."""
    operations: int = Field(default=5, ge=1)
    """Operations of a document."""
    fragments: int = Field(default=40, ge=0)
    """Named fragments of a document."""
    variables: int = Field(default=40, ge=0)
    """Variables, of an operation and as sent."""
    aliases: int = Field(default=30, ge=0)
    """Aliases of a document."""
    directives: int = Field(default=30, ge=0)
    """Directives of a document."""
    fields: int = Field(default=600, ge=1)
    """Fields of a document, each as often as it is written."""
    overlaps: int = Field(default=20_000, ge=1)
    """Comparisons of fields that may answer under one name."""
    list_items: int = Field(default=200, ge=1)
    """Items of one list in arguments and variables."""
    text: int = Field(default=1_000, ge=1)
    """Characters of one text in arguments and variables."""
    digits: int = Field(default=40, ge=1)
    """Characters of one number."""
    depth: int = Field(default=8, ge=1)
    """Things below one another, from the root field on."""
    cost: int = Field(default=10_000, ge=1)
    """Cost of an operation."""
    introspection: bool = True
    """Whether the schema may be asked for; without it nothing is suggested for wrong names."""
    introspection_cost: int = Field(default=2_500_000, ge=1)
    """Cost of what is asked of the schema itself; tools that read the whole take 2.2 million."""
    documents_kept: int = Field(default=40_000, ge=0)
    """Characters of documents that are kept parsed; each takes about 250 bytes."""
    answers_kept: int = Field(default=33_554_432, ge=0)
    """Bytes of answers that are given again while nothing is published; 0 = none."""

    deadline: float = Field(default=2.0, gt=0)
    """Seconds from a whole request to its answer; a caller may lower it."""
    writing_deadline: float = Field(default=10.0, gt=0)
    """The same where a document has a mutation."""
    at_work: int = Field(default=16, ge=1)
    """Requests of one process that are worked on."""
    waiting: int = Field(default=64, ge=0)
    """Requests that wait for that."""
    share: float = Field(default=0.25, gt=0, le=1)
    """The part of both that one caller may hold."""

    def cost_of(self, allowed: int | None) -> int:
        """What an operation may cost of whom a policy allows so much, None as much as anybody."""
        return self.cost if allowed is None else min(allowed, self.cost)


DEFAULTS = Limits()
