"""The house keeps its shape: who may import whom, what never appears, and that the README's map is true."""

import ast
import re
from collections import Counter
from pathlib import Path

import pytest

import cs_models as cs

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")

# The core from the ground up: a part may import its own layer and those above it in this table, never below.
# The README shows the same lines.
LAYERS = (
    ("problems", "disk", "glossary", "notes", "locales", "sums", "discreet", "words", "explanations", "cautions", "small_groups", "gates", "kept_property"),
    ("definitions", "readers", "import_report", "column_codes", "subscriptions", "mapping_memory"),
    ("importers", "dataset_files", "kept_counts", "ownership", "store", "places", "copied", "apart"),
    ("recognition", "grain", "last_day", "late_ends", "export_day", "recount", "reading", "reading_typed", "reading_apart",
     "as_they_were"),
    ("engine", "life_table", "observed", "triangle", "movements", "metrics_by_month", "metrics_today", "expansion",
     "restricted", "causes", "same_pace", "cohorts", "revenue", "earned", "growth", "counts", "warehouse", "sizing", "notice"),
    ("retention", "hazard_fit", "drivers", "event_cells", "price_moves", "annual_or_monthly",
     "health_model", "health", "health_check", "renewals"),
    ("type_tables", "group", "staying", "won_back", "flows", "exponential_sums", "present_values", "mixing", "levers", "events", "event_words"),
    ("assumptions", "fits", "from_data", "cells"),
    ("intake", "valuation", "newcomers"),
    ("kinds_of_churn", "migration", "reconciliation", "import_effect", "concentration", "paybacks", "unit_economics", "four_groups", "calls", "customer_columns", "customer_list"),
    ("scenario", "uncertainty", "bridge", "headline", "reactivation",
     "prediction", "hindsight", "backtest", "model_range", "other_models", "dials", "doubts"),
    ("comparison", "methods", "old_prices", "thresholds", "portfolio_view", "two_way", "priorities", "story", "experiment", "beliefs",
     "saved", "claims", "channel_economics", "playbook", "side_by_side",
     "outcome", "shelf"),
    ("exports",),
)
LAYER = {part: depth for depth, parts in enumerate(LAYERS) for part in parts}
NEVER = (   # closer than layers: part, what it must not import, why
    ("valuation", ("levers.",), "valuation knows that levers exist, never which"),
    ("charts", tuple(f"{low}." for low in LAYER if low not in LAYERS[0]), "charts take tables"),
    ("importers", ("engine.", "store."), "an importer builds rows and counts nothing"),
    ("engine", ("retention.", "readers.", "importers."), "the engine counts rows of any origin"),
    ("levers", ("assumptions.", "valuation.", "scenario."), "a lever sees groups only"),
)
ALLOWED = {("valuation", "levers.base.")}

PUBLIC = """read ImportProblem life_table life_table_from_durations life_table_from_survival kaplan_meier fit
Assumptions value Scenario AnnualBilling PriceIncrease Grandfathering ChurnReduction compare interval
hazard_ratios cohort_triangle levers""".split()

OUTSIDE = ("app", "server", "pages", "sample_data", "tests", "scripts", "benchmarks")   # of the core

LONGEST, LONGEST_TEST = 300, 600   # a test file is a list of cases
LONGER = {}   # path -> reason, for a file that is really one subject

HIDDEN = re.compile(r"(^|/)(\.(?!ci|streamlit|git\w)[^/]*|__pycache__|build|dist|.+-results|.+egg-info)(/|$)")


def files(*patterns: str) -> list[Path]:
    """Files of the tree that match, generated and hidden folders left out."""
    found = {path for pattern in patterns for path in ROOT.glob(pattern) if path.is_file()}
    return sorted(path for path in found if not HIDDEN.search(name(path)))


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


CORE = files("cs_models/**/*.py")
PRODUCT = CORE + files("app.py", "server/*.py", "pages/**/*.py")
PYTHON = PRODUCT + files("tests/**/*.py", "sample_data/**/*.py", "scripts/**/*.py", "benchmarks/**/*.py")


def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), filename=name(path))


def imports(path: Path) -> list[str]:
    """Dotted names a file imports, inside functions too; `from a import b` counts as a.b."""
    package, found = list(path.relative_to(ROOT).parts[:-1]), []
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            found += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            up = package[: len(package) - node.level + 1] if node.level else []
            module = ".".join([*up, *([node.module] if node.module else [])])
            found += [f"{module}.{alias.name}" for alias in node.names]
    return found


def dotted(node: ast.AST) -> str:
    """datetime.date.today for the expression, "" when it is not a plain chain of names."""
    if isinstance(node, ast.Attribute):
        return f"{dotted(node.value)}.{node.attr}"
    return node.id if isinstance(node, ast.Name) else ""


