"""Where the settings are read: environment variables, and nothing else."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from graph.errors import BadRequest
from graph.store import Address

SCHEMES = ("neo4j", "neo4j+s", "neo4j+ssc", "bolt", "bolt+s", "bolt+ssc")


WORKERS = 64
"""Most processes of one service; an organization that needs more has more machines."""


class Settings(BaseSettings):
    """Settings of the service; each is an environment variable of that name in capitals."""

    model_config = SettingsConfigDict(extra="ignore", use_attribute_docstrings=True)

    neo4j_uri: str | None = None
    """Address of the database, `neo4j://host` or `bolt://host:7687`; a private one if left out."""
    neo4j_username: str = "neo4j"
    """Who signs in to the database."""
    neo4j_password: SecretStr = SecretStr("")
    """The password."""
    neo4j_database: str = "neo4j"
    """Name of the database on its server."""
    goldenthread_data: Path | None = None
    """Folder of the private database; the platform's folder for user data if left out."""
    goldenthread_host: str = "127.0.0.1"
    """Address that the service listens on."""
    goldenthread_port: int = Field(default=8000, ge=0, le=65535)
    """Port that the service listens on; 0 takes a free one."""
    goldenthread_workers: int = Field(default=1, ge=1, le=WORKERS)
    """Processes that answer, all on that port."""

    @field_validator("neo4j_uri")
    @classmethod
    def _is_address(cls, uri: str | None) -> str | None:
        if not uri:
            return None
        parts = urlsplit(uri)
        if parts.scheme not in SCHEMES or not parts.netloc:
            host = parts.netloc or parts.path or "localhost"
            raise ValueError(f"has no scheme; write neo4j://{host} or bolt://{host}")
        return uri

    @property
    def address(self) -> Address | None:
        """Where the database is, None where it is the private one."""
        if self.neo4j_uri is None:
            return None
        password = self.neo4j_password.get_secret_value()
        return Address(self.neo4j_uri, self.neo4j_username, password, self.neo4j_database)


def settings() -> Settings:
    """The settings. Raises BadRequest in one line that names the variable and what to write."""
    try:
        return Settings()
    except ValidationError as error:
        first = error.errors()[0]
        name = str(first["loc"][0]).upper()
        raise BadRequest(f"{name} {first.get('input')!r} {_told(str(first['msg']))}") from error


def _told(message: str) -> str:
    return message.removeprefix("Value error, ")
