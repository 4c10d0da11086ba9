"""What no line of the product may do: run what a user typed, keep tables as keys of a cache, start a process.

Each rule reads the syntax tree of a file and gives the lines that break it. Every rule is shown to catch a planted
line, and to leave alone one that is like it and harmless.
"""

import ast
import re
from pathlib import Path

import pytest

from tests.test_house import PRODUCT, ROOT, dotted, name

CLOSED = ("pickle", "cloudpickle", "dill", "joblib", "marshal", "shelve")
STARTS = re.compile(r"(subprocess|multiprocessing|concurrent\.futures\.process|pty)(\.|$)")
STARTING = re.compile(r"os\.(system|popen|exec\w+|spawn\w+|posix_spawn\w*|fork\w*|startfile)$")
MAY_START = {
    "cs_models/apart.py": "what somebody brought is worked on by a process of its own, with limits",
    "cs_models/copied.py": "that process, and its copies",
    "cs_models/readers/container.py": "archives and workbooks are opened by a process with limits",
}
MAY_SHOW_HTML = {"pages/shared/layout.py": "the one block of CSS, a constant"}
# text that an engine, a formula reader or the browser runs
RUN_BY_OTHERS = re.compile(
    r"(^|\.)(execute|executemany|executescript|exec_driver_sql|sql|query|eval|read_sql\w*|from_formula|dmatri\w+|"
    r"transform_filter|transform_calculate|ExprRef|expr)$"
)
RUN_AS = re.compile(r"(formula|labelExpr|expr|test|filter|calculate)$")
BUILDS_SQL = ("cs_models/engine/", "cs_models/counts/", "cs_models/warehouse/", "cs_models/importers/parquet_rows.py",
              "cs_models/importers/typed_periods.py", "cs_models/importers/typed_rows.py")  # fmt: skip
LIKE_SQL = re.compile(r"\b(SELECT\b.*\bFROM|INSERT INTO|DELETE FROM|UPDATE \w+ SET|CREATE (TEMP |OR )?\w+|ATTACH|COPY \()",
                      re.S)  # fmt: skip
CHECKED = {   # put into such a text from outside its file: why it cannot do harm
    ("cs_models/importers/parquet_rows.py", "path"): "a path of ours; one with a quote or a pattern is refused before",
    ("cs_models/charts/attribution.py", "wide"): "a comparison with a width",
}
SIZE = "scale"   # how large a chart is drawn: a number
PLAIN = {"str", "int", "float", "bool", "date", "tuple[str, ...]", "str | None", "int | None", "float | None"}


def calls(tree: ast.Module) -> list[ast.Call]:
    return [node for node in ast.walk(tree) if isinstance(node, ast.Call)]


def nothing_is_unpickled(tree: ast.Module, where: str) -> list:
    """Modules and functions that make code of bytes."""
    wrong = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            wrong += [(node.lineno, alias.name) for alias in node.names if alias.name.split(".")[0] in CLOSED]
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] in CLOSED:
            wrong.append((node.lineno, node.module))
        if isinstance(node, ast.Attribute) and node.attr in ("read_pickle", "to_pickle"):
            wrong.append((node.lineno, node.attr))
        if isinstance(node, ast.keyword) and node.arg == "allow_pickle":
            wrong.append((node.value.lineno, node.arg))
    return wrong


def nothing_is_evaluated(tree: ast.Module, where: str) -> list:
    wrong = [(node.lineno, node.func.id) for node in calls(tree)
             if isinstance(node.func, ast.Name) and node.func.id in ("eval", "exec", "compile", "__import__")]  # fmt: skip
    return wrong + [(node.lineno, "eval") for node in ast.walk(tree)
                    if isinstance(node, ast.Attribute) and node.attr == "eval"]  # fmt: skip


def nothing_is_live_html(tree: ast.Module, where: str) -> list:
    wrong = [(node.value.lineno, node.arg) for node in ast.walk(tree)
             if isinstance(node, ast.keyword) and re.match("unsafe_allow_", node.arg or "")]  # fmt: skip
    for node in calls(tree):
        said = dotted(node.func)
        constant = len(node.args) == 1 and isinstance(node.args[0], ast.Name) and node.args[0].id.isupper()
        if said in ("st.html", "components.html", "components.iframe", "st.iframe") or said.endswith("v1.html"):
            if where not in MAY_SHOW_HTML or not constant:
                wrong.append((node.lineno, said))
    return wrong


