"""Signing in by bearer tokens, over real sockets: who is let in, and how others are refused."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import httpx2
import pytest
from cryptography.hazmat.primitives import serialization

from api.keys import Patience
from api.sign_in import SignIn
from graph.viewers import EVERYONE, Viewer
from tests.issuers import (
    Issuer,
    by_secret,
    claims,
    ec_key,
    jwk,
    publishing,
    rsa_key,
    signed,
    unsigned,
)
from tests.serving import GRAPHQL, NOWHERE, create_app, listening, refused

ONE = rsa_key("one")
NOW = int(time.time())


class Readers:
    """A policy that knows one role; it sees all, and nobody else anything."""

    def viewer(self, subject: str, roles: Sequence[str], token: str | None = None) -> Viewer:
        """Somebody who sees all or nothing."""
        kinds = None if "reader" in roles else frozenset[str]()
        return replace(EVERYONE, subject=subject, kinds=kinds)


@dataclass(frozen=True)
class Service:
    """A running service whose tokens an issuer signs."""

    url: str
    issuer: Issuer

    def ask(self, *tokens: str, scheme: str = "Bearer", path: str = "/graphql") -> httpx2.Response:
        """An answer to a question that needs no database."""
        headers = [(b"Authorization", f"{scheme} {token}".encode()) for token in tokens]
        asked = {"query": "{ __typename }"}
        with httpx2.Client(trust_env=False) as client:
            if path != "/graphql":
                return client.get(self.url + path, headers=headers)
            return client.post(self.url + path, json=asked, headers=headers)

    def good(self, token: str) -> bool:
        """Whether a token is taken."""
        return self.ask(token).status_code == 200


@pytest.fixture(scope="module")
def issuer() -> Iterator[Issuer]:
    """An issuer on a socket."""
    with publishing() as it:
        yield it


@pytest.fixture(scope="module")
def service(issuer: Issuer) -> Iterator[Service]:
    """A service that takes its tokens."""
    app = create_app(NOWHERE, sign_in=SignIn(Readers(), issuer.tokens()))
    with listening(app) as port:
        yield Service(f"http://127.0.0.1:{port}", issuer)


def test_a_good_token_is_let_in(service: Service) -> None:
    """
    For one service or for several, named by its scheme in any case.
    """
    assert service.good(signed(claims(), ONE))
    assert service.good(signed(claims(aud=["other", "goldenthread"]), ONE))
    assert 200 == service.ask(signed(claims(), ONE), scheme="bEARER").status_code


def test_clocks_may_differ_by_half_a_minute(service: Service) -> None:
    """
    A token that ended 20 seconds ago or begins in 20 is good, one of 40 is not.
    """
    now = int(time.time())

    assert service.good(signed(claims(exp=now - 20), ONE))
    assert service.good(signed(claims(nbf=now + 20, iat=now + 20), ONE))
    assert not service.good(signed(claims(exp=now - 40), ONE))
    assert not service.good(signed(claims(nbf=now + 60), ONE))


GOOD = signed(claims(), ONE)
HEAD, BODY, SIGNATURE = GOOD.split(".")
PEM = ONE.public_key().public_bytes(
    serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
)
WRONG = {
    "no token": "x",
    "one part": HEAD,
    "two parts": f"{HEAD}.{BODY}",
    "four parts": f"{GOOD}.{SIGNATURE}",
    "no base64": f"{HEAD}.{BODY}.!!!",
    "no JSON": f"{HEAD}.AAAA.{SIGNATURE}",
    "not ASCII": "é" * 20,
    "too long": signed(claims(more="x" * 9000), ONE),
    "unsigned": unsigned(claims()),
    "unsigned in capitals": unsigned(claims(), "NONE"),
    "without signature": f"{HEAD}.{BODY}.",
    "the public key as a secret": by_secret(claims(), ONE),
    "another algorithm named": signed(claims(), ONE, alg="PS256"),
    "an algorithm of another key": signed(claims(), ec_key("one")),
    "another key of that name": signed(claims(), rsa_key("two")),
    "unknown key": signed(claims(), rsa_key("two"), kid="two"),
    "no key named": signed(claims(), ONE, kid=None),
    "a key that is no name": signed(claims(), ONE, kid=["one"]),  # type: ignore[arg-type]
    "its own key": signed(claims(), rsa_key("two"), kid="own", jwk=jwk(rsa_key("two"), "own")),
    "a key from elsewhere": signed(claims(), rsa_key("two"), kid="x", jku="https://example.org"),
    "something critical": signed(claims(), ONE, crit=["exp"]),
    "changed": f"{HEAD}.{signed(claims(sub='eve'), ONE).split('.')[1]}.{SIGNATURE}",
    "expired": signed(claims(exp=NOW - 3600), ONE),
    "not valid yet": signed(claims(nbf=NOW + 86_400), ONE),
    "made in the future": signed(claims(iat=NOW + 86_400), ONE),
    "for another service": signed(claims(aud="other"), ONE),
    "for other services": signed(claims(aud=["other"]), ONE),
    "for a part of the name": signed(claims(aud="golden"), ONE),
    "from another issuer": signed(claims(iss="https://login.example.org.evil"), ONE),
    "without exp": signed(claims(exp=None), ONE),
    "without iat": signed(claims(iat=None), ONE),
    "without sub": signed(claims(sub=None), ONE),
    "without aud": signed(claims(aud=None), ONE),
    "without iss": signed(claims(iss=None), ONE),
    "an end that is no number": signed(claims(exp=str(NOW + 300)), ONE),
    "an end beyond all times": signed(claims(exp=10**30), ONE),
    "an endless end": signed(claims(exp=float("inf")), ONE),
    "nobody": signed(claims(sub=""), ONE),
    "somebody with a line break": signed(claims(sub="ada\nroot"), ONE),
    "somebody who is a list": signed(claims(sub=["ada"]), ONE),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_token_that_proves_nothing_is_refused(service: Service, name: str) -> None:
    """
    401 with a code and a request id, and a header that says so; nothing of the token is told.
    """
    token = WRONG[name]
    response = service.ask(token)

    assert (401, "UNAUTHENTICATED") == refused(response)
    assert response.headers["WWW-Authenticate"].startswith('Bearer realm="goldenthread", error=')
    assert token not in response.text or len(token) < 2


@pytest.mark.parametrize(
    "tokens, scheme", [((), ""), ((GOOD,), "Basic"), ((GOOD, GOOD), "Bearer"), (("x",), "Token")]
)
def test_without_a_token_only_health_is_told(
    service: Service, tokens: Sequence[str], scheme: str
) -> None:
    """
    Nobody, another scheme, two headers: refused everywhere, also where there is nothing.
    """
    for path in ("/graphql", "/graphql/", "/schema.graphql", "/nope"):
        response = service.ask(*tokens, scheme=scheme, path=path)
        assert (401, "UNAUTHENTICATED") == refused(response)
        assert response.headers["WWW-Authenticate"].startswith('Bearer realm="goldenthread"')
    assert 200 == service.ask(*tokens, scheme=scheme, path="/health").status_code


@pytest.mark.parametrize("roles", [[], ["unknown"], "reader", {"reader": True}, [["reader"]], [1]])
def test_an_unknown_or_malformed_role_is_no_role(service: Service, roles: Any) -> None:
    """
    Whoever has none is known, and may see nothing.
    """
    response = service.ask(signed(claims(roles=roles), ONE))

    assert (403, "FORBIDDEN") == refused(response)


def test_a_role_is_found_among_what_is_none(service: Service) -> None:
    """
    Malformed roles beside a good one take nothing from it.
    """
    assert service.good(signed(claims(roles=[7, "unknown", "reader", None, ""]), ONE))


def test_roles_may_stand_in_a_claim_within_a_claim(issuer: Issuer) -> None:
    """
    As some issuers write them; a claim with a dot in its name is found first.
    """
    sign_in = SignIn(Readers(), issuer.tokens(roles="realm.roles"))
    inner = signed(claims(roles=None, realm={"roles": ["reader"]}), ONE)
    dotted = signed(claims(roles=None, **{"realm.roles": ["reader"]}), ONE)
    elsewhere = signed(claims(realm="reader"), ONE)
    with listening(create_app(NOWHERE, sign_in=sign_in)) as port:
        service = Service(f"http://127.0.0.1:{port}", issuer)

        assert service.good(inner)
        assert service.good(dotted)
        assert 403 == service.ask(elsewhere).status_code


def test_a_refusal_is_told_in_the_media_type_that_was_asked_for(service: Service) -> None:
    """
    As every other refusal.
    """
    headers = {"Accept": GRAPHQL}
    response = httpx2.post(f"{service.url}/graphql", headers=headers, trust_env=False)

    assert (401, "UNAUTHENTICATED") == refused(response)
    assert response.headers["Content-Type"].startswith(GRAPHQL)


@dataclass
class Hours:
    """A clock that a test moves."""

    now: float = 0.0

    def __call__(self) -> float:
        return self.now


def test_keys_are_rotated_without_a_restart() -> None:
    """
    A new key is taken at once, an old one for as long as it is published and ten minutes.
    """
    two = ec_key("two")
    with publishing() as issuer:
        clock = Hours()
        tokens = issuer.tokens()
        tokens.keys._clock = clock  # type: ignore[attr-defined]
        with listening(create_app(NOWHERE, sign_in=SignIn(Readers(), tokens))) as port:
            service = Service(f"http://127.0.0.1:{port}", issuer)
            assert service.good(signed(claims(), ONE))
            issuer.keys = [jwk(two, "two")]
            clock.now = 40
            assert service.good(signed(claims(), two, kid="two"))
            assert not service.good(signed(claims(), ONE))
            assert 2 == issuer.asked

            issuer.keys = []
            clock.now = 600
            assert service.good(signed(claims(), two, kid="two"))
            clock.now = 700
            assert not service.good(signed(claims(), two, kid="two"))


def test_unknown_keys_do_not_make_the_issuer_be_asked_again_and_again() -> None:
    """
    Once in half a minute, whatever callers send.
    """
    with publishing() as issuer:
        sign_in = SignIn(Readers(), issuer.tokens())
        with listening(create_app(NOWHERE, sign_in=sign_in)) as port:
            service = Service(f"http://127.0.0.1:{port}", issuer)
            wrong = [signed(claims(), rsa_key("two"), kid=str(n)) for n in range(10)]

            assert {401} == {service.ask(token).status_code for token in wrong}
        assert 1 == issuer.asked


@pytest.mark.parametrize("status", [500, 302])
def test_an_issuer_that_does_not_answer_is_waited_for(status: int) -> None:
    """
    What was known is good for an hour; without any key the answer is 503 with Retry-After.
    """
    with publishing() as issuer:
        issuer.status = status
        patience = Patience(fresh=0.0, stale=0.4, pause=0.0)
        sign_in = SignIn(Readers(), issuer.tokens(patience))
        with listening(create_app(NOWHERE, sign_in=sign_in)) as port:
            service = Service(f"http://127.0.0.1:{port}", issuer)
            response = service.ask(GOOD)
            assert (503, "UNAVAILABLE") == refused(response)
            assert response.headers["Retry-After"]
            issuer.status = 200
            assert service.good(GOOD)
            issuer.status = status
            assert service.good(GOOD)
            time.sleep(0.5)
            assert 503 == service.ask(GOOD).status_code


UNFIT = {
    "weak": jwk(rsa_key("weak", 1024)),
    "for encryption": jwk(ONE, use="enc"),
    "for another algorithm": jwk(ONE, alg="RS512"),
    "for secrets": {"kty": "oct", "k": "c2VjcmV0", "kid": "one", "alg": "HS256"},
    "private": jwk(ONE, d="AQAB"),
    "without a name": {k: v for k, v in jwk(ONE).items() if k != "kid"},
    "broken": jwk(ONE) | {"n": "?"},
    "no key": "one",
}


@pytest.mark.parametrize("name", UNFIT)
def test_a_key_that_is_not_fit_to_sign_is_no_key(name: str) -> None:
    """
    It is passed over, and the others are used.
    """
    with publishing() as issuer:
        issuer.keys = [UNFIT[name], jwk(ec_key("good"), "good")]  # type: ignore[list-item]
        sign_in = SignIn(Readers(), issuer.tokens())
        with listening(create_app(NOWHERE, sign_in=sign_in)) as port:
            service = Service(f"http://127.0.0.1:{port}", issuer)
            key = rsa_key("weak", 1024) if name == "weak" else ONE

            assert 401 == service.ask(signed(claims(), key)).status_code
            assert service.good(signed(claims(), ec_key("good"), kid="good"))
