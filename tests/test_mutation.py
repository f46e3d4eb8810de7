"""`python benchmarks/mutation.py` on a small package whose tests are known to be weak in one place."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

BENCHMARKS = Path(__file__).parents[1] / "benchmarks"
SOURCE = b'''\
"""Text left alone."""

LIMIT = 3


def checked(number: int) -> int:
    """Raises ValueError."""
    if number > LIMIT:
        raise ValueError("more than is allowed here")
    return number


def graded(points: int, *, best: str = "good") -> str:
    return best if points >= 10 else "bad"


def unasked(one: int, two: int) -> int:
    return one + two
'''
TESTS = """\
import subprocess, sys
import pytest
from small import checked, graded

def test_the_bound():
    assert checked(3) == 3
    with pytest.raises(ValueError):
        checked(4)

def test_far_from_the_bound():
    assert [graded(0), graded(99)] == ["bad", "good"]

def test_in_another_process():
    said = subprocess.run([sys.executable, "-c", "import small; print(small.graded(99))"], capture_output=True, text=True)
    assert said.stdout == "good\\n"
"""


@pytest.fixture(scope="module")
def tool() -> Iterator[ModuleType]:
    sys.path.insert(0, str(BENCHMARKS))
    try:
        import mutation

        yield mutation
    finally:
        sys.path.remove(str(BENCHMARKS))


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    root = tmp_path / "root"
    root.mkdir()
    (root / "small.py").write_bytes(SOURCE)
    (root / "test_small.py").write_text(TESTS, encoding="utf-8")
    return root


BROKEN = [
    ("a = b == c", "negated", ["a = (b != c)"]),
    ("a = b < c <= d", "boundary", ["a = (b < c < d)", "a = (b <= c <= d)"]),
    ("a = not b", "not", ["a = (b)"]),
    ("a = b and c or d", "and-or", ["a = (b or c) or d", "a = ((b and c) and d)"]),
    ("if a:\n    b()", "always", ["if True:\n    b()"]),
    ("a = [b for b in c if b]", "never", ["a = [b for b in c if False]"]),
    ("while a:\n    b()", "never", ["while False:\n    b()"]),
    ("a += b - c", "arithmetic", ["a -= b - c", "a += (b + c)"]),
    ("a = 'å' + b(9)", "number", ["a = 'å' + b(10)"]),
    ("a = 'E349', 'three whole words'", "text", ["a = 'E349x', 'three whole words'"]),
    ("a = 'E349', 'three whole words'", "message", ["a = 'E349', 'three whole wordsx'"]),
    ("a(b, help=c)", "message", ["a(b)"]),
    ("a = True", "truth", ["a = False"]),
    ("def a(b, c=1, *, d='x'): return b", "default", ["def a(b, c=2, *, d='x'): return b", "def a(b, c=1, *, d='xx'): return b"]),
    ("class A:\n    b: int = 1", "default", ["class A:\n    b: int = 2"]),
    ("a.b = c\nd = e", "statement", ["pass\nd = e"]),
    ("if a:\n    raise b(\n        c\n    )", "statement", ["if a:\n    pass"]),
    ("def a(): return b", "return", ["def a(): return None"]),
    ("a(b, c=d, strict=True)", "argument", ["a(b, strict=True)"]),
    ("a(b, c, d, e=f)", "order", ["a(c, b, d, e=f)"]),
    ("for a in b:\n    break", "loop", ["for a in b:\n    continue"]),
    ("try:\n    a()\nexcept (B, C):\n    d()", "except", ["try:\n    a()\nexcept (B,):\n    d()", "try:\n    a()\nexcept (C,):\n    d()"]),
    ("try:\n    a()\nexcept B:\n    d()", "except", ["try:\n    a()\nexcept ():\n    d()"]),
    ("with suppress(A):\n    b()", "suppress", ["with suppress():\n    b()"]),
    ('"""Text."""', "text", []),
    ("__all__ = ['a']", "text", []),
    ("a: Literal['b'] = c", "text", []),
    ("a = f'b{c + d}'", "arithmetic", []),
    ("a = min(b, c)", "order", []),
]  # fmt: skip


@pytest.mark.parametrize(("source", "operator", "broken"), BROKEN)
def test_each_operator_breaks_what_it_says(
    tool: ModuleType, source: str, operator: str, broken: list[str]
) -> None:
    found = tool.mutants(source.encode(), "a.py")
    assert [one.applied(source.encode()).decode() for one in found if one.operator == operator] == broken


def test_every_operator_has_an_example(tool: ModuleType) -> None:
    assert {operator for _, operator, broken in BROKEN if broken} == set(tool.OPERATORS)


def test_every_target_is_there(tool: ModuleType) -> None:
    for target in tool.TARGETS:
        assert tool.pool_of(BENCHMARKS.parent, target, set(tool.OPERATORS))[1]
    with pytest.raises(SystemExit, match="nothing named gone"):
        tool.pool_of(BENCHMARKS.parent, "benchmarks/mutation.py::main,gone", set(tool.OPERATORS))


def test_what_is_drawn_depends_on_the_seed_alone_and_is_spread(tool: ModuleType) -> None:
    root = BENCHMARKS.parent
    pools = dict(
        tool.pool_of(root, file, set(tool.OPERATORS))
        for file in ("benchmarks/mutation.py", "benchmarks/mutation_probe.py")
    )
    draw = tool.drawn(pools, 30, 1)
    assert draw == tool.drawn(dict(reversed(pools.items())), 30, 1)
    assert draw != tool.drawn(pools, 30, 2)
    assert [sum(1 for one in draw if one.file == file) for file in pools] == [15, 15]
    assert len({one.operator for one in draw if one.file == "benchmarks/mutation.py"}) > 10
    for one in draw:
        source = (root / one.file).read_bytes()
        assert one.applied(source) != source
        compile(one.applied(source), one.file, "exec")


@pytest.mark.slow
def test_the_survivor_is_found_and_the_caught_are_told(
    tool: ModuleType, tree: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _, every = tool.pool_of(tree, "small.py", {"boundary", "default", "arithmetic"})
    outcomes = tool.campaign(tree, every, "test_small.py", 60)
    assert [(mutant.function, outcome) for mutant, outcome in outcomes] == [
        ("checked", "caught"),
        ("graded", "caught"),
        ("graded", "survived"),
        ("unasked", "unreached"),
    ]
    assert (tree / "small.py").read_bytes() == SOURCE
    assert sorted(path.name for path in tree.iterdir()) == ["small.py", "test_small.py"]

    capsys.readouterr()
    assert tool.report(outcomes, {}) == 2
    said = capsys.readouterr().out
    assert "| small.py | 4 | 2 | 0 | 1 | 1 |" in said
    assert "small.py:14 graded  boundary: points >= 10  →  (points > 10)" in said

    data = tmp_path / "reasons.toml"
    entry = (
        '[[survivor]]\nfile = "small.py"\nfunction = "{}"\nbefore = "{}"\nafter = "{}"\nreason = "because"\n'
    )
    data.write_text(
        entry.format("graded", "points >= 10", "(points > 10)")
        + entry.format("unasked", "one + two", "(one - two)")
        + entry.format("checked", "number > LIMIT", "(number >= LIMIT)"),
        encoding="utf-8",
    )
    assert tool.report(outcomes, tool.reasons(data)) == 0
    said = capsys.readouterr().out
    assert "0 of them without a reason" in said
    assert "caught now, take its reason away: small.py:8 checked" in said


@pytest.mark.slow
def test_only_tests_that_come_by_are_asked_and_a_mutant_without_end_is_stopped(
    tool: ModuleType, tree: Path, tmp_path: Path
) -> None:
    bench = tool.Bench(tree, tmp_path)
    reach = bench.reach(["test_small.py"], ["small.py"])
    _, [one] = tool.pool_of(tree, "small.py::checked", {"boundary"})
    assert reach.tests_of(one) == ["test_small.py::test_the_bound"]
    _, [other] = tool.pool_of(tree, "small.py::graded", {"boundary"})
    assert sorted(reach.tests_of(other)) == [
        "test_small.py::test_far_from_the_bound",
        "test_small.py::test_in_another_process",
    ]
    _, [constant, *_] = tool.pool_of(tree, "small.py", {"number"})
    assert set(reach.tests_of(constant)) == reach.seconds.keys()  # seen by whoever imports it
    reach.seconds = dict.fromkeys(reach.seconds, 0.0)
    assert bench.tried(one, reach, 0) == "hung"


@pytest.mark.slow
def test_tests_that_fail_anyway_prove_nothing(tool: ModuleType, tree: Path, tmp_path: Path) -> None:
    (tree / "test_small.py").write_text("def test_wrong():\n    assert False\n", encoding="utf-8")
    with pytest.raises(SystemExit, match="do not pass as they are"):
        tool.Bench(tree, tmp_path).reach(["test_small.py"], ["small.py"])
