"""WebSockets on the wire: uvicorn's protocol; a service that ends says so by code 1001."""

from __future__ import annotations

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

GOING_AWAY = 1001


class SocketProtocol(WebSocketsSansIOProtocol):
    """What a client reads as the service going away, not as one that starts again."""

    def shutdown(self) -> None:
        """Close with code and reason."""
        if self.handshake_complete and not self.close_sent:
            self.stop_keepalive()
            self.queue.put_nowait({"type": "websocket.disconnect", "code": GOING_AWAY})
            self.conn.send_close(GOING_AWAY, "the service is ending")
            self.transport.write(b"".join(self.conn.data_to_send()))
            self.transport.close()
            return
        super().shutdown()
