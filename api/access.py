"""The command line of access: a token for trying things out, and what a policy gives to a role."""

from __future__ import annotations

import sys
from dataclasses import asdict
from datetime import timedelta
from pathlib import Path
from typing import Annotated

import typer

from api import terminal
from api.settings import WrongUse, settings

policy = typer.Typer(help="Who sees and does what.", no_args_is_help=True)

File = Annotated[
    Path | None, typer.Option("--file", help="The policy; GOLDENTHREAD_POLICY if left out.")
]
DATA = "Folder of the private database, where the key is."


@policy.command()
def explain(
    role: Annotated[str, typer.Argument(help="A role of the policy, or nobody.")],
    file: File = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Tell the result as JSON, and nothing else.")
    ] = False,
) -> None:
    """Say what a role sees and may do, under the policy that is set."""
    from api.admission import read_policy
    from graph.ontology import ONTOLOGY
    from graph.ontology.vocabulary import camel

    path = file or settings().goldenthread_policy
    if path is None:
        raise WrongUse("no policy is set; name it by --file or in GOLDENTHREAD_POLICY")
    told = read_policy(path).explain(role, ONTOLOGY)
    facts = {camel(name): value for name, value in asdict(told).items()}
    facts["cost"] = settings().goldenthread_limits.cost_of(told.cost)
    if as_json:
        terminal.data(facts)
        return
    rows = [(name, _said(value)) for name, value in facts.items()]
    terminal.out.print(terminal.table(f"What {role} sees and may do", ("", ""), rows))


@policy.command("check")
def check_policy(
    file: Annotated[Path, typer.Argument(help="The TOML file of a policy.")],
) -> None:
    """Say whether a file is a policy; what is wrong is named with its table and key."""
    from api.admission import read_policy

    found = read_policy(file)
    told = f"{file} is a policy of {len(found.roles)} roles: {', '.join(found.roles) or 'none'}"
    terminal.out.print(told, markup=False, soft_wrap=True)


def token(
    role: Annotated[list[str], typer.Option("--role", help="A role of the policy; repeatable.")],
    subject: Annotated[str, typer.Option("--subject", help="Who it is for.")] = "developer",
    minutes: Annotated[
        int, typer.Option("--minutes", min=1, max=10_080, help="How long it is good.")
    ] = 60,
    data: Annotated[Path | None, typer.Option("--data", help=DATA)] = None,
) -> None:
    """Print a token for the demo and for trying things out on this machine."""
    from api.admission import development

    folder = data or settings().goldenthread_data
    made = development(folder).token(role, subject, timedelta(minutes=minutes))
    sys.stdout.write(f"{made}\n")


def _said(value: object) -> str:
    if value is None:
        return "all"
    return ", ".join(value) or "none" if isinstance(value, tuple) else str(value)