def no_process_is_started(tree: ast.Module, where: str) -> list:
    if where in MAY_START:
        return []
    wrong = []
    for node in ast.walk(tree):
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        if isinstance(node, ast.ImportFrom):
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        wrong += [(node.lineno, one) for one in names if STARTS.match(one)]
        if isinstance(node, ast.Attribute) and STARTING.match(dotted(node)):
            wrong.append((node.lineno, dotted(node)))
    return wrong


def caches_have_plain_keys(tree: ast.Module, where: str) -> list:
    """A frame or a dataclass as key has served one person another's numbers. "_name" is no part of a key: only where
    the cache is one person's own.
    """
    wrong = [(node.lineno, "cache_data") for node in ast.walk(tree)
             if isinstance(node, ast.Attribute) and node.attr == "cache_data"]  # fmt: skip
    for node in ast.walk(tree):
        marks = node.decorator_list if isinstance(node, ast.FunctionDef) else []
        said = [ast.unparse(mark) for mark in marks]
        if not any(one.startswith("st.cache_") or where.startswith("pages/") and one.startswith("kept") for one in said):
            continue
        for given in node.args.args + node.args.kwonlyargs:
            kind = ast.unparse(given.annotation) if given.annotation else "nothing"
            own = given.arg.startswith("_") and any("scope='session'" in ast.unparse(mark) for mark in marks)
            if not own and (given.arg.startswith("_") or kind not in PLAIN):
                wrong.append((node.lineno, f"{node.name}({given.arg}: {kind})"))
    return wrong


def around(tree: ast.Module, node: ast.AST) -> list[ast.AST]:
    """The functions a place lies in, the innermost first, and the file."""
    inside = [one for one in ast.walk(tree) if isinstance(one, (ast.FunctionDef, ast.Lambda))
              and any(part is node for part in ast.walk(one))]  # fmt: skip
    return [*reversed(inside), tree]


def bindings(tree: ast.Module, node: ast.Name) -> list[ast.AST] | None:
    """What a name may stand for: assigned, looped over, or given by the calls of its function in this file.

    None where a function with that parameter is never called here: anybody may give it.
    """
    for scope in around(tree, node):
        if isinstance(scope, (ast.FunctionDef, ast.Lambda)) and node.id in [given.arg for given in scope.args.args]:
            return handed_over(tree, scope, node.id)
        found = [one.value for one in ast.walk(scope) if isinstance(one, ast.Assign)
                 and any(isinstance(target, ast.Name) and target.id == node.id for target in one.targets)]  # fmt: skip
        for one in ast.walk(scope):
            if isinstance(one, (ast.For, ast.comprehension)):
                found += looped(one.target, one.iter, node.id)
            elif isinstance(one, ast.Assign) and isinstance(one.targets[0], ast.Tuple):
                found += looped(one.targets[0], ast.Tuple([one.value]), node.id)
        if found:
            return found
    return None


def handed_over(tree: ast.Module, function: ast.AST, wanted: str) -> list[ast.AST] | None:
    at = [given.arg for given in function.args.args].index(wanted)
    given = [call for call in calls(tree) if dotted(call.func) == getattr(function, "name", "")]
    found = [word.value for call in given for word in call.keywords if word.arg == wanted]
    return (found + [call.args[at] for call in given if at < len(call.args)]) or None


def looped(target: ast.AST, over: ast.AST, wanted: str) -> list[ast.AST]:
    names = target.elts if isinstance(target, ast.Tuple) else [target]
    at = [number for number, one in enumerate(names) if isinstance(one, ast.Name) and one.id == wanted]
    if not at:
        return []
    rows = over.elts if isinstance(over, (ast.Tuple, ast.List)) else [over]
    return [row.elts[at[0]] if isinstance(target, ast.Tuple) and isinstance(row, ast.Tuple) else row for row in rows]


