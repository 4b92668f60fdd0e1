"""Sign-in as the settings say: whose tokens are taken, and under which policy."""

from __future__ import annotations

from datetime import timedelta
from importlib.util import find_spec
from pathlib import Path
from socket import SOCK_STREAM, getaddrinfo
from typing import TYPE_CHECKING

from api import terminal
from api.settings import Settings, WrongUse, loopback
from api.sign_in import NO_POLICY, Sees, SignIn
from graph.local import default_folder
from graph.ontology import ONTOLOGY
from graph.ontology.vocabulary import camel
from graph.policy import Policy
from graph.questions.accesses import LOG
from graph.viewers import Viewer
from loaders.mutations.verbs import VERBS as MUTATIONS

if TYPE_CHECKING:
    from api.development import DevelopmentKey

NO_EXTRA = "signing in needs the extra `auth`: pip install 'goldenthread[auth]'"
VERBS = frozenset(camel(verb.name) for verb in MUTATIONS) | {LOG}
"""What a policy may let a role ask for beside questions: mutations, and who read what."""


def sign_in(chosen: Settings) -> SignIn:
    """Whose tokens the settings take, and what their bearers see. Raises WrongUse, BadRequest."""
    if chosen.goldenthread_development:
        _check_development(chosen)
        return SignIn(_policy(chosen), development(chosen.goldenthread_data).tokens())
    if (issuer := chosen.goldenthread_issuer) is None:
        return SignIn(_policy(chosen))
    if chosen.goldenthread_jwks is None:
        raise WrongUse("GOLDENTHREAD_ISSUER needs GOLDENTHREAD_JWKS, the address of its keys")
    _check_extra()
    from api.keys import PublishedKeys, over_http
    from api.tokens import Tokens

    keys = PublishedKeys(over_http(chosen.goldenthread_jwks))
    tokens = Tokens(keys, issuer, chosen.goldenthread_audience, chosen.goldenthread_roles)
    return SignIn(_policy(chosen), tokens)


def of_demo(chosen: Settings, data: Path | None, bank: Path) -> Settings:
    """The settings of the demo: tokens of its own key, and the bank's policy unless one is set."""
    named = {
        "goldenthread_development": True,
        "goldenthread_issuer": None,
        "goldenthread_data": data or chosen.goldenthread_data,
        "goldenthread_policy": chosen.goldenthread_policy or bank,
    }
    return chosen.model_copy(update=named)


async def signed_in(chosen: Settings, role: str) -> Viewer:
    """Somebody in a role, signed in with a development token as a client would be."""
    made = development(chosen.goldenthread_data).token((role,), "demo", timedelta(minutes=1))
    return (await sign_in(chosen).caller((f"Bearer {made}",))).viewer


def warn(chosen: Settings) -> None:
    """Say in one line how callers sign in, or that nobody sees anything and what to set."""
    if chosen.goldenthread_development:
        folder = f" --data {chosen.goldenthread_data}" if chosen.goldenthread_data else ""
        told = f"A token for this machine: goldenthread token --role ROLE{folder}"
    elif chosen.goldenthread_policy is None:
        named = "GOLDENTHREAD_POLICY"
        named += "" if chosen.goldenthread_issuer else " and GOLDENTHREAD_ISSUER"
        told = f"Nobody sees anything but /health and /ready; set {named} (docs/signing-in.md)."
    else:
        return
    terminal.err.print(told, markup=False, soft_wrap=True)


def _policy(chosen: Settings) -> Sees:
    path = chosen.goldenthread_policy
    return NO_POLICY if path is None else read_policy(path)


def read_policy(path: Path) -> Policy:
    """The policy in a file. Raises BadRequest."""
    return Policy.read(path, ONTOLOGY, VERBS)


def development(folder: Path | None) -> DevelopmentKey:
    """The key of a data folder. Raises WrongUse."""
    _check_extra()
    from api.development import DevelopmentKey

    return DevelopmentKey(folder or default_folder())


def _check_extra() -> None:
    if find_spec("jwt") is None:
        raise WrongUse(NO_EXTRA)


def _check_development(chosen: Settings) -> None:
    """Raise WrongUse where others than this machine could use a development token."""
    if chosen.goldenthread_issuer is not None:
        raise WrongUse("GOLDENTHREAD_DEVELOPMENT and GOLDENTHREAD_ISSUER exclude each other")
    host = chosen.goldenthread_host
    try:
        found = [str(one[4][0]) for one in getaddrinfo(host or "::", None, type=SOCK_STREAM)]
    except (OSError, UnicodeError):
        found = [host]
    if not found or not all(map(loopback, found)):
        raise WrongUse(
            f"development tokens are taken on this machine alone, not on {host!r};"
            " write --host 127.0.0.1, or unset GOLDENTHREAD_DEVELOPMENT"
        )
