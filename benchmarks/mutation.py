"""Code broken on purpose, one line at a time → the changes that no test noticed.

    python benchmarks/mutation.py                          100 mutants spread over the files of TARGETS
    python benchmarks/mutation.py etl/sinks/alma.py        of that file; FILE::NAME,NAME for some functions
    python benchmarks/mutation.py --mutants 300 --seed 2   more, others
    python benchmarks/mutation.py --operators              how code is broken

Works in a copy of the tree, never in the tree itself. There the tests of a file's room (ROOMS) run once,
whole, and have to pass; which test reaches which line is written down, in the processes that tests start as
well. Then each mutant is written into the copy and the tests that reach its line are run, the quickest
first, until one fails: the mutant is caught. One that takes far longer than its tests did before hangs,
which is noticed too. A survivor is printed; unless mutation_survivors.toml gives a reason for it, the exit
code is 1, so that a nightly run tells of new ones. Not part of CI: its time limit decides nothing else.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
import tomllib
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from itertools import accumulate
from pathlib import Path

from mutation_operators import OPERATORS, Mutant, mutants, watched

HERE = Path(__file__).resolve().parent
NOT_COPIED = (".git", ".venv", ".*_cache", ".hypothesis", ".witness", "__pycache__", "*.egg-info")
MEMORY = 8 << 30
"""Bytes of address space of each process: a mutant without its limit may ask for everything."""

WORK = 30
"""Seconds of tests, as measured before, that are asked about one mutant: the slowest are left out."""

_OF_THE_LEDGER = (
    "tests/ledger tests/alma tests/sinks tests/verify tests/deadletters"
    " tests/run/test_files_are_remembered.py tests/exit_codes/test_ledger_disk.py"
    " tests/exit_codes/test_stopped_by_alma.py tests/test_docstring_examples.py"
)
ROOMS = {
    "etl/interruption.py": "tests/test_interruption.py tests/exit_codes",
    "etl/own_files.py": "tests/test_own_files.py tests/run tests/exit_codes",
    "etl/regular_files.py": "tests/run tests/spec tests/lookups tests/institution tests/test_cases.py",
    "etl/ledger": _OF_THE_LEDGER,
    "etl/alma": _OF_THE_LEDGER,
    "etl/sinks": "tests/sinks tests/alma tests/testing tests/exit_codes tests/test_public_api.py"
    " tests/test_cases.py",
    "etl/run": "tests/run tests/test_own_files.py tests/exit_codes tests/snapshots tests/cli"
    " tests/deadletters tests/plan_apply tests/test_cases.py",
    "etl/template": "tests/template tests/test_cases.py",
    "connectors/formats": "tests/connectors tests/test_cases.py",
    "": "tests",
}
"""Folder of the sources → the tests that are asked; the longest that fits."""

TARGETS = [
    "etl/interruption.py",
    "etl/own_files.py",
    "etl/regular_files.py",
    "etl/run/places.py",
    "etl/run/folder.py",
    "etl/run/report.py",
    "etl/sinks/alma.py",
    "etl/sinks/files.py",
    "etl/sinks/stdout.py",
    "etl/template/bounds.py",
    "connectors/formats/delimited.py::DelimitedReader._feed,DelimitedReader._quoted",
    "connectors/formats/edifact_messages.py::Part,_Assembler._close,_Assembler._unended,_miscounted",
    "connectors/formats/edifact_segments.py::Scanner",
    "connectors/formats/iso2709_chunks.py",
    "connectors/formats/iso2709_file.py",
    "connectors/formats/json_chunks.py::_Splitter",
    "connectors/formats/json_documents.py::read_json,_document,_parse",
    "connectors/formats/marc_json_chunks.py",
    "connectors/formats/marc_lines.py::_entries,_blocks",
    "connectors/formats/ole_chains.py",
    "connectors/formats/opening.py",
    "connectors/formats/text_lines.py",
    "connectors/formats/workbook.py::_read,_asked,read_bytes,unpack",
    "connectors/formats/workbook_parts.py::look_into",
    "connectors/formats/xls_process.py",
    "connectors/formats/xml_elements.py::_Reader,read_children,read_root",
]
"""Where a line lost is an order lost, a folder deleted, or a machine filled: FILE, or FILE::NAME,NAME."""


Outcomes = list[tuple[Mutant, str]]


@dataclass
class Reach:
    """What the tests did before anything was broken: seconds of each; file and line → who came by."""

    seconds: dict[str, float] = field(default_factory=dict)
    tests: dict[tuple[str, int], set[str]] = field(default_factory=lambda: defaultdict(set))

    def tests_of(self, mutant: Mutant) -> list[str]:
        """The quickest first; where all may see it, first those that come by the file at all."""
        near = self.tests[mutant.file, mutant.statement] & self.seconds.keys()
        if mutant.loaded:
            near = {test for (file, _), tests in self.tests.items() if file == mutant.file for test in tests}
        chosen = self.seconds if mutant.loaded else near
        ordered = sorted(chosen, key=lambda test: (test not in near, self.seconds[test], test))
        spent = accumulate(self.seconds[test] for test in ordered)
        return [test for test, so_far in zip(ordered, spent, strict=True) if so_far <= WORK] or ordered[:1]


class Bench:
    """A copy of the tree, and how tests are run in it."""

    def __init__(self, root: Path, folder: Path) -> None:
        self._tree, self._folder = folder / "tree", folder
        shutil.copytree(root, self._tree, symlinks=True, ignore=shutil.ignore_patterns(*NOT_COPIED))
        shutil.copy(HERE / "mutation_probe.py", self._tree)  # whoever finds the sources finds it

    def reach(self, tests: list[str], files: list[str]) -> Reach:
        """Run all of `tests`. Raises SystemExit when they do not pass as they are."""
        found, pipe, seen = Reach(), self._folder / "pipe", self._folder / "seen.json"
        for left in (pipe, seen):
            left.unlink(missing_ok=True)
        os.mkfifo(pipe)

        def listen() -> None:
            with pipe.open(encoding="utf-8") as stream:
                while told := stream.readline().rstrip("\n"):
                    file, line, test = told.split("\t", 2)
                    found.tests[file, int(line)].add(test)

        listener = threading.Thread(target=listen)
        listener.start()
        with pipe.open("w") as end, ExitStack() as changed:
            for file in files:
                text = watched((self._tree / file).read_bytes(), file)
                changed.enter_context(self._changed(file, text.encode()))
            self._pytest(tests, {"MUTATION_PIPE": str(pipe), "MUTATION_SEEN": str(seen)})
            end.write("\n")
        listener.join()
        told = json.loads(seen.read_text(encoding="utf-8"))
        # Tests that look at the text of sources fail while it has watchers in it. They are not asked.
        if (told["failed"] or not told["seconds"]) and self._asked(told["failed"], {}) != 0:
            said = (self._folder / "said.txt").read_text(encoding="utf-8", errors="replace")
            sys.exit(f"{said[-4000:]}\nthe tests do not pass as they are: nothing can be told from mutants")
        found.seconds = {test: took for test, took in told["seconds"].items() if test not in told["failed"]}
        return found

    def tried(self, mutant: Mutant, reach: Reach, patience: float, whole: bool = False) -> str:
        """caught, hung, survived or unreached; `whole`: without the mutant, for which it must be survived."""
        tests = reach.tests_of(mutant)
        if not tests:
            return "unreached"
        source = (self._tree / mutant.file).read_bytes()
        limit = patience + 4 * sum(reach.seconds[test] for test in tests)
        with self._changed(mutant.file, source if whole else mutant.applied(source)):
            code = self._asked(tests, {"PYTHONDONTWRITEBYTECODE": "1"}, limit)
        return "hung" if code is None else "caught" if code else "survived"

    def _asked(self, tests: list[str], more: dict[str, str], limit: float | None = None) -> int | None:
        """These tests, by their full names, in this order, until one fails."""
        chosen = self._folder / "chosen.json"
        chosen.write_text(json.dumps(tests), encoding="utf-8")
        files = list(dict.fromkeys(test.partition("::")[0] for test in tests))
        return self._pytest(["-x", *files], {**more, "MUTATION_TESTS": str(chosen)}, limit)

    @contextmanager
    def _changed(self, file: str, text: bytes) -> Iterator[None]:
        """The file with another text, and nothing compiled of either."""
        place = self._tree / file
        before = place.read_bytes()
        place.write_bytes(text)
        try:
            yield
        finally:
            place.write_bytes(before)
            for compiled in place.parent.glob(f"__pycache__/{place.stem}.*"):
                compiled.unlink()

    def _pytest(self, tests: list[str], more: dict[str, str], limit: float | None = None) -> int | None:
        """Its exit code; None when it was stopped after `limit` seconds."""
        words = ["-q", "-n0", "-pno:cacheprovider", "-pmutation_probe", "-m", "not slow"]
        words += ["--basetemp", str(self._folder / "work"), *tests]
        with (self._folder / "said.txt").open("wb") as said:
            process = subprocess.Popen(
                [sys.executable, "-m", "pytest", *words],
                cwd=self._tree,
                env={**os.environ, "PYTHONPATH": str(self._tree), **more},
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=_begun,
            )
            try:
                return process.wait(limit)
            except subprocess.TimeoutExpired:
                return None
            finally:
                try:
                    os.killpg(process.pid, signal.SIGKILL)  # and what the tests have started
                except ProcessLookupError:
                    process.poll()
                process.wait()


def _begun() -> None:
    """Of a process of tests: what it may have, and Ctrl-C, which a shell's background ignores."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    signal.signal(signal.SIGINT, signal.default_int_handler)


