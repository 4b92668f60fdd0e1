"""Instants, periods and their texts."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph.times import (
    DAWN,
    FAR,
    BadTime,
    begin_of,
    day,
    instant,
    months_between,
    stored,
    utc,
    written,
)

INSTANTS = st.datetimes(timezones=st.just(UTC))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-07-20", datetime(2026, 7, 20, tzinfo=UTC)),
        ("2026-07-20T09:00:00Z", datetime(2026, 7, 20, 9, tzinfo=UTC)),
        ("2026-07-20t09:00z", datetime(2026, 7, 20, 9, tzinfo=UTC)),
        ("2026-07-20 09:00:00.25+05:30", datetime(2026, 7, 20, 3, 30, 0, 250_000, tzinfo=UTC)),
        ("1996-12-19T16:39:57-08:00", datetime(1996, 12, 20, 0, 39, 57, tzinfo=UTC)),
        ("1937-01-01T12:00:27.87+00:20", datetime(1937, 1, 1, 11, 40, 27, 870_000, tzinfo=UTC)),
    ],
)
def test_an_instant_is_read_as_rfc_3339_writes_it(text: str, expected: datetime) -> None:
    """
    The last two are examples of RFC 3339, section 5.8; a plain date means its midnight in UTC.
    """
    assert expected == instant(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "now",
        "20/07/2026",
        "2026-02-30",
        "2026-7-1",
        "2026-07-20T25:00Z",
        "٢٠٢٦-07-20",
        "0000-01-01",
    ],
)
def test_what_is_no_time_is_told_what_to_write(text: str) -> None:
    """
    A refused time names the forms that are read.
    """
    with pytest.raises(BadTime, match="is not a time; write 2026-07-20 or 2026-07-20T09:00:00Z"):
        instant(text)


def test_a_time_without_a_zone_is_refused() -> None:
    """
    Nobody guesses a zone: the text is asked to name it, and so is a naive datetime.
    """
    with pytest.raises(BadTime, match="has no time zone; write 2026-07-20T09:00:00Z"):
        instant("2026-07-20T09:00:00")
    with pytest.raises(ValueError, match="has no time zone"):
        utc(datetime(2026, 7, 20))


def test_an_instant_outside_of_all_years_is_refused() -> None:
    """
    Midnight of the first day, five hours east of Greenwich, lies before year 1.
    """
    with pytest.raises(BadTime):
        instant("0001-01-01T00:00:00+05:00")


@given(INSTANTS)
def test_what_is_written_is_read_back(when: datetime) -> None:
    """
    Writing an instant loses nothing, down to the microsecond.
    """
    assert when == instant(written(when))


def test_one_instant_has_one_text_in_every_zone() -> None:
    """
    Texts are compared and hashed, so the zone of the writer must not show.
    """
    noon = datetime(2026, 7, 20, 12, tzinfo=UTC)

    assert "2026-07-20T12:00:00Z" == written(noon)
    assert "2026-07-20T12:00:00Z" == written(noon.astimezone(timezone(timedelta(hours=2))))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2024-01-01T00:00Z", datetime(2024, 1, 1, tzinfo=UTC)),
        ("2024-01-01T00:00:00.000001Z", datetime(2024, 1, 1, microsecond=1, tzinfo=UTC)),
        ("0001-01-01T00:00Z", DAWN),
        ("9999-12-31T00:00Z", FAR),
    ],
)
def test_instants_are_read_as_the_database_writes_them(text: str, expected: datetime) -> None:
    """
    Neo4j leaves out seconds that are zero, and shows both ends of time like any other.
    """
    assert expected == stored(text)


@pytest.mark.parametrize(
    ("period", "first"),
    [
        ("2025", date(2025, 1, 1)),
        ("2025-Q3", date(2025, 7, 1)),
        ("2025-12", date(2025, 12, 1)),
        ("2025-W01", date(2024, 12, 30)),
        ("2026-W53", date(2026, 12, 28)),
        ("2024-02-29", date(2024, 2, 29)),
    ],
)
def test_a_period_begins_on_its_first_day(period: str, first: date) -> None:
    """
    Weeks are those of ISO 8601: week 1 of 2025 begins in 2024, and 2026 has 53 of them.
    """
    assert utc(first) == begin_of(period)


@pytest.mark.parametrize(
    "period", ["2025-W53", "2025-02-29", "2025-13", "2025-Q5", "0000", "soon", ""]
)
def test_a_period_that_no_calendar_has_is_refused(period: str) -> None:
    """
    A form that fits is not enough: 2025 has neither a week 53 nor a 29 February.
    """
    with pytest.raises(BadTime, match="is not a period; write 2025, 2025-Q3"):
        begin_of(period)


def test_a_day_is_read_in_one_form_only() -> None:
    """
    `20260720` could be read as seconds since 1970, so it is refused.
    """
    assert date(2026, 7, 20) == day("2026-07-20")
    for text in ("20260720", "2026-07-20T00:00:00", "2026-02-30"):
        with pytest.raises(BadTime):
            day(text)


@given(st.dates(), st.dates())
def test_months_between_two_days_add_up_and_turn_round(a: date, b: date) -> None:
    """
    From a to b is the opposite of from b to a, and twelve months later is twelve more.
    """
    assert months_between(a, b) == -months_between(b, a)
    if b.year < 9999:
        assert 12 + months_between(a, b) == months_between(a, b.replace(year=b.year + 1, day=1))
