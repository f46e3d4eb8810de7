"""The source tree → the rules of the house, each with a message that says which file and what to do.

The tables below *are* the architecture; docs/architecture.md says it in words. Change a table only together with
docs/decisions.md.
"""

from __future__ import annotations

import ast
import statistics
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent

# Lower never imports higher; rooms on one floor do not import each other.
FLOORS = (
    ("shown", "problems", "records", "columns", "identity", "totals", "normal_form", "plain_answer", "no_day", "regular_files", "codes",
     "interruption", "slips", "simulator"),
    ("plugin", "yaml_tree", "own_files"),
    ("values",),
    ("registry", "template", "lookups", "documents", "ledger"),
    ("institution",),
    ("spec", "alma"),
    ("plan",),
    ("sinks",),
    ("run",),
    ("testing", "deadletters"),
    ("cli",),
    ("__init__", "__main__"),
)
SAME_FLOOR = {
    ("records", "problems"),  # a Rejected record carries its problems
    ("columns", "problems"),  # why these may not be the columns at all
    ("problems", "shown"),  # no problem carries a password
    ("plain_answer", "normal_form"),  # a word is read as it is seen
}

# One library, one door: the places (files, or folders ending in /) that may import a third-party library.
DOORS = {
    "babel": ["etl/values/"],
    "click": ["etl/cli/"],
    "fsspec": ["etl/run/inputs.py"],
    "urllib3": ["etl/alma/wire.py"],
    "hypothesis": ["etl/testing/"],
    "jinja2": ["etl/template/", "etl/plan/names.py", "etl/run/build.py"],
    "jsonschema": ["etl/documents/schema_check.py", "etl/testing/"],
    "lxml": ["etl/documents/parse_xml.py", "etl/alma/tree.py", "etl/simulator/", "connectors/formats/marcxml.py",
             "connectors/formats/marcxml_records.py"],
    "openpyxl": ["etl/deadletters/sheet.py"],
    "polars": ["etl/records.py", "etl/testing/", "connectors/formats/"],
    "pydantic": ["etl/plugin.py", "etl/institution/", "etl/spec/", "etl/documents/", "etl/sinks/", "etl/run/",
                 "etl/cli/", "etl/simulator/", "etl/testing/", "connectors/"],
    "pydantic_core": ["etl/plugin.py", "etl/documents/"],
    "pymarc": ["connectors/formats/"],
    "pytest": ["etl/testing/"],
    "python_calamine": ["connectors/formats/workbook.py"],
    "regex": ["etl/values/", "etl/template/filters/", "connectors/formats/own_pattern.py"],
    "sqlalchemy": ["etl/ledger/"],
    "stdnum": ["etl/values/"],
    "syrupy": ["etl/testing/"],
    "uvicorn": ["etl/simulator/serve.py", "etl/cli/simulator.py"],
    "yaml": ["etl/yaml_tree.py", "etl/lookups/yaml_sheet.py", "etl/simulator/institution.py"],
}  # fmt: skip

# What makes two equal runs differ comes in by the command line, and is handed down as an argument. Exceptions: a key
# goes from its hiding place to the wire through no other hands, a call has a time limit, a lease runs out.
OUTER_WORLD = {
    "os.environ": ["etl/cli/", "etl/alma/key.py"], "os.getenv": ["etl/cli/"],
    "datetime.now": ["etl/cli/", "etl/ledger/process.py", "etl/ledger/clock.py"], "datetime.utcnow": [], "date.today": [],
    "time.time": ["etl/cli/", "etl/simulator/", "etl/ledger/process.py", "etl/ledger/clock.py"],
    "time.monotonic": ["etl/cli/", "etl/simulator/", "etl/alma/wire.py", "etl/alma/alma_clock.py"],
    "time.sleep": ["etl/cli/", "etl/simulator/"],
    "uuid.uuid4": [], "random.random": [], "random.Random": ["etl/testing/", "etl/simulator/"],
}  # fmt: skip

NAMELESS = {
    "utils",
    "util",
    "helpers",
    "helper",
    "base",
    "common",
    "manager",
    "handler",
    "misc",
    "tools",
}
HARD_LINES, SOFT_MEDIAN, FUNCTION_LINES = 400, 110, 60