def drawn(pools: dict[str, list[Mutant]], count: int, seed: int) -> list[Mutant]:
    """`count` mutants: from each file as many as from the others, within a file from each operator."""
    queues = []
    for file, pool in sorted(pools.items()):
        shuffled = list(pool)
        random.Random(f"{seed} {file}").shuffle(shuffled)  # noqa: S311 - repeatable, no secret
        seen: Counter[str] = Counter()
        ranked = []
        for mutant in shuffled:
            ranked.append((seen[mutant.operator], mutant))
            seen[mutant.operator] += 1
        queues.append([mutant for _, mutant in sorted(ranked, key=lambda pair: pair[0])])
    longest = max(map(len, queues), default=0)
    turns = [queue[turn] for turn in range(longest) for queue in queues if turn < len(queue)]
    return sorted(turns[:count], key=lambda mutant: (mutant.file, mutant.start, mutant.after))


def pool_of(root: Path, target: str, operators: set[str]) -> tuple[str, list[Mutant]]:
    """The file, and its mutants by these operators within the functions and classes named behind `::`.

    Raises SystemExit for a name that is not there (any more).
    """
    file, _, names = target.partition("::")
    found: dict[Mutant, None] = {}
    every = mutants((root / file).read_bytes(), file)
    for name in names.split(","):
        within = [mutant for mutant in every if not name or f"{mutant.function}.".startswith(f"{name}.")]
        if not within:
            sys.exit(f"{file} has nothing named {name}")
        found |= dict.fromkeys(mutant for mutant in within if mutant.operator in operators)
    return file, list(found)


