"""docs/http.md against the service: its commands are run, its example of a refusal is one."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

import pytest
from starlette.testclient import TestClient

from graph.store import Address, Store
from tests.serving import GRAPHQL, JSON, create_app, media

Client = TestClient
PAGE = (Path(__file__).parents[1] / "docs" / "http.md").read_text(encoding="utf-8")
SHELL = re.findall(r"^```sh\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
CURLS = [shlex.split(one.replace("\\\n", "")) for one in SHELL if one.startswith("curl")]


@pytest.fixture
def client(bank: Store, address: Address) -> Iterator[Client]:
    """The service over the sample bank."""
    with TestClient(create_app(address)) as it:
        yield it


def run(client: Client, command: list[str]) -> Any:
    """What curl would get."""
    words = iter(command[1:])
    method, headers, body, parameters, address = "GET", {}, None, {}, ""
    for word in words:
        match word:
            case "--silent" | "--get":
                pass
            case "--header":
                name, _, headers[name] = next(words).partition(": ")
            case "--data":
                method, body = "POST", next(words)
            case "--data-urlencode":
                name, _, parameters[name] = next(words).partition("=")
            case _:
                address = urlsplit(word).path
    query = f"?{urlencode(parameters)}" if parameters else ""
    return client.request(method, address + query, headers=headers, content=body)


@pytest.mark.parametrize("command", CURLS, ids=lambda command: command[-1][:40])
def test_a_curl_of_the_page_is_answered(client: Client, command: list[str]) -> None:
    """
    Each can be copied: 200, and no error in it.
    """
    response = run(client, command)

    assert (200, False) == (response.status_code, '"errors"' in response.text)


def test_the_first_command_is_a_post_and_the_second_a_get(client: Client) -> None:
    """
    In the new media type by its Accept, and in the old one for want of it.
    """
    by_post, by_get = (run(client, command) for command in CURLS[:2])

    assert [GRAPHQL, JSON] == [media(by_post), media(by_get)]
    assert {"name", "kpiKind"} == by_post.json()["data"]["kpi"].keys()
    assert {"kpi": {"name": "Net promoter score"}} == by_get.json()["data"]


def test_the_example_of_a_refusal_is_one(client: Client) -> None:
    """
    Message, place and code are those of the service; the request id is the caller's.
    """
    (shown,) = re.findall(r"^```json\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    expected = json.loads(shown)
    response = client.post(
        "/graphql",
        json={"query": '{ kpi(key: "nps") { nmae } }'},
        headers={"X-Request-ID": expected["errors"][0]["extensions"]["requestId"]},
    )

    assert expected == response.json()
