"""Winners and losers, options compared group by group, and edits of links in thought."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graph.insight.causal import CauseEdge
from graph.insight.conflicts import GroupEffect, Options, Sided, conflict
from graph.insight.edits import (
    Add,
    Contradiction,
    Edit,
    EditRefused,
    ExistingLink,
    MissingLink,
    MissingThing,
    Remove,
    Retire,
    Reweigh,
    edited,
)


def on_churn(group: str, total: float | None, se: float = 0.0, better: int = -1) -> Sided:
    """An effect on churn, of which less is better."""
    effect = GroupEffect(group=f"persona:{group}", on="kpi:churn", total=total)
    return Sided(effect, se, better)


def test_a_conflict_has_winners_and_losers() -> None:
    """
    Churn falls for two groups and rises for one; what is within doubt or resolution is neither.
    """
    effects = [
        on_churn("senior", -0.5),
        on_churn("trader", -1.5, se=0.5),
        on_churn("student", 1.0, se=0.2),
        on_churn("doubtful", 1.0, se=0.6),
        on_churn("tiny", 0.05),
        on_churn("unknown", None),
    ]
    found = conflict("kpi:churn", effects, resolution=0.1)

    assert found is not None
    assert ["persona:trader", "persona:senior"] == [one.group for one in found.winners]
    assert ["persona:student"] == [one.group for one in found.losers]


def test_there_is_no_conflict_where_all_win() -> None:
    """
    Nor where a loss is exactly as large as the resolution.
    """
    assert None is conflict("kpi:churn", [on_churn("a", -1.0), on_churn("b", -2.0)])
    assert None is conflict("kpi:churn", [on_churn("a", -1.0), on_churn("b", 0.1)], 0.1)


CHOICES = Options(
    {
        "all alike": {"p": 3.0, "q": 3.0},
        "for p": {"p": 9.0, "q": 1.0},
        "for q": {"p": 0.0, "q": 6.0},
        "worse than alike": {"p": 3.0, "q": 2.0},
    }
)


def test_options_are_compared_by_four_rules() -> None:
    """
    Worked out by hand: the rules choose differently, and the average is only one of them.
    """
    assert ("all alike", "for p", "for q") == CHOICES.pareto()
    assert {"all alike": 3.0, "worse than alike": 2.0, "for p": 1.0, "for q": 0.0} == (
        CHOICES.worst_off()
    )
    assert ["all alike", "worse than alike", "for p", "for q"] == list(CHOICES.worst_off())
    weighted = CHOICES.weighted({"p": 1.0, "q": 3.0})
    assert {"for q": 4.5, "all alike": 3.0, "for p": 3.0, "worse than alike": 2.25} == weighted
    assert "for q" == next(iter(weighted))
    assert {"for p": 5.0, "all alike": 6.0, "worse than alike": 6.0, "for q": 9.0} == (
        CHOICES.regret()
    )
    assert "for p" == next(iter(CHOICES.regret()))


def test_options_must_tell_of_every_group() -> None:
    """
    A missing gain is not a gain of nothing; weights must weigh something.
    """
    with pytest.raises(ValueError, match="differ in their groups"):
        Options({"a": {"p": 1.0}, "b": {"p": 1.0, "q": 2.0}})
    with pytest.raises(ValueError, match="weights must be 0 or more"):
        CHOICES.weighted({"p": 0.0})
    assert () == Options({}).pareto()
    assert {} == Options({}).regret()


@settings(max_examples=80, deadline=None)
@given(
    rows=st.lists(st.tuples(*[st.integers(0, 3).map(float)] * 3), min_size=1, max_size=7),
)
def test_what_is_best_by_weight_or_for_the_worst_off_is_among_the_undominated(
    rows: list[tuple[float, float, float]],
) -> None:
    """
    An optimum under weights above 0 is on the Pareto front; so is some option of least misery.
    """
    options = Options({str(i): dict(zip("pqr", row, strict=True)) for i, row in enumerate(rows)})
    front = options.pareto()

    assert next(iter(options.weighted({"p": 1.0, "q": 2.0, "r": 0.5}))) in front
    misery = options.worst_off()
    assert any(misery[name] == max(misery.values()) for name in front)


def edge(id_: str, source: str, target: str, weight: float = 1.0, lag: int = 0) -> CauseEdge:
    """A causal link between KPIs."""
    return CauseEdge(
        id=f"affects:{id_}",
        from_=f"kpi:{source}",
        to=f"kpi:{target}",
        sign=(weight > 0) - (weight < 0),
        weight=weight,
        se=0.1,
        lag=lag,
    )


LINKS = [edge("ab", "a", "b"), edge("bc", "b", "c"), edge("cd", "c", "d")]


def test_edits_are_made_together_in_any_order() -> None:
    """
    One link changes, one goes, one comes, one goes with what it leads to.
    """
    model = [*LINKS, edge("de", "d", "e")]
    edits: list[Edit] = [
        Reweigh("affects:ab", -0.5, 0.2),
        Remove("affects:bc"),
        Add(edge("ac", "a", "c", 2.0)),
        Retire("kpi:e"),
    ]
    expected = [
        edge("ab", "a", "b", -0.5).model_copy(update={"se": 0.2}),
        edge("cd", "c", "d"),
        edge("ac", "a", "c", 2.0),
    ]

    assert expected == list(edited(model, edits)) == list(edited(model, edits[::-1]))
    assert LINKS == list(edited(LINKS, []))


REFUSED: dict[str, tuple[list[Edit], type[EditRefused], str]] = {
    "changed twice": (
        [Reweigh("affects:ab", 1.0), Reweigh("affects:ab", 2.0)],
        Contradiction,
        "affects:ab",
    ),
    "changed and removed": (
        [Remove("affects:bc"), Reweigh("affects:bc", 2.0)],
        Contradiction,
        "affects:bc",
    ),
    "missing": ([Remove("affects:abc")], MissingLink, "affects:abc"),
    "there by id": ([Add(edge("ab", "x", "y"))], ExistingLink, "affects:ab"),
    "there by ends": ([Add(edge("new", "a", "b"))], ExistingLink, "affects:new"),
    "added twice": (
        [Add(edge("n", "a", "d")), Add(edge("m", "a", "d"))],
        ExistingLink,
        "affects:m",
    ),
    "retired without links": ([Retire("kpi:z")], MissingThing, "kpi:z"),
    "retired twice": ([Retire("kpi:a"), Retire("kpi:a")], Contradiction, "kpi:a"),
    "changed though retired": (
        [Retire("kpi:a"), Reweigh("affects:ab", 2.0)],
        Contradiction,
        "affects:ab",
    ),
    "added though retired": (
        [Add(edge("ad", "a", "d")), Retire("kpi:d")],
        Contradiction,
        "affects:ad",
    ),
    "no number": ([Reweigh("affects:ab", float("nan"))], EditRefused, "affects:ab"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_an_edit_that_cannot_be_made_is_named(name: str) -> None:
    """
    Each with an error of its own kind that holds the id and says it.
    """
    edits, error, of = REFUSED[name]
    with pytest.raises(error) as refused:
        edited(LINKS, edits)

    assert error is type(refused.value)
    assert of == refused.value.of
    assert of in str(refused.value)


def test_a_mistyped_link_gets_a_hint() -> None:
    """
    The nearest id is proposed.
    """
    with pytest.raises(MissingLink, match="did you mean affects:ab"):
        edited(LINKS, [Remove("affects:abb")])


def test_a_link_with_another_lag_or_group_is_another_link() -> None:
    """
    An effect may come in two parts, after no month and after three.
    """
    later = edge("later", "a", "b", 0.3, lag=3)
    grouped = edge("grouped", "a", "b").model_copy(update={"group": "persona:p"})

    assert (*LINKS, later, grouped) == edited(LINKS, [Add(later), Add(grouped)])