@dataclass(frozen=True)
class Module:
    """One source file, parsed."""

    path: Path

    @property
    def name(self) -> str:
        return self.path.relative_to(ROOT).as_posix()

    @property
    def room(self) -> str:
        """`spec` for etl/spec/load.py, `plugin` for etl/plugin.py."""
        return Path(self.name.split("/")[1]).stem

    @property
    def text(self) -> str:
        return self.path.read_text(encoding="utf-8")

    @property
    def tree(self) -> ast.Module:
        return _parsed(self.path)

    def imports(self) -> Iterator[tuple[int, str]]:
        """(line, dotted name) of everything imported, also inside functions and under TYPE_CHECKING."""
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Import):
                yield from ((node.lineno, alias.name) for alias in node.names)
            elif isinstance(node, ast.ImportFrom):
                assert node.level == 0, (
                    f"{self.name}:{node.lineno} import by full name, not relative to the file"
                )
                yield node.lineno, node.module or ""


@cache
def _parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), str(path))


def modules(*packages: str) -> list[Module]:
    return [Module(path) for package in packages for path in sorted((ROOT / package).rglob("*.py"))]


def none(wrong: list[str]) -> None:
    """Fails with one line for each, the whole of it."""
    assert not wrong, "\n" + "\n".join(wrong)


def within(name: str, places: list[str]) -> bool:
    return any(name == place or (place.endswith("/") and name.startswith(place)) for place in places)


def floor(room: str) -> int:
    for height, rooms in enumerate(FLOORS):
        if room in rooms:
            return height
    raise AssertionError(
        f'"{room}" has no floor: add it to FLOORS in {Path(__file__).name} and docs/architecture.md'
    )


def test_imports_go_one_way() -> None:
    wrong = []
    for module in modules("etl"):
        for line, name in module.imports():
            if not name.startswith("etl."):
                assert name != "etl", (
                    f"{module.name}:{line} import the module that is meant, not the public face"
                )
                continue
            room = name.split(".")[1]
            if room == module.room or (module.room, room) in SAME_FLOOR:
                continue
            if floor(room) >= floor(module.room):
                wrong.append(
                    f"{module.name}:{line} ({module.room}) imports {name}: move what is shared down a floor"
                )
    none(wrong)


def test_the_engine_does_not_know_the_connectors() -> None:
    wrong = [
        f"{module.name}:{line} imports {name}: the registry finds connectors by their entry points"
        for module in modules("etl")
        for line, name in module.imports()
        if name.split(".")[0] == "connectors"
    ]
    none(wrong)


def test_connectors_use_the_door_that_everybody_uses() -> None:
    wrong = [
        f"{module.name}:{line} imports {name}: take it from etl.plugin (readers of values: etl.values), and add it there if it is missing"
        for module in modules("connectors")
        for line, name in module.imports()
        if name.split(".")[0] == "etl" and name != "etl.plugin" and not name.startswith("etl.values.")
    ]
    none(wrong)


def test_simulator_and_sink_are_witnesses_against_each_other() -> None:
    """The simulator stands on the ground floor, so it shares no code; nor may what delivers share its."""
    wrong = [
        f"{module.name}:{line} imports {name}: only the command line and tests start the simulator"
        for module in modules("etl")
        for line, name in module.imports()
        if name.startswith("etl.simulator") and module.room not in ("simulator", "cli", "testing")
    ]
    none(wrong)


def test_formats_know_no_vendor() -> None:
    wrong = [
        f"{module.name}:{line} imports {name}: a format never knows who uses it"
        for module in modules("connectors/formats")
        for line, name in module.imports()
        if name.startswith("connectors.") and not name.startswith("connectors.formats")
    ]
    none(wrong)


def test_one_library_one_door() -> None:
    wrong = []
    for module in modules("etl", "connectors"):
        for line, name in module.imports():
            library = name.split(".")[0]
            if library in sys.stdlib_module_names or library in ("etl", "connectors"):
                continue
            if not within(module.name, DOORS.get(library, [])):
                doors = (
                    ", ".join(DOORS.get(library, [])) or "no door yet: add it to DOORS and to pyproject.toml"
                )
                wrong.append(f"{module.name}:{line} imports {name}; its door is {doors}")
    none(wrong)


def test_every_door_is_used() -> None:
    used = {name.split(".")[0] for module in modules("etl", "connectors") for _, name in module.imports()}
    built = {library for library, places in DOORS.items() if any((ROOT / place).exists() for place in places)}
    assert built - used == set(), "remove the door, and the library from pyproject.toml"


def test_the_outer_world_comes_in_by_the_command_line() -> None:
    wrong = []
    for module in modules("etl", "connectors"):
        for node in ast.walk(module.tree):
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
                name = f"{node.value.id}.{node.attr}"
                if name in OUTER_WORLD and not within(module.name, OUTER_WORLD[name]):
                    wrong.append(f"{module.name}:{node.lineno} uses {name}: take the value as an argument")
    none(wrong)


