"""Installed connectors, their layouts and the shipped mappings → docs/vendors.md.

    python benchmarks/vendors_page.py     write the page anew; read the diff

What can be known from the code is taken from it. How well a vendor's form is known cannot: that is EVIDENCE.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from connectors.layouts import load_layouts
from etl.registry import Registry
from etl.spec.load import load

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "vendors.md"
MAPPINGS = ROOT / "mappings"

EVIDENCE = {
    "adlibris": "vendor order: R, C; order: fields D, form A",
    "bokus": "fields D, form A",
    "btj": "ship notice: C (BTJ Finland's), A for BTJ Sverige; order confirmation: fields D, form A; "
    "MARC: numbers D, order fields A",
    "csv": "RFC 4180, and the habits of Excel; R",
    "edifact": "D (EDItEUR, UN/CEFACT), C, R",
    "forlagett": "fields D, form A",
    "gobi": "C, R",
    "libris": "D, C; R for the records",
    "marc": "D (MARC 21, Library of Congress), R",
    "oasis": "MARC: one layout D; API answers C; JSON and CSV: A",
}
"""Connector → how its layouts are known: D documented, C in public code, R real files, A assumed."""

_HEAD = """\
# Vendors

<!-- Written by benchmarks/vendors_page.py; do not edit. -->

What is read, how well it is known, and what a library edits. Each mapping's folder has a README.md, in
English and Swedish, that says what the vendor sends and what is assumed.

Evidence: **D** documented by the vendor, a library system or a standard; **C** seen in public code that
reads or writes it; **R** real files are read in the tests; **A** assumed, because nothing is public:
compare with your first file (`etl inspect`), and say what differs under `source.options`.

## Connectors

| connector | what it reads | layouts | evidence |
|---|---|---|---|
"""

_MIDDLE = """
Connectors with layouts yield the [neutral order line](order-line.md); `csv` and `marc` yield the columns of
the file, or those that the mapping declares.

## Mappings

What a library edits are the tables: its own in the `lookups/` of the mapping's folder, the shared ones in
`mappings/_shared/lookups/`, where one edit serves every vendor. Beside them it edits `source.options` (what
is different in its files), `checks` (what is held) and `guards` (what stops a run).

| mapping | makes | connector | own tables | shared tables |
|---|---|---|---|---|
"""


def page() -> str:
    """The whole page as Markdown. Raises KeyError for a connector whose evidence nobody has written down."""
    registry = Registry.installed()
    return _HEAD + "".join(_connectors(registry)) + _MIDDLE + "".join(_mappings())


def _connectors(registry: Registry) -> Iterator[str]:
    for name in registry.names("connectors"):
        if not registry.origin("connectors", name).startswith("alma-orderdesk "):
            continue
        layouts = "<br>".join(f"`{one.name}`: {one.title}" for one in load_layouts(name).values())
        summary = registry.get("connectors", name).summary.removesuffix(" as neutral order lines")
        yield f"| `{name}` | {summary} | {layouts or 'none: the file says'} | {EVIDENCE[name]} |\n"


def _mappings() -> Iterator[str]:
    for path in sorted(MAPPINGS.glob("[!_]*/*.yaml")):
        model = load(str(path)).model
        own: set[str] = set()
        shared: set[str] = set()
        for lookup in model.lookups.values():
            if lookup.file is None:  # its rows stand in the mapping itself
                continue
            table = (path.parent / lookup.file).resolve()
            (own if table.is_file() and table.is_relative_to(path.parent) else shared).add(table.stem)
        name = path.relative_to(MAPPINGS).as_posix()
        made = f"| `{name}` | `{model.target}` | `{model.source.connector}`"
        yield f"{made} | {_listed(own)} | {_listed(shared)} |\n"


def _listed(tables: set[str]) -> str:
    return ", ".join(sorted(tables)) or "–"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8", newline="\n")
