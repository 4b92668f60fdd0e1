"""HTTP on the wire: what is no HTTP at all is refused in JSON too, with a code and a request id."""

from __future__ import annotations

from uuid import uuid4

import orjson
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from api.errors import log, refusal

HEAD = (
    "HTTP/1.1 400 Bad Request\r\ncontent-type: application/json; charset=utf-8\r\n"
    "x-request-id: {made}\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n"
)


class JsonProtocol(HttpToolsProtocol):
    """uvicorn's protocol; only the words for a broken request are ours."""

    def send_400_response(self, msg: str) -> None:
        """Refuse what the parser could not read, and hang up."""
        made = uuid4().hex
        body = orjson.dumps(refusal("this is no HTTP request", "BAD_REQUEST", made))
        log.info("no HTTP request", request_id=made)
        self.transport.write(HEAD.format(made=made, length=len(body)).encode() + body)
        self.transport.close()
