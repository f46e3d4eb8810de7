"""The files around the code → what a fresh clone, a reader and a release rely on."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

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


def test_no_file_names_a_machine() -> None:
    """A clone works anywhere: no absolute home, no index address in what the two commands read."""
    for name in ("Makefile", ".ci/run", "constraints.txt", "pyproject.toml", "mkdocs.yml"):
        text = (ROOT / name).read_text(encoding="utf-8")
        assert not re.search(r"/(home|Users|root|work|tmp|opt)/|index-url|find-links|--trusted-host", text), (
            name
        )