def part(path: Path) -> str:
    return path.relative_to(ROOT / "cs_models").parts[0].removesuffix(".py")


def test_the_tree_was_found():
    assert len(CORE) > 20 and len(PRODUCT) > len(CORE)


def test_no_script_lies_directly_in_pages():
    assert not [name(p) for p in files("pages/*.py")], "it could be opened without app.py: use pages/<name>/"


def test_the_core_knows_no_web_page():
    assert not [(name(p), i) for p in CORE for i in imports(p) if i.split(".")[0] in ("streamlit", *OUTSIDE)]


CLOCK = re.compile(r"(date|datetime|Timestamp)\.(today|now|utcnow)$|^time\.(time|time_ns|localtime|gmtime)$")
CLOCK_SQL = re.compile(r"\b(current_date|(get_)?current_timestamp|localtimestamp|now\s*\(|today\s*\()", re.I)


def test_the_core_reads_no_clock():
    wrong = []
    for path in CORE:
        module = tree(path)
        for node in ast.walk(module):
            if isinstance(node, ast.Attribute) and CLOCK.search(dotted(node)):
                wrong.append((name(path), node.lineno, dotted(node)))
        for node in strings(module):
            if CLOCK_SQL.search(node.value):
                wrong.append((name(path), node.lineno, "the clock of the query engine"))
        wrong += [(name(path), i) for i in imports(path) if i in ("time.time", "time.time_ns")]
    assert not wrong, "the clock enters the core as as_of"


def strings(module: ast.Module) -> list[ast.Constant]:
    """Text constants that are not docstrings."""
    docs = {id(node.body[0].value) for node in ast.walk(module)
            if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef)) and node.body
            and isinstance(node.body[0], ast.Expr)}
    return [node for node in ast.walk(module)
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docs]


def test_chance_has_a_seed():
    wrong = []
    for path in PYTHON:
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.Call) and dotted(node.func).endswith("default_rng") and not node.args:
                wrong.append((name(path), node.lineno))
            if re.match(r"(np|numpy)\.random\.(?!default_rng|Generator|SeedSequence)", dotted(node)):
                wrong.append((name(path), node.lineno, dotted(node)))
    assert not wrong


def test_every_part_of_the_core_has_a_layer():
    new = {part(path) for path in CORE} - {"__init__", "charts"} - set(LAYER)
    assert not new, "give these a layer here and in the README"


def test_the_core_imports_upwards_only():
    wrong = []
    for path in CORE:
        mine = part(path)
        for target in imports(path):
            if mine not in LAYER or not target.startswith("cs_models."):
                continue
            theirs = target.split(".")[1]
            drawn = theirs == "charts" and mine != "exports"  # only files hold charts
            if drawn or LAYER.get(theirs, -1) > LAYER[mine]:
                wrong.append(f"{name(path)} imports {theirs}")
    assert not wrong


@pytest.mark.parametrize("mine, banned, why", NEVER, ids=[row[0] for row in NEVER])
def test_closer_rules_between_parts(mine, banned, why):
    wrong = []
    for path in CORE:
        if part(path) != mine:
            continue
        for target in imports(path):
            inside = target.removeprefix("cs_models.") + "."
            spared = any(mine == m and inside.startswith(prefix) for m, prefix in ALLOWED)
            if target.startswith("cs_models.") and inside.startswith(banned) and not spared:
                wrong.append(f"{name(path)} imports {target}")
    assert not wrong, why


def test_pages_import_downwards_only():
    """app -> pages -> pages/shared -> cs_models; a page does not know another page."""
    wrong = []
    for path in files("pages/**/*.py"):
        mine = path.relative_to(ROOT).parts[1]
        for target in imports(path):
            steps = target.split(".")
            if steps[0] in OUTSIDE and steps[:2] not in (["pages", "shared"], ["pages", mine]):
                wrong.append(f"{name(path)} imports {target}")
    assert not wrong


def test_session_and_address_are_touched_in_one_place():
    wrong = [(name(p), node.lineno) for p in PRODUCT
             if name(p) not in ("pages/shared/session.py", "pages/shared/address_bar.py")
             for node in ast.walk(tree(p))
             if isinstance(node, ast.Attribute) and node.attr in ("session_state", "query_params")]
    assert not wrong, "use pages/shared/session.py; the address is written by address_bar.py"


def test_a_part_drawn_alone_asks_first_whether_its_data_are_still_open():
    """A fragment goes on with the data it was given: also after their owner took them back."""
    found, wrong = 0, []
    for path in files("pages/**/*.py"):
        for node in ast.walk(tree(path)):
            marks = [ast.unparse(mark) for mark in getattr(node, "decorator_list", ())]
            if any(mark.startswith("st.fragment") and "run_every" not in mark for mark in marks):
                found += 1
                body = node.body[1:] if ast.get_docstring(node) else node.body
                if ast.unparse(body[0]) != "session.redraw_if_not(data)":
                    wrong.append(f"{name(path)}:{node.name}")
    assert found and not wrong