def written_here(node: ast.AST, tree: ast.Module, where: str, seen: tuple = ()) -> bool:
    """Whether every part of a text stands in this file, or is a constant of ours (UPPER_CASE)."""
    if isinstance(node, ast.Constant):
        return True
    if isinstance(node, (ast.Name, ast.Attribute)):
        last = dotted(node).split(".")[-1]
        if last.isupper() or last == SIZE or (where, last) in CHECKED:
            return True
        if id(node) in seen or not isinstance(node, ast.Name):
            return False
        stands_for = bindings(tree, node)
        return bool(stands_for) and all(written_here(one, tree, where, (*seen, id(node))) for one in stands_for)
    if isinstance(node, (ast.BinOp, ast.JoinedStr, ast.FormattedValue, ast.Tuple, ast.List, ast.IfExp, ast.Dict)):
        parts = [part for part in ast.iter_child_nodes(node) if isinstance(part, ast.expr)]
        return all(written_here(part, tree, where, seen) for part in parts)
    if isinstance(node, ast.GeneratorExp):
        return written_here(node.elt, tree, where, seen)
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):   # ", ".join(...), NAMES.values()
        known = node.func.attr in ("join", "items", "values")
        return known and all(written_here(one, tree, where, seen) for one in (node.func.value, *node.args))
    return False


def put_together(node: ast.AST) -> bool:
    """An f-string with values, a sum or % of texts, or .format()."""
    if isinstance(node, ast.JoinedStr):
        return any(isinstance(part, ast.FormattedValue) for part in node.values)
    formatted = isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "format"
    return formatted or isinstance(node, ast.BinOp) and isinstance(node.op, (ast.Add, ast.Mod))


def no_value_is_part_of_code(tree: ast.Module, where: str) -> list:
    """SQL, formulas, queries and chart expressions that hold a value from outside their own file.

    The engine puts SQL together out of many files; there test_safety_pages.py listens to what is asked. The warehouse
    puts names in quotes; test_warehouse.py has those that could leave them.
    """
    wrong = []
    if where.startswith(("cs_models/engine/", "cs_models/counts/", "cs_models/warehouse/")):
        return wrong
    for call in calls(tree):
        texts = [word.value for word in call.keywords if RUN_AS.search(word.arg or "")]
        if RUN_BY_OTHERS.search(dotted(call.func) or getattr(call.func, "attr", "")):
            texts += call.args
        for text in filter(put_together, texts):
            if ast.unparse(text) == "query.format(rows=self.rows)" and where in BUILDS_SQL:
                continue
            if not written_here(text, tree, where):
                wrong.append((text.lineno, ast.unparse(text)[:80]))
    return wrong


def sql_is_built_where_it_belongs(tree: ast.Module, where: str) -> list:
    """Only the engine puts SQL together; there the values are codes and numbers (see test_hostile_names)."""
    if where.startswith(BUILDS_SQL):
        return []
    return [(node.lineno, "SQL") for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) and put_together(node)
            and LIKE_SQL.search("".join(str(part.value) for part in node.values if isinstance(part, ast.Constant)))]  # fmt: skip


RULES = (nothing_is_unpickled, nothing_is_evaluated, nothing_is_live_html, no_process_is_started,
         caches_have_plain_keys, no_value_is_part_of_code, sql_is_built_where_it_belongs)  # fmt: skip
TREES = {name(path): ast.parse(path.read_text(encoding="utf-8")) for path in PRODUCT}


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_the_product_keeps_the_rule(rule):
    wrong = {where: found for where, tree in TREES.items() if (found := rule(tree, where))}
    assert not wrong, rule.__doc__


def test_every_exception_is_needed():
    for where, rule in [*((one, no_process_is_started) for one in MAY_START),
                        *((one, nothing_is_live_html) for one in MAY_SHOW_HTML)]:  # fmt: skip
        assert rule(TREES[where], "elsewhere.py"), f"{where} no longer needs its exception"
    for where, value in CHECKED:
        assert re.search(rf"\{{{value}\}}", (ROOT / where).read_text()), f"{where} no longer puts {value} anywhere"


