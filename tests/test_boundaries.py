"""When what is in force changes with the clock: edges of validity, and what is known of them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from graph.boundaries import MOST, NO_BOUNDARIES, SLACK, Boundaries, micros
from graph.ledger import Transaction
from graph.store import Store
from graph.times import FAR
from queries import LEDGER
from tests.asking import link, put, thing

NOW = datetime(2026, 7, 1, tzinfo=UTC)
WRITES = st.lists(
    st.tuples(st.integers(0, 40), st.sets(st.integers(-100, 400), max_size=90)), max_size=6
)


def hours(count: int) -> datetime:
    """An instant so many hours after the first."""
    return NOW + timedelta(hours=count)


def next_of(known: Boundaries, now: datetime) -> int:
    """The first edge after an instant, or from when on none is known."""
    return min([edge for edge in known.edges if edge > micros(now)] + [known.until])


@given(WRITES)
def test_no_edge_is_passed_over(writes: list[tuple[int, set[int]]]) -> None:
    """
    Writes at growing instants, each with up to 90 edges: against all edges in one set.
    """
    known, every, now = NO_BOUNDARIES, set[int](), 0
    for later, edges in writes:
        now += later
        found = Boundaries.among(map(hours, edges), hours(now))
        known, every = known.joined(found, hours(now)), every | edges
        assert len(known.edges) <= MOST
        for probe in range(now, 460, 7):
            told = next_of(known, hours(probe))
            true = min((micros(hours(edge)) for edge in every if edge > probe), default=known.until)
            assert told == min(true, known.until)
            assert told <= true


def test_what_never_ends_is_no_edge_and_the_past_is_forgotten() -> None:
    """
    An open end, an edge of the last hours, which a clock behind ours still awaits, and an old one.
    """
    found = Boundaries.among([FAR, hours(-3), NOW - 2 * SLACK], NOW)
    assert found.edges == (micros(hours(-3)),)
    assert not found.joined(NO_BOUNDARIES, hours(60)).edges


def test_a_ledger_without_edges_knows_nothing_of_what_comes() -> None:
    """
    As one is that was written before edges were kept: and nothing that comes later helps it.
    """
    old = Boundaries.of({"head": "x"})
    assert old.joined(Boundaries.among([hours(5)], NOW), NOW).until <= 0


async def changed(store: Store, statement: str) -> None:
    """A ledger that somebody else wrote."""

    async def run_it(run: Transaction) -> None:
        await run(statement)

    await store.transact(run_it)


async def test_the_ledger_knows_the_edges_of_what_was_written(store: Store) -> None:
    """
    A thing that begins in a day and a link that ends in two, then a ledger that has forgotten them:
    preparing the database finds them in the graph.
    """
    now = store.clock()
    begin, end = now + timedelta(days=1), now + timedelta(days=2)
    await put(store, thing("theme:a"), thing("objective:o", begin))
    await put(store, link("in_theme", "objective:o", "theme:a", begin, end))
    known = Boundaries.of_ledger(await store.answer(LEDGER["ledger"]))
    assert known.edges == (micros(begin), micros(end))
    assert known.until == NO_BOUNDARIES.until

    for forget in (
        "REMOVE l.boundaries, l.boundariesUntil, l.boundariesHead",
        "SET l.boundaries = [], l.boundariesHead = 'that of an older one who knew of no edges'",
    ):
        await changed(store, f"MATCH (l:Ledger) {forget} RETURN 1 AS answer")
        assert not (await store.heads.look()).settled(store.clock() + timedelta(seconds=2))
        await store.migrate()
        assert Boundaries.of_ledger(await store.answer(LEDGER["ledger"])) == known
        assert (await store.heads.look()).settled(store.clock() + timedelta(seconds=2))