def test_public_names_of_the_notebook():
    assert not [word for word in PUBLIC if not hasattr(cs, word)]
    for cls, names in ((cs.Assumptions, ("from_data", "flat")), (cs.Scenario, ("to_json", "from_json"))):
        assert not [word for word in names if not hasattr(cls, word)]


@pytest.mark.parametrize("listing", ("requirements.txt", "requirements-test.txt"))
def test_every_pin_has_a_hash(listing):
    text = (ROOT / listing).read_text(encoding="utf-8")
    entries = re.split(r"\n(?=[A-Za-z0-9])", re.sub(r"(?m)^\s*#.*\n?", "", text).strip())
    assert len(entries) > 20
    pinned = re.compile(r"[\w.\-\[\]]+==\S+[^\n]*\n\s+--hash=sha256:[0-9a-f]{64}")
    assert not [entry.split()[0] for entry in entries if not pinned.match(entry)]
    assert "://" not in text, "no index address belongs into a lock file"


MACHINE = re.compile(r"(?<![\w./~-])/(?:home|root|Users|work|farm|private|mnt|media)/\w")
INDEX = re.compile(r"(?:index-url|find-links|extra-index|trusted-host)(?!\s*\\?$)", re.I)


def test_no_path_of_one_machine():
    wrong = []
    for path in files("*", ".ci/*", ".streamlit/*", *(f"**/*.{end}" for end in ("py", "json", "md", "sh"))):
        if path.suffix in (".png", ".csv") or path == Path(__file__):
            continue
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            if MACHINE.search(line) or INDEX.search(line.replace("--no-emit-index-url", "")):
                wrong.append((name(path), number, line.strip()[:80]))
    assert not wrong


def test_files_of_tests_bear_different_names():
    """Two of one name cannot be collected in one run."""
    names = Counter(path.name for path in (ROOT / "tests").rglob("test_*.py"))
    assert not [name for name, times in names.items() if times > 1]


def test_files_stay_small():
    lines = {name(p): len(p.read_text(encoding="utf-8").splitlines()) for p in PYTHON}
    long = {p: n for p, n in lines.items() if n > (LONGEST_TEST if p.startswith("tests/") else LONGEST)}
    assert not {p: n for p, n in long.items() if p not in LONGER}, "split it when its second subject appears"
    assert not set(LONGER) - set(long), "the exception is no longer needed"


def block(start: str) -> list[str]:
    """The lines of the README's code block whose first line begins like this."""
    found = re.search(rf"```\w*\n({re.escape(start)}.*?)```", README, re.S)
    assert found, f"the README has no block that begins with {start!r}"
    return found.group(1).rstrip().splitlines()


def test_readme_shows_the_layers():
    shown = [tuple(line.split()[1:]) for line in block("1  problems")]
    assert shown == list(LAYERS)


def test_readme_names_every_part_that_exists():
    words = set(re.findall(r"[\w.\-]+", "\n".join(block("app.py"))))
    exist = {p.name for p in files("cs_models/*.py", "server/*.py") if p.name != "__init__.py"}
    exist |= {p.parent.name for p in files("cs_models/*/__init__.py", "pages/*/page.py")}
    exist |= {p.name for p in files("*.py", "Makefile", "pyproject.toml", "requirements*.txt")}
    exist |= {p.parts[len(ROOT.parts)] for p in files("*/**/*") if p.parts[len(ROOT.parts)][0] != "."}
    assert not exist - words, "the README's tree misses these"


def test_readme_names_nothing_that_is_gone():
    named, parent = [], ""
    for line in block("app.py"):
        path = line.split()[0]
        if not line.startswith(" "):
            parent = path
        named.append(path if path == parent else parent + path)
    assert not [path for path in named if not (ROOT / path).exists()]


def test_readme_links_lead_somewhere():
    links = re.findall(r"\]\((?!https?:|#)([^)\s]+)\)", README)
    assert links and not [link for link in links if not (ROOT / link.split("#")[0]).exists()]


def test_readme_lists_every_setting():
    texts = [path.read_text(encoding="utf-8") for path in PRODUCT]
    used = {word for text in texts for word in re.findall(r"PERENNIAL_[A-Z_]+", text)}
    assert used and not {word for word in used if f"`{word}`" not in README}


def test_nothing_of_the_app_uses_the_property_with_one_lock_for_all():
    """Python 3.11 is supported; from 3.12 on the two are the same."""
    for path in [path for part in ("cs_models", "pages", "server") for path in (ROOT / part).rglob("*.py")]:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [one.name for one in node.names] if isinstance(node, ast.ImportFrom) else [getattr(node, "attr", "")]
            assert "cached_property" not in names, path
