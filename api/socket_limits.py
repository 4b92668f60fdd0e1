"""What a caller may hold open over sockets and events: one value, with its defaults."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field


class SocketLimits(BaseModel):
    """What a caller may hold open, and how much it may say, in one process."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    begin_seconds: float = Field(default=5.0, gt=0)
    """Until a socket has said who it is (`connection_init`)."""
    message_bytes: int = Field(default=262_144, ge=256)
    """Bytes of one message to us."""
    messages: int = Field(default=20, ge=1)
    """Messages to us in one second."""
    sockets: int = Field(default=5, ge=1)
    """Open sockets of one caller."""
    subscriptions: int = Field(default=20, ge=1)
    """Subscriptions of one caller, over sockets and events together."""
    reading_seconds: float = Field(default=10.0, gt=0)
    """That a message waits for a caller who does not read it."""


SOCKETS = SocketLimits()
