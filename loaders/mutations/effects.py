"""What else follows when something ends: its links count while both their ends are in force."""

from __future__ import annotations

from datetime import datetime

from graph.times import written
from loaders.mutations.outcomes import SideEffect
from loaders.mutations.working import Working


async def ended(work: Working, id_: str, at: datetime) -> None:
    """Tell the links of a thing that are over with it, and were not ended by themselves."""
    links = work.ontology.links.values()
    for forward in (True, False):
        for other, source, target in await work.near.linked(links, {id_: at}, forward):
            far = target if forward else source
            told = f"counts no longer from {written(at)}: {id_} is not in force; {far} stays"
            if other not in work.spoken:
                work.effects.append(SideEffect(of=other, told=told))
