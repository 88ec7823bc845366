"""The import table of docs/architecture.md, read off the code."""

import ast
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PURE_CORE = {
    "marketplace.money",
    "marketplace.calendar",
    "marketplace.identifiers",
    "marketplace.codes",
    "marketplace.errors",
}
CORE = PURE_CORE | {
    "marketplace.attachments",
    "marketplace.audit",
    "marketplace.bulk_workflow",
    "marketplace.clock",
    "marketplace.config",
    "marketplace.db",
    "marketplace.exporting",
    "marketplace.numbering",
    "marketplace.outbox",
    "marketplace.permissions",
    "marketplace.relations",
    "marketplace.progress",
    "marketplace.workdays",
    "marketplace.workflow",
}
#: Features from left to right; services may import what stands to their left.
LADDER = [
    "notices",
    "accounts",
    "listings",
    "lexicon",
    "discovery",
    "matching",
    "pooling",
    "deals",
    "contracts",
    "subsidies",
    "portal",
]
#: Features whose services may import the search library.
SEARCHING = {"listings", "lexicon", "discovery", "matching", "pooling", "indexing", "importing"}
#: Parts of the web layer that forms and presenters use.
WEB = {
    "marketplace.web.forms",
    "marketplace.web.jinja",
    "marketplace.web.labels",
    "marketplace.web.regions",
    "marketplace.web.context",
    "marketplace.web.steps",
    "marketplace.web.icons",
}
COMPOSITION = {
    "marketplace.app",
    "marketplace.cli",
    "marketplace.development",
    "marketplace.features",
    "marketplace.tables",
    "marketplace.worker",
}


def modules() -> dict[str, Path]:
    """Every module of the product by dotted name."""
    found = {}
    for top in ("marketplace", "search"):
        for path in sorted((ROOT / top).rglob("*.py")):
            if "versions" in path.parts:
                continue
            parts = path.relative_to(ROOT).with_suffix("").parts
            found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


MODULES = modules()


def imports_of(name: str) -> set[str]:
    """The modules a module imports, of the product by their own name and of others by their first part."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(MODULES[name].read_text())):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{name}: imports by full name, please"
            for alias in node.names:
                full = f"{node.module}.{alias.name}"
                found.add(full if full in MODULES else node.module)
    ours = {i for i in found if i.split(".")[0] in ("marketplace", "search")}
    return ours | {i.split(".")[0] for i in found - ours}


def feature_of(name: str) -> str | None:
    parts = name.split(".")
    return parts[1] if len(parts) > 2 and parts[0] == "marketplace" else None


#: Sub-packages of features that outgrew their files; inside, the file names are the same.
SUB_PACKAGES = {"marketplace.discovery.saved"}


def role_of(name: str) -> str:
    """services, views, forms, … : the second level inside a feature, the third inside a sub-package."""
    parts = name.split(".")
    place = 3 if ".".join(parts[:3]) in SUB_PACKAGES else 2
    return parts[place] if len(parts) > place else ""


@pytest.mark.parametrize("name", [n for n in MODULES if n.split(".")[0] == "search"])
def test_search_is_a_library(name):
    allowed = {"rjieba", "opencc", "orjson", "pypinyin", "pint", "numpy", "yaml"}
    if name.startswith("search.embedded"):
        allowed.add("tantivy")
    if name.startswith("search.elastic"):
        allowed.add("elasticsearch")
    outside = {i for i in imports_of(name) if not i.startswith("search")}
    foreign = {i for i in outside if i not in sys.stdlib_module_names} - allowed
    assert not foreign, f"{name} imports {foreign}"


@pytest.mark.parametrize("name", [n for n in MODULES if n.startswith("marketplace.policy")])
def test_policy_is_pure(name):
    allowed = {"yaml", "cn2an", "stdnum", "phonenumbers"}
    for imported in imports_of(name):
        pure = imported in PURE_CORE or imported.startswith("marketplace.policy")
        assert pure or imported in sys.stdlib_module_names or imported in allowed, (
            f"{name} imports {imported}"
        )


@pytest.mark.parametrize("name", sorted(CORE & MODULES.keys()))
def test_core_knows_no_feature(name):
    for imported in imports_of(name):
        if imported.startswith("marketplace."):
            assert imported in CORE or imported == "marketplace", f"{name} imports {imported}"


@pytest.mark.parametrize(
    "name",
    [
        n
        for n in MODULES
        if role_of(n)
        in ("views", "draft_views", "freshness_views", "identity_views", "organisation_views", "development")
    ],
)
def test_views_stay_at_the_door(name):
    for imported in imports_of(name):
        assert not imported.startswith("search"), f"{name} imports {imported}"
        assert imported != "sqlalchemy", f"{name} imports {imported}"
        assert role_of(imported) != "models", f"{name} imports {imported}"
        assert imported != "marketplace.db", f"{name} imports {imported}"


@pytest.mark.parametrize("name", [n for n in MODULES if role_of(n) == "services" and feature_of(n) in LADDER])
def test_services_import_only_what_stands_to_their_left(name):
    own = feature_of(name)
    for imported in imports_of(name):
        other = feature_of(imported)
        if imported.startswith("search"):
            assert own in SEARCHING, f"{name} imports {imported}"
        if other in LADDER and other != own:
            assert LADDER.index(other) < LADDER.index(own), f"{name} imports {imported} on its right"
        assert imported not in ("flask", "flask_login", "flask_babel"), f"{name} imports {imported}"
        assert role_of(imported) not in ("views", "forms", "presenters"), f"{name} imports {imported}"


@pytest.mark.parametrize("name", [n for n in MODULES if role_of(n) == "models"])
def test_models_know_their_own(name):
    allowed = {"db", "clock", "codes", "money", "permissions"}
    for imported in imports_of(name):
        if not imported.startswith("marketplace.") or feature_of(imported) == feature_of(name):
            continue
        if role_of(imported) == "models":
            continue
        assert imported.split(".")[1] in allowed, f"{name} imports {imported}"


def test_nothing_imports_the_composition_root():
    # Alembic's environment needs the whole schema.
    for name in MODULES.keys() - COMPOSITION - {"marketplace.migrations.env"}:
        assert not imports_of(name) & COMPOSITION, f"{name} imports {imports_of(name) & COMPOSITION}"


def test_only_the_transaction_modules_commit():
    allowed = {"marketplace.web.transaction", "marketplace.notices.delivery", "marketplace.migrations.env"}
    for name, path in MODULES.items():
        for node in ast.walk(ast.parse(path.read_text())):
            commits = (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Attribute)
                and node.func.attr == "commit"
                and name.startswith("marketplace")
            )
            assert not commits or name in allowed, f"{name}:{node.lineno} commits"


def test_states_change_only_in_the_workflow():
    """No bare `record.state = …` outside workflow.apply for records with a state table."""
    machines = {"listing", "revision", "organisation"}
    for name, path in MODULES.items():
        if name == "marketplace.workflow":
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            if not isinstance(node, ast.Assign):
                continue
            for target in node.targets:
                bare = (
                    isinstance(target, ast.Attribute)
                    and target.attr == "state"
                    and isinstance(target.value, ast.Name)
                    and target.value.id in machines
                )
                assert not bare, f"{name}:{node.lineno} sets a state by hand"


def test_every_layer_is_listed():
    features = {feature_of(name) for name in MODULES} - {None}
    assert features <= set(LADDER) | {"web", "policy", "indexing", "migrations", "importing"}
