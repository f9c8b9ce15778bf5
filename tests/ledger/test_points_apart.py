"""Services never read points: nothing but points, the mall and their own doors names them."""

import ast
import re
from pathlib import Path

import pytest
from django.apps import apps

SRC = Path(__file__).parents[2] / "src" / "gongzhi"
# Who may know of points: they themselves, what redeems and pays for them, what awards them, their
# pages, what loads the demonstration and the list of installed parts.
KNOW = (
    "ledger/", "mall/", "reactions/awarded.py", "reactions/points/", "reactions/tovote.py",
    "web/points/", "web/mall/", "web/log/receipts.py", "web/ledger/", "web/templates/points/",
    "web/templates/mall/",
    "web/templates/ledger/", "cli/demo_data/", "cli/demo.py", "cli/ledger.py",
    "cli/ledger_open.py", "config/settings.py",
    "research/cases.py",  # totals of a town beside its source, no service and no person
)  # fmt: skip
SERVICES = ("people", "places", "matters", "organizations", "publications", "surveys",
            "deliberation", "channels", "playbooks", "log", "core", "research", "services",
            "api")  # fmt: skip
OTHER = [
    path for path in sorted(SRC.rglob("*"))
    if path.suffix in (".py", ".sql", ".html", ".toml")
    and not str(path.relative_to(SRC)).startswith(KNOW)
]  # fmt: skip
TABLES = re.compile(r"\b(" + "|".join(
    model._meta.db_table for label in ("points", "ledger")
    for model in apps.get_app_config(label).get_models()
) + r")\b")  # fmt: skip


def imported(path: Path) -> set[str]:
    """The modules a file imports, wherever in it."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found |= {name.name for name in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module} | {f"{node.module}.{name.name}" for name in node.names}
    return found


def test_the_list_of_files_is_that_of_all_services() -> None:
    assert len(OTHER) > 500
    areas = {path.relative_to(SRC).parts[0] for path in OTHER}
    assert areas >= {area for area in SERVICES if (SRC / area).exists()}
    assert {"points_holder", "points_claim", "points_service", "ledger_account"} <= set(
        TABLES.pattern[3:-3].split("|")
    )


@pytest.mark.parametrize("area", SERVICES)
def test_no_service_imports_points_or_names_their_tables(area: str) -> None:
    for path in OTHER:
        if path.relative_to(SRC).parts[0] != area:
            continue
        assert not TABLES.search(path.read_text("utf-8")), path
        if path.suffix == ".py":
            assert not [m for m in imported(path) if m.startswith("gongzhi.ledger")], path


def test_no_other_door_or_reaction_reads_a_table_of_points() -> None:
    for path in OTHER:
        if path.suffix == ".py":
            assert not TABLES.search(path.read_text("utf-8")), path
            assert not [m for m in imported(path) if m.startswith("gongzhi.ledger.points")], path


@pytest.mark.parametrize("folder", ["ledger/points", "web/points", "web/templates/points"])
def test_nobody_is_put_in_order_by_points(folder: str) -> None:
    order = re.compile(r"order by[^\"']*\b(points|balance|minutes|used|amount)\b", re.IGNORECASE)
    words = re.compile(r"(rank\(|row_number|dense_rank|sort\(attribute=.(points|balance))")
    for path in (SRC / folder).rglob("*"):
        if path.suffix in (".py", ".html"):
            text = path.read_text("utf-8")
            assert not order.search(text), path
            assert not words.search(text), path
