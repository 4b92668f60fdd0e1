"""Published examples of scorecards: what their originals say, to hold the seed folders against."""

from __future__ import annotations

F, C, P, L = "financial", "customer", "internal_process", "learning_growth"


def pairs(text: str) -> set[tuple[str, str]]:
    """`a > b c` on each line: a moves b, and a moves c."""
    lines = (line.partition(" > ") for line in text.strip().splitlines())
    return {(start.strip(), end) for start, _, ends in lines for end in ends.split()}


LINKS = {
    "southwest_turnaround": pairs(
        """
        aligned_crew > fast_turnaround
        fast_turnaround > on_time low_price fewer_planes
        on_time > more_customers
        low_price > more_customers
        more_customers > more_revenue
        fewer_planes > profit
        more_revenue > profit
        """
    ),
    "gasoline_segments": pairs(
        """
        climate > new_products refinery
        skills > best_dealers inventory
        information > inventory on_spec
        new_products > delight
        best_dealers > dealers delight
        refinery > cost_leader asset_use
        inventory > cost_leader
        on_spec > dealers
        safety > cost_leader
        dealers > delight
        delight > volume non_gasoline
        volume > roce
        non_gasoline > roce
        cost_leader > roce
        asset_use > roce
        """
    ),
    "city_scorecard": pairs(
        """
        knowledge > productivity
        skills_gap > productivity community_problem_solving
        employee_climate > positive_contacts
        knowledge > customer_contacts
        productivity > benefit_cost
        outside_funding > infrastructure
        tax_base > infrastructure
        top_rating > infrastructure
        infrastructure > safe_transport
        customer_contacts > service_delivery
        positive_contacts > safe_feeling
        community_problem_solving > reduce_crime
        reduce_crime > safe_feeling
        safe_feeling > strong_neighbourhoods
        benefit_cost > tax_rates
        safe_transport > economic_opportunity
        tax_rates > economic_opportunity
        strong_neighbourhoods > tax_base
        economic_opportunity > tax_base
        """
    ),
}
OBJECTIVES = {
    "southwest_turnaround": {
        ("aligned_crew", L, "operating_efficiency"),
        ("fast_turnaround", P, "operating_efficiency"),
        ("on_time", C, "operating_efficiency"),
        ("low_price", C, "operating_efficiency"),
        ("more_customers", C, "operating_efficiency"),
        ("fewer_planes", F, "operating_efficiency"),
        ("more_revenue", F, "operating_efficiency"),
        ("profit", F, "operating_efficiency"),
    },
    "gasoline_segments": {
        ("roce", F, None),
        ("asset_use", F, "productivity"),
        ("cost_leader", F, "productivity"),
        ("volume", F, "growth"),
        ("non_gasoline", F, "growth"),
        ("delight", C, "growth"),
        ("dealers", C, "growth"),
        ("new_products", P, "growth"),
        ("best_dealers", P, "growth"),
        ("refinery", P, "productivity"),
        ("inventory", P, "productivity"),
        ("on_spec", P, "productivity"),
        ("safety", P, "good_neighbour"),
        ("climate", L, None),
        ("skills", L, None),
        ("information", L, None),
    },
    "city_scorecard": {
        ("reduce_crime", C, "community_safety"),
        ("safe_feeling", C, "community_safety"),
        ("strong_neighbourhoods", C, "housing_neighbourhoods"),
        ("service_delivery", C, None),
        ("tax_rates", C, "economic_development"),
        ("safe_transport", C, "transportation"),
        ("economic_opportunity", C, "economic_development"),
        ("outside_funding", F, None),
        ("benefit_cost", F, None),
        ("tax_base", F, "economic_development"),
        ("top_rating", F, None),
        ("customer_contacts", P, None),
        ("community_problem_solving", P, "community_safety"),
        ("productivity", P, None),
        ("positive_contacts", P, None),
        ("infrastructure", P, "transportation"),
        ("knowledge", L, None),
        ("skills_gap", L, None),
        ("employee_climate", L, None),
    },
}
MEASURES = [
    ("arrival_rank", "on_time", "count", "LOWER", 1.0, [("quality_management", -1)]),
    ("crew_stockholders", "aligned_crew", "%", "HIGHER", None, [("stock_ownership_plan", 1)]),
    ("crew_trained", "aligned_crew", "%", "HIGHER", 100.0, [("crew_training", 1)]),
    ("ground_time", "fast_turnaround", "h", "LOWER", 0.5, [("cycle_time_programme", -1)]),
    ("lease_cost", "fewer_planes", "%/year", "LOWER", 5.0, []),
    ("market_value", "profit", "%/year", "HIGHER", 30.0, []),
    ("on_time_departure", "fast_turnaround", "%", "HIGHER", 90.0, [("cycle_time_programme", 1)]),
    ("price_rank", "low_price", "count", "LOWER", 1.0, [("loyalty_programme", -1)]),
    ("seat_revenue", "more_revenue", "%/year", "HIGHER", 20.0, []),
]
"""KPI, objective, unit, good direction, target, and the initiatives with the sign of the change."""
