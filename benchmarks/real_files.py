"""The real files of ../shared/data → docs/real-files.md: every record counted, none unaccounted for.

    python benchmarks/real_files.py --update     write the table anew; read the diff

The count beside ours is made without any of our code: record ends (1D) in ISO 2709, `<record` in XML, `=LDR`
in MARCMaker text, system numbers in Aleph sequential, `"leader"` in JSON. Where it differs, the last column
says why.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections import Counter
from dataclasses import dataclass
from importlib.metadata import entry_points
from pathlib import Path

from etl.plugin import Connector, Refusal
from etl.testing.sources import path_source

ROOT = Path(__file__).parents[1]
SHARED = ROOT.parent / "shared" / "data"
PAGE = ROOT / "docs" / "real-files.md"

MARC = {"columns": {"record": "record"}}
SETS: list[tuple[str, str, dict[str, object], list[str]]] = [
    ("Clean MARC in several serialisations", "marc", MARC, ["marc-basic/*"]),
    ("Malformed MARC", "marc", MARC, ["marc-malformed-easy/*"]),
    ("National Library of Finland, serialiser fixtures", "marc", MARC, ["marc-natlibfi/*/from*"]),
    ("Vendors' order records with embedded order data", "marc", MARC, ["orders-marc/*"]),
    ("Libris", "marc", MARC, ["swedish-libris/*"]),
    ("Library of Congress, books", "marc", MARC, ["marc-loc2000/*.mrc"]),
    ("Delimited text", "csv", {}, ["csv/csvs/*.csv", "csv/*.?sv"]),
]
REMARKS = {
    "badldr.usmarc": "an empty record (1D twice) and a tail without its end",
    "baddir.usmarc": "1F where the directory ends",
    "10.marc21": "a line end after every record, of which pymarc reads one",
    "bib-11311266.json": "bytes that are no UTF-8",
    "from2": "",
    "bib0.jsonld": "JSON-LD is no MARC",
    "sabrub-2000.tsv": "a table, no MARC",
    "from1": "",
    "chabon-missing-controlfield-tag.xml": "the message names what is missing",
    "chabon-missing-subfield-code.xml": "the message names what is missing",
}


@dataclass(frozen=True)
class Line:
    """One row of the table."""

    file: str
    size: int
    plain: int | None
    loaded: int
    rejected: int
    codes: str
    remark: str = ""

    def text(self) -> str:
        plain = "–" if self.plain is None else str(self.plain)
        total = self.loaded + self.rejected
        return (
            f"| `{self.file}` | {self.size:,} | {plain} | {total} | {self.loaded} | {self.rejected}"
            f" | {self.codes} |"
            f" {self.remark} |"
        )


def plain_count(data: bytes) -> int | None:
    """Records, counted as a person would with grep."""
    if re.match(rb"\s*<", data):
        return len(re.findall(rb"<(?:\w+:)?(?:record|oai_marc)[\s>]", data))
    if re.match(rb"\s*=LDR", data):
        return data.count(b"=LDR")
    if re.match(rb"\d{9} [A-Z0-9]{3}", data):
        return len(set(re.findall(rb"^\d{9}", data, re.MULTILINE)))
    if re.match(rb"\s*[\[{]", data):
        return data.count(b'"leader"')
    return data.count(b"\x1d") or None


def line_of(connector: Connector, options: dict[str, object], path: Path) -> Line:
    """Read one file."""
    name, data = path.relative_to(SHARED).as_posix(), path.read_bytes()
    plain = plain_count(data) if connector.name == "marc" else None
    remark = REMARKS.get(path.name, "")
    try:
        batches = list(connector.read(path_source(path), connector.Options.model_validate(options), None))
    except Refusal as refusal:
        codes = f"refused: {refusal.problems[0].code}"
        return Line(name, len(data), plain if plain else None, 0, 0, codes, remark)
    found = Counter(note.code for batch in batches for note in batch.notes)
    found.update(item.problems[0].code for batch in batches for item in batch.rejected)
    codes = ", ".join(f"{code} × {count}" if count > 1 else code for code, count in sorted(found.items()))
    loaded = len({number for batch in batches for number in batch.frame["_record"]})
    rejected = sum(len(batch.rejected) for batch in batches)
    return Line(name, len(data), plain, loaded, rejected, codes, remark)


def page() -> str:
    """The whole of docs/real-files.md."""
    out = [
        "# Real files",
        "",
        "<!-- Written by benchmarks/real_files.py --update; do not edit. -->",
        "",
        "What the connectors make of real files that nobody here wrote. *Plain* is a count made without",
        'our code (record ends, `<record`, `=LDR`, system numbers, `"leader"`); *records* is what the',
        "connector accounts for, *read* and *rejected* what became of them. Codes are notes and rejections;",
        "`etl explain CODE` says what each means.",
    ]
    for title, name, options, patterns in SETS:
        [point] = entry_points(group="etl.connectors", name=name)
        connector: Connector = point.load()()
        paths = [path for pattern in patterns for path in sorted(SHARED.glob(pattern))]
        lines = [line_of(connector, options, path) for path in paths]
        head = ["file", "bytes", "plain", "records", "read", "rejected", "codes", "remark"]
        out += [
            "",
            f"## {title}",
            "",
            f"| {' | '.join(head)} |",
            "| --- | ---: | ---: | ---: | ---: | ---: | --- | --- |",
        ]
        out += [line.text().replace("|  |", "| |") for line in lines]
        read, rejected = sum(line.loaded for line in lines), sum(line.rejected for line in lines)
        out += ["", f"{len(lines)} files: {read + rejected} records, {read} read, {rejected} rejected."]
    return "\n".join(out) + "\n"


def main() -> int:
    """Writes or prints the page; 2 without the shared data."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--update", action="store_true", help="write docs/real-files.md")
    if not SHARED.is_dir():
        print("needs the shared sample data", file=sys.stderr)
        return 2
    if parser.parse_args().update:
        PAGE.write_text(page(), encoding="utf-8")
    else:
        print(page(), end="")
    return 0


if __name__ == "__main__":
    sys.exit(main())