PLANTED = [
    (nothing_is_unpickled, "import pickle", "import json"),
    (nothing_is_unpickled, "from joblib import load", "from json import load"),
    (nothing_is_unpickled, "np.load(path, allow_pickle=True)", "np.load(path)"),
    (nothing_is_unpickled, "pd.read_pickle(path)", "pd.read_json(path)"),
    (nothing_is_evaluated, "eval(text)", "ast.literal_eval_of(text)"),
    (nothing_is_evaluated, "exec(text)", "execute(text)"),
    (nothing_is_evaluated, "frame.eval(text)", "frame.evaluated"),
    (nothing_is_live_html, "st.markdown(text, unsafe_allow_html=True)", "st.markdown(text)"),
    (nothing_is_live_html, "st.html(name)", "st.text(name)"),
    (nothing_is_live_html, "components.html(name)", "components.text(name)"),
    (no_process_is_started, "import subprocess", "import threading"),
    (no_process_is_started, "from multiprocessing import Pool", "from threading import Thread"),
    (no_process_is_started, "os.system(text)", "os.getpid()"),
    (no_process_is_started, "os.execvp(a, b)", "os.fspath(a)"),
    (caches_have_plain_keys, "@st.cache_data\ndef f(data: str): ...", "def f(data: str): ..."),
    (caches_have_plain_keys, "@st.cache_resource\ndef f(frame: pd.DataFrame): ...",
     "@st.cache_resource\ndef f(data: str): ..."),
    (caches_have_plain_keys, "@st.cache_resource\ndef f(_frame: str): ...",
     "@st.cache_resource\ndef f(frame: str): ..."),
    (caches_have_plain_keys, "@st.cache_resource(ttl=3)\ndef f(frame): ...", "@other\ndef f(frame): ..."),
    (caches_have_plain_keys, "@kept(max_entries=3)\ndef f(frame: pd.DataFrame): ...", "@kept()\ndef f(data: str): ..."),
    (no_value_is_part_of_code, 'def f(who): c.execute(f"SELECT {who}")', "def f(who): c.execute('SELECT ?', [who])"),
    (no_value_is_part_of_code, "def f(who): c.sql('SELECT ' + who)", "c.sql('SELECT ' + COLUMNS)"),
    (no_value_is_part_of_code, "def f(who): c.sql('SELECT %s' % who)", "c.sql('SELECT 1')"),
    (no_value_is_part_of_code, "def f(who): c.sql('SELECT {}'.format(who))", "c.sql(text)"),
    (no_value_is_part_of_code, 'def f(who): frame.query(f"plan == {who}")', "frame.query('plan == 1')"),
    (no_value_is_part_of_code, 'def f(who): smf.logit(formula=f"y ~ {who}")', 'smf.logit(formula="y ~ c0")'),
    (no_value_is_part_of_code, "def f(who): b.transform_filter(f\"datum.plan == '{who}'\")",
     "def f(who): return b.transform_filter(f\"datum.part == '{who}'\")\nf('line')"),
    (no_value_is_part_of_code, 'def f(who): alt.Axis(labelExpr=f"x {who}")', 'alt.Axis(labelExpr=f"x {WIDTH}")'),
    (no_value_is_part_of_code, 'who, gap = name(), 3\nalt.ExprRef(f"{who} + {gap}")',
     'who, gap = f"width > {ROOM}", 3\nalt.ExprRef(f"{who} + {gap}")'),
    (no_value_is_part_of_code, 'for who in names():\n    b.transform_filter(f"{who} 1")',
     'for who in ("==", "!="):\n    b.transform_filter(f"datum.role {who} 1")'),
    (sql_is_built_where_it_belongs, 'text = f"SELECT {a} FROM {b}"', 'text = f"select {a} from the list {b}"'),
    (sql_is_built_where_it_belongs, 'text = f"ATTACH {a}"', 'text = f"{a} is attached"'),
]  # fmt: skip


@pytest.mark.parametrize("rule, bad, good", PLANTED, ids=[f"{rule.__name__}-{at}" for at, (rule, *_) in enumerate(PLANTED)])
def test_a_planted_line_is_caught_and_its_harmless_neighbour_is_not(rule, bad, good, tmp_path: Path):
    (tmp_path / "bad.py").write_text(bad)
    (tmp_path / "good.py").write_text(good)
    assert rule(ast.parse((tmp_path / "bad.py").read_text()), "pages/planted.py")
    assert not rule(ast.parse((tmp_path / "good.py").read_text()), "pages/planted.py")