# What puts text on a screen. One door: what comes from others is made visible there, and cannot leave its line.
DOOR = "etl/cli/output.py"
SPEAKS = {
    "print", "input", "breakpoint", "click.echo", "click.secho", "click.confirm", "click.prompt", "click.pause", "click.edit",
    "click.echo_via_pager", "click.progressbar", "click.get_text_stream", "click.get_binary_stream", "click.style",
    "traceback.print_exc", "traceback.print_exception", "traceback.print_stack", "pprint.pprint", "warnings.warn",
    "sys.stdout.write", "sys.stderr.write", "sys.stdout.writelines", "sys.stderr.writelines", "sys.stdout.buffer.write",
    "sys.stderr.buffer.write", "sys.displayhook", "sys.excepthook", "sys.__stdout__.write", "sys.__stderr__.write",
    "error.show", "click.types.BadParameter.show",
}  # fmt: skip
SPEAKS_TOO = {
    "etl/sinks/stdout.py": {"sys.stdout.buffer.write"},  # payloads, byte for byte
    "connectors/formats/xls_process.py": {"sys.stdout.buffer.write"},  # a pipe to our own process
    "etl/simulator/app.py": {"traceback.print_exception"},  # a bug of the simulator, which shares no code
}


def test_one_door_to_the_screen() -> None:
    wrong = []
    for module in modules("etl", "connectors"):
        if module.name == DOOR:
            continue
        shut = SPEAKS - SPEAKS_TOO.get(module.name, set())
        for node in ast.walk(module.tree):
            if isinstance(node, ast.Call) and ast.unparse(node.func) in shut:
                name = ast.unparse(node.func)
                wrong.append(f"{module.name}:{node.lineno} calls {name}: hand its lines to Output, {DOOR}")
            if isinstance(node, ast.ImportFrom) and node.module in ("click", "sys", "traceback", "logging", "warnings"):
                wrong.append(f"{module.name}:{node.lineno} import {node.module} whole: what it calls is looked for")
        wrong += [
            f"{module.name}:{line} imports {name}: its lines go past {DOOR}"
            for line, name in module.imports()
            if name.split(".")[0] in ("logging", "syslog", "pprint")
        ]
    none(wrong)


def test_no_failure_is_swallowed() -> None:
    wrong = []
    for module in modules("etl", "connectors"):
        for node in ast.walk(module.tree):
            if isinstance(node, ast.ExceptHandler):
                silent = all(isinstance(step, ast.Pass | ast.Continue) for step in node.body)
                if silent or node.type is None:
                    wrong.append(
                        f"{module.name}:{node.lineno} swallows an exception: answer it or let it go up"
                    )
    none(wrong)


def test_files_stay_small() -> None:
    lengths = {module.name: module.text.count("\n") for module in modules("etl", "connectors")}
    long = [
        f"{name} has {lines} lines: split it by what it knows"
        for name, lines in lengths.items()
        if lines > HARD_LINES
    ]
    none(long)
    median = statistics.median(lines for lines in lengths.values() if lines)
    assert median < SOFT_MEDIAN, (
        f"half of the files have more than {median} lines; the habit is {SOFT_MEDIAN}"
    )


def test_functions_stay_small() -> None:
    wrong = [
        f"{module.name}:{node.lineno} {node.name} has {code_lines(module, node)} lines: name its parts"
        for module in modules("etl", "connectors")
        for node in ast.walk(module.tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        if code_lines(module, node) > FUNCTION_LINES
    ]
    none(wrong)


def code_lines(module: Module, function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Lines of a function that are neither blank nor docstring."""
    said = function.body[0] if ast.get_docstring(function) else None
    first = (said.end_lineno or 0) if said else function.lineno - 1
    return sum(1 for line in module.text.splitlines()[first : function.end_lineno] if line.strip())


def test_modules_are_named_after_what_they_hold() -> None:
    wrong = [module.name for module in modules("etl", "connectors", "tests") if module.path.stem in NAMELESS]
    assert wrong == [], "a name that says nothing collects everything"


@pytest.mark.parametrize("package", ["etl", "connectors"])
def test_every_module_says_what_it_is_for(package: str) -> None:
    wrong = [
        f"{module.name}:1 begin with a docstring, arrow first: what goes in → what comes out"
        for module in modules(package)
        if module.text.strip() and not ast.get_docstring(module.tree)
    ]
    none(wrong)


def test_sources_are_known_to_the_type_checker() -> None:
    for package in ("etl", "connectors"):
        assert (ROOT / package / "py.typed").is_file(), f"{package}/py.typed is missing"