def by_room(found: list[Mutant], tests: str | None) -> Iterator[tuple[list[str], list[Mutant]]]:
    """(tests, mutants) for each room."""
    rooms: dict[str, list[Mutant]] = defaultdict(list)
    for mutant in found:
        room = max((room for room in ROOMS if mutant.file.startswith(room)), key=len)
        rooms[tests or ROOMS[room]].append(mutant)
    for asked, those in rooms.items():
        yield asked.split(), those


def reasons(path: Path) -> dict[tuple[str, str, str, str], str]:
    """(file, function, before, after) → why that survivor is let be."""
    if not path.is_file():
        return {}
    listed = tomllib.loads(path.read_text(encoding="utf-8")).get("survivor", [])
    return {(one["file"], one["function"], one["before"], one["after"]): one["reason"] for one in listed}


def same(mutant: Mutant) -> tuple[str, str, str, str]:
    return mutant.file, mutant.function, mutant.before, mutant.after


def shown(mutant: Mutant) -> str:
    before, after = (" ".join(text.split())[:160] for text in (mutant.before, mutant.after))
    place = f"{mutant.file}:{mutant.line} {mutant.function or '(module)'}"
    return f"{place}  {mutant.operator}: {before}  →  {after}"


def table(title: str, rows: Iterable[tuple[str, str]]) -> str:
    """(name, outcome) of each → lines of Markdown."""
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for name, outcome in rows:
        for row in (name, "all"):
            counts[row][outcome] += 1
    outcomes = ("caught", "hung", "survived", "unreached")
    lines = [f"| {title} | mutants | {' | '.join(outcomes)} |", "|---|" + "---:|" * (len(outcomes) + 1)]
    for name in [*sorted(counts.keys() - {"all"}), "all"]:
        cells = " | ".join(str(counts[name][outcome]) for outcome in outcomes)
        lines.append(f"| {name} | {counts[name].total()} | {cells} |")
    return "\n".join(lines)


