"""The files around the code → what a fresh clone, a reader and a release rely on."""

from __future__ import annotations

import re
import subprocess
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


def sections() -> dict[str, str]:
    """Version → its text, newest first."""
    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    parts = re.split(r"^## \[(.+?)\].*$", text, flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def test_the_newest_version_is_that_of_the_package() -> None:
    names = list(sections())
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert names[0] == "Unreleased"
    assert names[1] == project["version"]


def test_every_version_has_a_section_on_payloads() -> None:
    silent = [
        name
        for name, text in sections().items()
        if name != "Unreleased" and "### Payload changes" not in text
    ]
    assert silent == []


def test_the_constraints_name_versions_only() -> None:
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    assert [line for line in lines if not re.fullmatch(r"[A-Za-z0-9._-]+==[A-Za-z0-9.+!]+", line)] == []
    assert lines == sorted(lines, key=str.casefold)


def test_every_page_of_the_documentation_is_in_the_menu() -> None:
    menu = (ROOT / "mkdocs.yml").read_text(encoding="utf-8")
    pages = {path.relative_to(ROOT / "docs").as_posix() for path in (ROOT / "docs").rglob("*.md")}
    named = set(re.findall(r": (\S+\.md)$", menu, flags=re.MULTILINE))
    assert sorted(named - pages) == []
    assert sorted(pages - named) == []


def test_make_help_names_every_target_and_its_time() -> None:
    said = subprocess.run(
        ["make", "--no-print-directory", "help"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    rules = (ROOT / "Makefile").read_text(encoding="utf-8")
    [phony] = re.findall(r"^\.PHONY: (.+)$", rules, flags=re.MULTILINE)
    helped = re.findall(r"^make (\S+)", said.stdout, flags=re.MULTILINE)
    assert helped == [target for target in phony.split() if target != "help"]
    assert all(re.search(rf"^{target}:", rules, flags=re.MULTILINE) for target in helped)
    times = dict(re.findall(r"^make (test|test-slow) .*\((\d+) minutes", said.stdout, flags=re.MULTILINE))
    for page in ("README.md", "docs/architecture.md"):
        text = " ".join((ROOT / page).read_text(encoding="utf-8").split())
        assert all(f"{minutes} minutes" in text for minutes in times.values()), page
    ci = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    assert all(f"step '{minutes} min' make {target}\n" in ci for target, minutes in times.items())


def test_make_clean_leaves_what_others_made(tmp_path: Path) -> None:
    """Everything that git does not track is somebody's, but for what the Makefile's own commands write."""
    (tmp_path / "Makefile").write_bytes((ROOT / "Makefile").read_bytes())
    ignored = (ROOT / ".gitignore").read_text(encoding="utf-8").split()
    ours = {".venv", "demo-out", ".pytest_cache", ".mypy_cache", ".ruff_cache", ".hypothesis"}
    theirs = {name.strip("/") for name in ignored if "*" not in name} - ours
    theirs |= {"build", "dist", "out", "etl-report", "their.egg-info", "orders", "etl-ledger.sqlite"}
    for name in (*ours, *theirs):
        (tmp_path / name / "btj").mkdir(parents=True)
        (tmp_path / name / "btj" / "held.ndjson").write_text("an order", encoding="utf-8")
    subprocess.run(["make", "clean"], cwd=tmp_path, check=True, capture_output=True)
    left = {path.parent.parent.name for path in tmp_path.glob("*/btj/held.ndjson")}
    assert left == theirs


def test_what_takes_its_time_is_said_before() -> None:
    """Installing is quiet and long: it is announced by every rule that does it."""
    rules = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert rules.count("$(PIP) install") == len(re.findall(r"@\$\(SAY_INSTALLING\)\n\t.*\$\(PIP\) install", rules)) == 2


def tracked() -> dict[str, bytes]:
    """Every file of the clone, by name."""
    if not (ROOT / ".git").exists():
        pytest.skip("this is no clone, so nobody can tell which files are the project's")
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True).stdout
    names = [name for name in listed.decode().split("\0") if (ROOT / name).is_file()]
    assert len(names) > 500
    return {name: (ROOT / name).read_bytes() for name in names}


_DOT = re.escape(".")
FOREIGN = {
    # Each in pieces, so that this file has none of them.
    "the host of a package registry: name the package": "|".join(
        _DOT.join(host)
        for host in (
            ("pypi", "org"), ("pythonhosted", "org"), ("npmjs", "(org|com)"), ("crates", "io"), ("rubygems", "org"),
            ("proxy", "golang", "org"), ("anaconda", "org"), ("docker", "io"), ("packagist", "org"), ("nuget", "org"),
        )
    ),
    "another place to install from: that is each machine's own": "--(extra-)?(index" "-url|find-links|trusted-host)",
    "a path of one machine": r"(?<![\w.~-])/(work|root|(home|Users)/\w[\w.-]*)/",
    "what looks like a secret": r"l[78]xx(?!0123456789abcdef)[0-9a-f]{32}|AKIA[0-9A-Z]{16}|\bgh[pousr]_\w{20}|\bxox[bp]-\w{10}|eyJ[\w-]{20}"
    "|BEGIN [A-Z ]*PRIVATE" r" KEY|://[^\s/:@$]+:[^\s/@${]{9,}@",
}  # fmt: skip


@pytest.mark.parametrize("what", FOREIGN)
def test_no_file_holds(what: str) -> None:
    """A clone works anywhere, and gives nothing away."""
    pattern = re.compile(FOREIGN[what].encode())
    found = [
        f"{name}: {hit[0].decode('latin-1')}"
        for name, data in tracked().items()
        if (hit := pattern.search(data))
    ]
    assert found == []


def test_what_no_file_may_hold_would_be_found() -> None:
    examples = [
        "https://" + ".".join(["pypi", "org"]) + "/simple",
        "pip install --index" + "-url=x",
        "see /" + "work/main",
        "in '/" + "home/anna/x'",
        "postgresql://etl:" + "0123456789" + "@db/etl",
        "key: l7" + "xx" + "fedcba9876543210" * 2,
    ]
    for example in examples:
        assert any(re.search(pattern, example) for pattern in FOREIGN.values()), example


CLOCKS = r"time\.(sleep|monotonic|perf_counter|time)\(|\.join\([0-9]|communicate\(timeout|[( ]deadline=|too_slow|derandomize"
LOOK_AT_A_CLOCK = {
    "tests/sinks/test_alma_processes.py": "kills at moments drawn by a seed; the outcome is the same at any",
    "tests/crash/spawner.py": "sets the clock of a run wrong, by a difference that a seed draws",
    "tests/crash/ordeal.py": "kills at moments drawn by a seed; a time of its own for Alma's days",
    "tests/crash/killing_ground.py": "gives a process up that hangs, after ten minutes",
    "tests/crash/test_hostile_answers.py": "an answer that drips, a byte now and then",
    "tests/alma/test_wire.py": "an answer that drips, a byte now and then",
}


def test_no_outcome_of_a_test_hangs_on_the_clock() -> None:
    """Wait for what is to come with waiting.until; examples are made the same everywhere by etl.testing.steady."""
    found = {
        path.relative_to(ROOT).as_posix()
        for folder in ("tests", "etl/testing")
        for path in (ROOT / folder).rglob("*.py")
        if re.search(CLOCKS, path.read_text(encoding="utf-8"))
    }
    own = {"tests/test_house.py", "tests/test_architecture.py", "etl/testing/steady.py"}
    assert sorted(found - own - set(LOOK_AT_A_CLOCK)) == []
    assert sorted(set(LOOK_AT_A_CLOCK) - found) == [], "take it off the list"
