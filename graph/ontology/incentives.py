"""What results are paid for: incentive schemes, what they reward, what they paid."""

from __future__ import annotations

from datetime import date
from typing import Annotated, ClassVar

from graph.ontology.measures import Kpi
from graph.ontology.terms import Access
from graph.ontology.vocabulary import (
    Belongs,
    Entity,
    GlobalId,
    Link,
    Period,
    Record,
    Refers,
    Share,
    Whole,
)
from graph.ontology.work import Role


class IncentiveScheme(Entity):
    """How a role is paid for results."""

    access = Access.CONFIDENTIAL

    share_individual: Share | None = None
    """Part for the person."""
    share_team: Share | None = None
    """Part for the team."""
    rule: str | None = None
    """The rule."""


class Payout(Record):
    """What a scheme paid, and what was measured."""

    access = Access.CONFIDENTIAL
    begins = "period"

    period: Period
    """For when."""
    paid_score: float
    """Score that was paid."""
    measured_score: float
    """Score that was measured."""
    difference: float | None = None
    """Paid less measured."""
    paid_on: date | None = None
    """Day of payment."""


class Pays(Link):
    """A scheme pays a role."""

    access = Access.CONFIDENTIAL
    belongs: ClassVar = {IncentiveScheme: Belongs.ANY}
    source = (IncentiveScheme,)
    target = (Role,)
    forward = "role"
    backward = "incentive_schemes"
    single = frozenset({"role"})
    columns: ClassVar = {IncentiveScheme: "role"}


class Rewards(Link):
    """A scheme pays for a KPI."""

    access = Access.CONFIDENTIAL
    source = (IncentiveScheme,)
    target = (Kpi,)
    forward = "rewards"
    backward = "rewarded_by"
    identity = ("source", "target", "group")

    weight: Annotated[Share, Whole("source")]
    """Weight in the scheme, over its KPIs 1."""
    group: Annotated[GlobalId, Refers("segment", "persona")] | None = None
    """Segment or persona; empty = all."""


class PaidBy(Link):
    """A scheme made a payment."""

    access = Access.CONFIDENTIAL
    belongs: ClassVar = {Payout: Belongs.ANY}
    source = (Payout,)
    target = (IncentiveScheme,)
    forward = "incentive_scheme"
    backward = "payouts"
    single = frozenset({"incentive_scheme"})
    columns: ClassVar = {Payout: "incentive_scheme"}
