"""The table of walks in docs/delivery.md → deliveries made one after another, and what they are to end in.

A cell is one delivery: the key of the mapping in a code span, the lines of its file, and in bold one outcome
for each. A line is ORDER/LINE TITLE, and perhaps `xCOPIES`, `@BRANCH`, `:PRICE` and `#BARCODE`; a capital letter is a title
with an ISBN of its own, a small one a title without, and
`+` behind it a subtitle. Words behind the key change the mapping:

    noted      it writes a note that others do not (a mapping that was improved)
    known      it says its `identity`
    request    its documents are purchase requests
    sandbox    it posts to another institution
    cancelled  before it, somebody cancels every line in Alma
    taken      and a person takes back every order, as not in Alma
    looked     it looks in Alma first
    rowless    its file has no line numbers, and its references are the orders'
    pushed     the same rows come as another file (another line end), as by another channel
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

DOCS = Path(__file__).parents[2] / "docs" / "delivery.md"
_CELL = re.compile(r"`([^`]++)` ([^*]++)\*\*([^*]++)\*\*")
_LINE = re.compile(
    r"(?P<order>[^/]*)/(?P<line>\S*) (?P<title>\w\+?)(?: x(?P<copies>\d+))?(?: @(?P<branch>\w+))?(?: :(?P<price>\d+))?"
    r"(?: #(?P<barcode>\w+))?"
)


def isbn(letter: str) -> str:
    """A valid ISBN for a capital letter."""
    body = f"97891999{ord(letter):04d}"
    check = (10 - sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(body)) % 10) % 10
    return f"{body}{check}"


@dataclass(frozen=True)
class Delivered:
    """One delivery of a walk."""

    key: tuple[str, ...]
    words: frozenset[str]
    lines: tuple[dict[str, str], ...]
    outcomes: tuple[str, ...]

    def file(self) -> bytes:
        """The vendor's file."""
        names = ("vendor", "order", "line", "isbn", "title", "copies", "branch", "price", "barcode")
        rows = [";".join(names), *(";".join(line[name] for name in names) for line in self.lines)]
        end = "\r\n" if "pushed" in self.words else "\n"
        return (end.join(rows) + end).encode()

    def mapping(self) -> str:
        """The mapping."""
        reference = "{{ order }}" if "rowless" in self.words else "{{ order }}-{{ line }}"
        request = "request" in self.words
        target = "purchase_request" if request else "po_line"
        fields = (
            [
                "  format: P",
                "  owning_library: HBG",
                '  resource_metadata: {citation_type: BOOK, title: "{{ title }}", isbn: "{{ isbn }}"}',
                '  note: [{content: "{{ order }} {{ line }}"}]',
            ]
            if request
            else [
                "  owner: HBG",
                "  type: PRINTED_BOOK_OT",
                '  vendor: "{{ vendor }}"',
                '  vendor_account: "{{ vendor }}"',
                f'  vendor_reference_number: "{reference}"',
                '  additional_order_reference: "{{ order }}"',
                '  resource_metadata: {title: "{{ title }}", isbn: "{{ isbn }}"}',
                "  price: {sum: \"{{ price | amount('en') }}\", currency: SEK}",
                "  fund_distribution:",
                "    - {fund_code: BOCKER, amount: {sum: \"{{ price | amount('en') * copies | integer }}\", currency: SEK}}",
                "  location:",
                '    - {library: HBG, shelving_location: "{{ branch }}", quantity: "{{ copies | integer }}",'
                ' copy: [{barcode: "{{ barcode }}"}]}',
            ]
        )
        lines = [
            "version: 1",
            "name: walk",
            f"target: {target}",
            "source: {connector: csv, path: in.csv, options: {delimiter: ';'}}",
            f"key: [{', '.join(self.key)}]",
            *(['user: "anna.lind"'] if request else []),
            *(
                ["identity: {vendor: vendor, order: order, line: line, title: isbn}"]
                if {"known", "request"} & self.words
                else []
            ),
            "fields:",
            *fields,
            *(["  vendor_note: noted"] if "noted" in self.words else []),
        ]
        return "\n".join(lines) + "\n"


@dataclass(frozen=True)
class Walk:
    """A row of the table."""

    name: str
    deliveries: tuple[Delivered, ...]


def walks() -> list[Walk]:
    """Every row of the table."""
    text = DOCS.read_text(encoding="utf-8")
    table = text[text.index("| Walk |") :]
    found = []
    for row in table.splitlines()[2:]:
        if not row.startswith("| "):
            break
        name, *cells = (cell.strip() for cell in row.strip("| ").split(" | "))
        found.append(Walk(name, tuple(_delivered(cell) for cell in cells if cell)))
    return found


def _delivered(cell: str) -> Delivered:
    match = _CELL.fullmatch(cell)
    assert match is not None, cell
    key, *words = match[1].split()
    lines = tuple(_line(one.strip()) for one in match[2].split(","))
    return Delivered(
        tuple(key.split("+")), frozenset(words), lines, tuple(match[3].replace("already ", "already_").split())
    )


def _line(text: str) -> dict[str, str]:
    match = _LINE.fullmatch(text)
    assert match is not None, text
    said = match.groupdict()
    title = said["title"].rstrip("+")
    vendor, _, order = said["order"].rpartition("!")
    return {
        "vendor": vendor or "ADLIBRIS",
        "order": order.replace("_", " "),
        "line": said["line"],
        "title": f"Påhittad bok {title}{' : roman' if said['title'] != title else ''}",
        "isbn": isbn(title) if title.isupper() else "",
        "copies": said["copies"] or "1",
        "branch": said["branch"] or "VUXEN",
        "price": said["price"] or "249",
        "barcode": said["barcode"] or "",
    }
