"""Where the settings are read: environment variables, and nothing else."""

from __future__ import annotations

import re
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import Annotated
from urllib.parse import SplitResult, urlsplit

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from api.limits import DEFAULTS, Limits
from api.socket_limits import SOCKETS, SocketLimits
from graph.errors import BadRequest
from graph.store import Address

PORTS = {"http": 80, "https": 443}
SCHEMES = ("neo4j", "neo4j+s", "neo4j+ssc", "bolt", "bolt+s", "bolt+ssc")


WORKERS = 64
"""Most processes of one service; an organization that needs more has more machines."""


class WrongUse(BadRequest):
    """A setting or an option that can be seen to be wrong before anything is tried."""


class Settings(BaseSettings):
    """Settings of the service; each is an environment variable of that name in capitals.

    One that is empty is one that is not set.
    """

    model_config = SettingsConfigDict(
        extra="ignore",
        use_attribute_docstrings=True,
        env_ignore_empty=True,
        env_nested_delimiter="__",
    )

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
    goldenthread_origins: Annotated[tuple[str, ...], NoDecode] = ()
    """Origins whose pages may read answers in a browser, with commas between; none if left out."""
    goldenthread_metrics_readers: Annotated[tuple[str, ...], NoDecode] = ()
    """Networks that may read `/metrics` beside this machine, with commas between."""
    goldenthread_traces: bool = False
    """Whether OpenTelemetry gets a span of each request; needs the extra `otel`."""
    goldenthread_documents: Path | None = None
    """File of trusted documents, in the form of Apollo's persisted-query manifest."""
    goldenthread_documents_only: bool = False
    """Whether nothing else may be run."""
    goldenthread_limits: Limits = DEFAULTS
    """Limits by name, e.g. `GOLDENTHREAD_LIMITS__COST=5000`."""

    goldenthread_policy: Path | None = None
    """File of the policy: which role sees and does what; without one nobody sees anything."""
    goldenthread_issuer: str | None = None
    """Who signs the tokens that are taken: their `iss`."""
    goldenthread_audience: str = "goldenthread"
    """For whom the tokens are: their `aud`."""
    goldenthread_jwks: str | None = None
    """Address of the issuer's public keys (JWKS), https."""
    goldenthread_roles: str = "roles"
    """The claim that lists a caller's roles; one within another is named with a dot."""
    goldenthread_sockets: SocketLimits = SOCKETS
    """Limits of sockets and subscriptions by name, e.g. `GOLDENTHREAD_SOCKETS__SOCKETS=10`."""
    goldenthread_development: bool = False
    """Whether tokens of `goldenthread token` are taken, on the loopback address alone."""

    @field_validator("neo4j_uri")
    @classmethod
    def _is_address(cls, uri: str | None) -> str | None:
        if not uri:
            return None
        parts = _split(uri, "write neo4j://localhost or bolt://localhost:7687")
        if parts.scheme not in SCHEMES or not parts.netloc:
            host = parts.netloc or parts.path or "localhost"
            raise ValueError(f"has no scheme; write neo4j://{host} or bolt://{host}")
        if parts.username is not None:
            raise ValueError(
                "holds a user name; write it to NEO4J_USERNAME, its password to NEO4J_PASSWORD"
            )
        return uri

    @field_validator("goldenthread_origins", mode="before")
    @classmethod
    def _are_origins(cls, text: object) -> object:
        if not isinstance(text, str):
            return text
        return tuple(_origin(one.strip()) for one in text.split(",") if one.strip())

    @field_validator("goldenthread_jwks")
    @classmethod
    def _is_private(cls, address: str | None) -> str | None:
        if address is None:
            return None
        parts = _split(address, "write https://login.example.org/keys")
        near = parts.scheme == "http" and loopback(parts.hostname or "")
        if not parts.hostname or not (parts.scheme == "https" or near):
            raise ValueError("is no https address; keys that anybody can change prove nothing")
        return address

    @field_validator("goldenthread_metrics_readers", mode="before")
    @classmethod
    def _are_networks(cls, text: object) -> object:
        if not isinstance(text, str):
            return text
        networks = tuple(one.strip() for one in text.split(",") if one.strip())
        for one in networks:
            try:
                ip_network(one)
            except ValueError as error:
                raise ValueError(f"holds {one!r}; write a network, e.g. 10.0.0.0/8") from error
        return networks

    @property
    def address(self) -> Address | None:
        """Where the database is, None where it is the private one."""
        if self.neo4j_uri is None:
            return None
        password = self.neo4j_password.get_secret_value()
        return Address(self.neo4j_uri, self.neo4j_username, password, self.neo4j_database)


def settings() -> Settings:
    """The settings. Raises WrongUse in one line that names the variable and what to write."""
    try:
        return Settings()
    except ValidationError as error:
        first = error.errors()[0]
        name = "__".join(map(str, first["loc"])).upper()
        given = re.sub(r"//[^/@]*@", "//...@", str(first.get("input")))
        told = str(first["msg"]).removeprefix("Value error, ")
        raise WrongUse(f"{name} {given!r} {told}") from error


def loopback(host: str) -> bool:
    """Whether a host is this machine and nothing else."""
    try:
        return host == "localhost" or ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def _split(address: str, write: str) -> SplitResult:
    """The parts of an address whose port, if it has one, is a port."""
    try:
        parts = urlsplit(address)
        _ = parts.port
    except ValueError as error:
        raise ValueError(f"is no address ({error}); {write}") from error
    return parts


def _origin(text: str) -> str:
    """An origin as browsers send it: in lower case, without the usual port."""
    write = "write scheme and host, e.g. https://board.example.org or http://localhost:3000"
    if text == "*":
        raise ValueError(f"would let every page of the web read your strategy; {write}")
    parts = _split(text.lower().removesuffix("/"), write)
    if parts.scheme not in PORTS or not parts.hostname or parts.username is not None:
        raise ValueError(f"holds {text!r}, which is no origin; {write}")
    if parts.path or parts.query or parts.fragment:
        raise ValueError(f"holds {text!r}, which is more than an origin; {write}")
    port = parts.netloc.removesuffix(f":{PORTS[parts.scheme]}")
    return f"{parts.scheme}://{port}"