def campaign(root: Path, chosen: list[Mutant], tests: str | None, patience: float) -> Outcomes:
    """Every mutant with its outcome, printed as it comes."""
    outcomes: Outcomes = []
    with tempfile.TemporaryDirectory(prefix="mutation-") as folder:
        bench = Bench(root, Path(folder).resolve())
        for asked, those in by_room(chosen, tests):
            files = sorted({mutant.file for mutant in those})
            print(f"-- {' '.join(asked)}: as they are", flush=True)
            reach = bench.reach(asked, files)
            for mutant in those:
                began = time.monotonic()
                outcome = bench.tried(mutant, reach, patience)
                outcomes.append((mutant, outcome))
                took = f"{len(reach.tests_of(mutant))} tests, {time.monotonic() - began:.0f} s"
                print(f"{len(outcomes):4}/{len(chosen)} {outcome:9} {shown(mutant)}  ({took})", flush=True)
            last = next((mutant for mutant in those if reach.tests_of(mutant)), None)
            if last and bench.tried(last, reach, patience, whole=True) != "survived":
                sys.exit("the tests no longer pass without a mutant: one of them has left something behind")
    return outcomes


def report(outcomes: Outcomes, known: dict[tuple[str, str, str, str], str]) -> int:
    """Prints tables and survivors; how many of them have no reason."""
    print("\n" + table("file", ((mutant.file, outcome) for mutant, outcome in outcomes)))
    print("\n" + table("operator", ((mutant.operator, outcome) for mutant, outcome in outcomes)))
    left = [mutant for mutant, outcome in outcomes if outcome in ("survived", "unreached")]
    new = [mutant for mutant in left if same(mutant) not in known]
    print(f"\n{len(outcomes)} mutants, {len(left)} survivors, {len(new)} of them without a reason")
    for mutant in left:
        print(f"  {shown(mutant)}\n      {known.get(same(mutant), 'NEW: write a test, or a reason')}")
    for mutant, outcome in outcomes:
        if outcome in ("caught", "hung") and same(mutant) in known:
            print(f"  caught now, take its reason away: {shown(mutant)}")
    return len(new)


def main() -> int:
    """1 when a survivor has no reason."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("targets", nargs="*", default=TARGETS, metavar="FILE[::NAME,…]")
    parser.add_argument("--mutants", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--operator", action="append", choices=OPERATORS, help="only these; give it again")
    parser.add_argument("--root", type=Path, default=HERE.parent, help="the tree; this one if left out")
    parser.add_argument("--tests", help="ask these instead of those of ROOMS")
    parser.add_argument("--reasons", type=Path, default=HERE / "mutation_survivors.toml")
    parser.add_argument("--patience", type=float, default=60, help="seconds beyond what the tests took")
    parser.add_argument("--operators", action="store_true", help="list them")
    parser.add_argument("--list", action="store_true", help="list the mutants that would be tried")
    given = parser.parse_args()
    if given.operators:
        print("\n".join(f"{name:11} {what}" for name, what in OPERATORS.items()))
        return 0
    operators = set(given.operator or OPERATORS.keys() - {"message"})
    pools: dict[str, list[Mutant]] = defaultdict(list)
    for target in given.targets:
        file, found = pool_of(given.root, target, operators)
        pools[file] += found
    chosen = drawn(pools, given.mutants, given.seed)
    print(f"{len(chosen)} of {sum(map(len, pools.values()))} mutants, seed {given.seed}", flush=True)
    if given.list:
        print("\n".join(shown(mutant) for mutant in chosen))
        return 0
    outcomes = campaign(given.root, chosen, given.tests, given.patience)
    return 1 if report(outcomes, reasons(given.reasons)) else 0


if __name__ == "__main__":
    sys.exit(main())
