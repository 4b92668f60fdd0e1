"""The documents against the product: all is described, and what they show is what happens."""

from __future__ import annotations

import re
import subprocess
import sys
from importlib.util import module_from_spec, spec_from_file_location
from itertools import takewhile
from pathlib import Path

import pytest
from graphql import (
    DocumentNode,
    GraphQLSyntaxError,
    OperationDefinitionNode,
    OperationType,
    parse,
    validate,
)
from rich.table import Table
from typer.main import get_group

from api.app import create_app, schema
from api.cli import app
from api.demo import QUESTIONS, TABLES
from api.dictionary import dictionary
from api.errors import CODES
from api.schema import build
from api.settings import Settings
from graph.audit import Actor
from graph.ontology import ONTOLOGY, Ontology
from graph.ontology.vocabulary import camel
from graph.store import Address, Store
from loaders.load import load
from loaders.report import RowsRefused
from tests.asking import answer

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
DOCS = {path.name: path.read_text(encoding="utf-8") for path in (ROOT / "docs").glob("*.md")}
PAGES = [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")]

REGISTRIES = {
    "pypi": ("org",),
    "pythonhosted": ("org",),
    "maven": ("org", "apache.org"),
    "npmjs": ("org", "com"),
    "sonatype": ("org", "com"),
    "crates": ("io",),
    "docker": ("io", "com"),
    "ghcr": ("io",),
}
MACHINE = ("work", "root", "Users", "home/[a-z]+")


def blocks(text: str, language: str) -> list[str]:
    """Fenced blocks of one language."""
    return re.findall(rf"^```{language}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


def parses(text: str) -> bool:
    """Whether a text is a whole GraphQL document."""
    try:
        parse(text)
    except GraphQLSyntaxError:
        return False
    return True


def examples() -> dict[str, str]:
    """Every GraphQL block of the documents that is a whole document, by page and number."""
    texts = {"README.md": README} | DOCS
    found = {name: blocks(text, "graphql") for name, text in texts.items()}
    return {
        f"{name}-{number}": block
        for name, shown in found.items()
        for number, block in enumerate(shown, 1)
        if parses(block)
    }


def operations(tree: DocumentNode) -> list[OperationDefinitionNode]:
    """The operations of a document."""
    return [part for part in tree.definitions if isinstance(part, OperationDefinitionNode)]


EXAMPLES = examples()


def answers(name: str) -> list[tuple[list[tuple[str, ...]], int]]:
    """Tables that the README shows under a question: their rows, and how many more it names."""
    _, _, after = README.partition(f"(seed/questions/{name}.graphql)")
    section = re.split(r"\(seed/questions/|^## ", after, flags=re.MULTILINE)[0]
    found = []
    for part in re.split(r"(?m)^\|[-|]+\|\n", section)[1:]:
        lines = part.splitlines()
        shown = [*takewhile(lambda line: line.startswith("|"), lines)]
        more = re.match(r"\n\.\.\. (\d+) more rows", part[sum(len(line) + 1 for line in shown) :])
        rows = [tuple(cell.strip() for cell in line[1:-1].split("|")) for line in shown]
        found.append((rows, int(more[1]) if more else 0))
    return found


def told(table: Table) -> list[tuple[str, ...]]:
    """Rows of a table of the demo; an empty first cell repeats the one above."""
    rows: list[tuple[str, ...]] = []
    for first, *rest in zip(*(column.cells for column in table.columns), strict=True):
        rows.append((str(first) or rows[-1][0], *map(str, rest)))
    return rows


def anchors(text: str) -> set[str]:
    """Where links into a page may point: its headings, as Markdown renderers name them."""
    headings = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^\w -]", "", name).lower().replace(" ", "-") for name in headings}


def test_every_command_and_option_is_in_the_readme() -> None:
    """
    A row of the table of commands names the command with all its options.
    """
    for name, command in get_group(app).commands.items():
        (row,) = re.findall(rf"^\| `goldenthread {name}[ `].*$", README, re.MULTILINE)
        options = {option for parameter in command.params for option in parameter.opts}

        assert set(re.findall(r"--[a-z][a-z-]*", row.split("|")[1])) == options - {
            "--help",
            "path",
            "text",
        }


@pytest.mark.parametrize("page", [README, DOCS["operations.md"]], ids=["readme", "operations"])
def test_every_setting_is_told_with_its_default(page: str) -> None:
    """
    Both tables of settings name each environment variable, and no other, and what it is if not set.
    """
    section = re.split(r"^## ", page.partition("## Settings")[2], flags=re.MULTILINE)[0]
    rows = re.findall(r"^\| `([A-Z0-9_]+)` \|.*\| (.+) \|$", section, re.MULTILINE)
    plain = {
        name.upper(): f"`{field.default}`"
        for name, field in Settings.model_fields.items()
        if isinstance(field.default, str | int)
    }

    assert sorted(name.upper() for name in Settings.model_fields) == sorted(dict(rows))
    assert len(rows) == len(dict(rows))
    assert plain == {name: told for name, told in rows if name in plain}


def test_every_root_field_code_and_address_is_described() -> None:
    """
    Root fields, error codes and HTTP addresses stand in docs/asking.md or in the dictionary.
    """
    query = schema()._schema.query_type
    assert query
    addresses = [route.path for route in create_app(Address("bolt://unused", "", "")).routes]
    names = [*query.fields, *CODES, *addresses]

    told = DOCS["asking.md"] + DOCS["dictionary.md"]

    assert [] == [name for name in names if f"`{name}`" not in told]


def test_every_root_field_has_an_example() -> None:
    """
    Each root field that is not one of a kind's pair is asked in an example of a page on asking.
    """
    query = schema()._schema.query_type
    assert query
    pages = ("asking", "audit.md")
    asked = "\n".join(text for name, text in EXAMPLES.items() if name.startswith(pages))
    pairs = {camel(name) for kind in ONTOLOGY.entities for name in (kind.word, kind.table)}
    own = query.fields.keys() - pairs
    missing = [name for name in own if not re.search(rf"^  (\w+: )?{name}\b", asked, re.M)]

    assert "lineage" in own
    assert [] == missing


@pytest.mark.parametrize("name", DOCS)
def test_graphql_in_the_docs_is_whole(name: str) -> None:
    """
    Only the README shortens a question; a block elsewhere can be copied and asked.
    """
    assert [] == [block for block in blocks(DOCS[name], "graphql") if not parses(block)]


@pytest.mark.parametrize("name", EXAMPLES)
async def test_an_example_of_the_documents_answers(name: str, bank: Store) -> None:
    """
    Each example is valid, and the sample bank answers it without an error or an empty root field.
    """
    tree = parse(EXAMPLES[name])
    assert [] == validate(schema()._schema, tree)
    if any(part.operation is OperationType.SUBSCRIPTION for part in operations(tree)):
        return

    data = await answer(bank, EXAMPLES[name])

    assert {} == {alias: value for alias, value in data.items() if value in (None, [])}


@pytest.mark.parametrize("name", TABLES)
def test_the_readme_shows_lines_of_the_question_that_stands_in_seed(name: str) -> None:
    """
    What the README shows of a question is a part of its file, word for word.
    """
    _, _, after = README.partition(f"(seed/questions/{name}.graphql)")
    shown = blocks(after, "graphql")[0]

    assert shown in (QUESTIONS / f"{name}.graphql").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", TABLES)
async def test_the_readme_shows_answers_that_the_demo_gives(name: str, bank: Store) -> None:
    """
    Every row of an answer in the README is one of the demo, and the rows left out are counted.
    """
    data = await answer(bank, (QUESTIONS / f"{name}.graphql").read_text(encoding="utf-8"))
    given = [told(table) for table in TABLES[name](data)]
    shown = answers(name)

    assert shown
    for (rows, more), whole in zip(shown, given, strict=False):
        assert [] == [row for row in rows if row not in whole]
        assert len(whole) == len(rows) + more


def test_the_dictionary_is_the_one_that_the_declarations_give() -> None:
    """
    docs/dictionary.md is written by `make docs`, and nobody forgot to.
    """
    assert dictionary(ONTOLOGY) == DOCS["dictionary.md"]


def test_the_example_of_a_new_kind_works(tmp_path: Path) -> None:
    """
    The classes in docs/architecture.md give the tables and root fields that it promises.
    """
    (text,) = blocks(DOCS["architecture.md"], "python")
    file = tmp_path / "shown_in_the_docs.py"
    imports = (
        "from typing import Annotated\n"
        "from graph.ontology.measures import Kpi\n"
        "from graph.ontology.terms import Access\n"
        "from graph.ontology.vocabulary import Entity, Link, Unit\n"
    )
    file.write_text(f"{imports}\n\n{text}", encoding="utf-8")
    spec = spec_from_file_location(file.stem, file)
    assert spec and spec.loader
    module = sys.modules[file.stem] = module_from_spec(spec)
    spec.loader.exec_module(module)

    extended = Ontology(
        [*ONTOLOGY.kinds.values(), module.Training],
        [*ONTOLOGY.links.values(), module.Trains],
    )
    core = build(extended)._schema
    assert core.query_type

    assert {"trainings", "trains"} == {module.Training.table, module.Trains.table}
    assert {"training", "trainings"} <= core.query_type.fields.keys()
    assert "trainings" in core.type_map["Kpi"].fields
    assert "### Training" in dictionary(extended)


async def test_refused_rows_read_as_the_docs_show(tmp_path: Path, bank: Store) -> None:
    """
    The message in docs/loading.md is what a load says of such rows.
    """
    (tmp_path / "kpis.csv").write_text(
        "key,name,perspective,status,valid_from\n"
        "wait_days,Wait for an appointment,customer,ACTIV,2025-01-01\n"
        "no_show,,customer,ACTIVE,2025-13-01\n"
    )
    (tmp_path / "measured_by.csv").write_text(
        "source,target,weight\n"
        "objective:loyal_customers,kpi:churn,0.7\n"
        "objective:loyal_customers,kpi:nps,0.3\n"
        "objective:loyal_customers,kpi:engagement,1.5\n"
    )

    with pytest.raises(RowsRefused) as refused:
        await load(bank, tmp_path, Actor("tester"))

    assert f"goldenthread: {refused.value}\n" in blocks(DOCS["loading.md"], "text")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_links_of_the_documents_lead_somewhere(page: Path) -> None:
    """
    A link into the repository names a file that is there, and a heading that is in it.
    """
    links = re.findall(r"\]\((?!https?:)([^)\s]+)\)", page.read_text(encoding="utf-8"))
    lost = []
    for link in links:
        name, _, anchor = link.partition("#")
        target = page.parent / name if name else page
        if not target.exists() or (anchor and anchor not in anchors(target.read_text())):
            lost.append(link)

    assert [] == lost


def test_no_file_names_a_registry_or_a_machine() -> None:
    """
    Nothing committed depends on where packages come from or on whose machine it was written.
    """
    hosts = "|".join(
        rf"{name}\.{end}" for name, ends in REGISTRIES.items() for end in map(re.escape, ends)
    )
    paths = "|".join(rf"(?<![\w.~}}])/{place}/" for place in MACHINE)
    wrong = re.compile(f"({hosts}|{paths})")
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.splitlines()
    files = [file for name in listed if (file := ROOT / name).is_file()]
    found = [
        f"{file.relative_to(ROOT)}: {match[0]}"
        for file in files
        for match in wrong.finditer(file.read_text(encoding="utf-8", errors="replace"))
    ]

    assert len(files) > 100
    assert [] == found
