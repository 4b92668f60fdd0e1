"""A short run of faults: the service is killed, frozen and ended while writers write."""

from __future__ import annotations

import random
import signal

from graph.store import Address, Store
from tests.faults.killing import Faults, Service, writing
from tests.faults.written import wrong


async def test_no_write_is_lost_doubled_or_in_doubt(store: Store, address: Address) -> None:
    """
    A kill, a freeze and a SIGTERM: all that was acknowledged is there once, and nothing else.
    """
    service = Service(address)
    service.start()
    try:
        service.wait_until_ready()
        with writing(service.port) as (ledger, frozen):
            faults = Faults(service, frozen, ledger)
            faults.run(["kill", "freeze", "term"], random.Random(8))
    finally:
        service.send(signal.SIGKILL)
        service.ended()

    assert [] == await wrong(store, ledger)
    assert len(ledger.acknowledged) > 20
    assert ([], []) == (ledger.refused, ledger.late)
    assert [0] == faults.codes
