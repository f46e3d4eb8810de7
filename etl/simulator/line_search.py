"""GET /acq/po-lines and a vendor's lines → brief rows, in order, with the lag of Alma's index."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from etl.simulator.call import Call, Tree
from etl.simulator.line_status import brief, status_of, visible
from etl.simulator.read_body import alma_day
from etl.simulator.standard_numbers import bare_isbn, bare_issn
from etl.simulator.stored import Line
from etl.simulator.world import World

Match = Callable[[dict[str, Any], str], bool]


def _metadata(name: str) -> Match:
    return lambda doc, words: _contains(doc["resource_metadata"].get(name, ""), words)


def _contains(text: str, words: str) -> bool:
    """Every word of the query is in the text, whatever its case."""
    text = text.lower()
    return all(word in text for word in words.split())


def _in_funds(member: str) -> Match:
    return lambda doc, words: any(
        _contains(row["fund_code"].get(member, ""), words) for row in doc["fund_distribution"]
    )


def _in_copies(name: str) -> Match:
    return lambda doc, words: any(
        _contains(copy.get(name, ""), words) for place in doc["location"] for copy in place["copy"]
    )


_ITEM: dict[str, Match] = {
    **{
        name: _in_copies(name)
        for name in (
            "enumeration_a",
            "enumeration_b",
            "enumeration_c",
            "chronology_i",
            "chronology_j",
            "chronology_k",
        )
    },
    "item_description": _in_copies("description"),
    "item_library": lambda doc, words: any(
        place["library"]["value"].lower() == words for place in doc["location"]
    ),
}
_LINE: dict[str, Match] = {
    **{
        name: _metadata(name)
        for name in ("title", "author", "publisher", "publication_year", "publication_place")
    },
    "mms_id": lambda doc, words: bool(doc["resource_metadata"]["mms_id"]["value"] == words),
    "issn_isbn": lambda doc, words: (
        words != ""
        and (
            bare_isbn(doc["resource_metadata"].get("isbn", "")) == bare_isbn(words)
            or bare_issn(doc["resource_metadata"].get("issn", "")) == bare_issn(words)
        )
    ),
    "shelving_location": lambda doc, words: any(
        _contains(place["shelving_location"], words) for place in doc["location"]
    ),
    "vendor_code": lambda doc, words: bool(doc["vendor"]["value"].lower() == words),
    "vendor_name": lambda doc, words: _contains(doc["vendor"].get("desc", ""), words),
    "vendor_account": lambda doc, words: bool(doc["vendor_account"].lower() == words),
    "fund_code": _in_funds("value"),
    "fund_name": _in_funds("desc"),
    "number": lambda doc, words: bool(doc["number"].lower() == words),
    "po_number": lambda doc, words: bool(doc["po_number"].lower() == words),
    "invoice_reference": lambda doc, words: _contains(doc["invoice_reference"], words),
}
_LINE["all"] = lambda doc, words: any(match(doc, words) for name, match in _LINE.items() if name != "all")
# not one of them: vendor_reference_number and additional_order_reference cannot be searched in Alma

_SORTS = ("number", "title", "created_date", "po_number")
_STATUSES = ("CLOSED", "CANCELLED", "ACTIVE", "ALL", "ALL_WITH_CLOSED")


def list_lines(world: World, call: Call) -> Tree:
    """GET /acq/po-lines."""
    terms = _terms(call)
    keys = _sort_keys(call, terms)
    status = call.query("status", "ALL").upper()
    if status not in _STATUSES:
        raise call.refusal("402119")
    for name in ("min_expected_arrival_date", "max_expected_arrival_date"):
        if call.query(name) and alma_day(call.query(name)) is None:
            raise call.refusal("402119")
    where, values = _narrowing(terms, call, world)
    rows = [line for line in world.store.lines(where, values) if _fits(world, call, line, terms, status)]
    if terms and len(rows) > world.settings.most_hits:
        raise call.refusal("40188605", str(world.settings.most_hits))
    rows.sort(key=lambda line: line.number)
    rows.sort(
        key=lambda line: [_sort_value(line, key) for key in keys],
        reverse=call.query("direction", "desc").lower() != "asc",
    )
    return page_of(world, call, rows)


def vendor_lines(world: World, call: Call) -> Tree:
    """GET /acq/vendors/{vendorCode}/po-lines."""
    vendor = call.arguments["vendorCode"]
    call.check_vendor(vendor)
    if vendor not in world.institution.vendor:
        raise call.refusal("401871", vendor)
    seen = world.now - world.settings.timing.list_lag
    return page_of(world, call, list(world.store.lines("vendor = ? and created <= ?", (vendor, seen))))


def page_of(world: World, call: Call, rows: list[Line]) -> Tree:
    """One page as brief rows. Without hits the array is absent, as captured."""
    limit, offset = min(call.number("limit", 10), 100), call.number("offset", 0)
    listed = [brief(world, line, call.query("expand")) for line in rows[offset : offset + limit]]
    tree: dict[str, Any] = {"po_line": listed} if listed else {}
    return Tree("po_lines", {**tree, "total_record_count": len(rows)})


def _terms(call: Call) -> list[tuple[str, str]]:
    """(field, words) of `field~words AND field~words`; blanks may be written as underscores."""
    found = []
    for part in filter(None, call.query("q").split(" AND ")):
        name, tilde, words = part.partition("~")
        name = name.strip()
        if not tilde or (name not in _LINE and name not in _ITEM):
            raise call.refusal("40188600", name)
        exact = name in ("number", "vendor_code", "vendor_account", "fund_code")
        found.append((name, (words if exact else words.replace("_", " ")).strip().lower()))
    return found


def _sort_keys(call: Call, terms: Iterable[tuple[str, str]]) -> list[str]:
    keys = [key.strip() for key in call.query("order_by", "title").split(",")]
    for key in keys:
        if key not in _SORTS and key not in _ITEM:
            raise call.refusal("40188604", key, ", ".join([*_SORTS, *_ITEM]))
    of_items = [key for key in keys if key in _ITEM]
    if len(keys) - len(of_items) > 1 or (of_items and len(of_items) < len(keys)):
        raise call.refusal("40188603")
    if of_items and not any(name in _ITEM for name, _ in terms):
        raise call.refusal("40188602")
    return keys


def _narrowing(terms: list[tuple[str, str]], call: Call, world: World) -> tuple[str, tuple[Any, ...]]:
    """What the database can do of the search, by index; the rest is done row by row."""
    where, values = ["created <= ?"], [world.now - world.settings.timing.list_lag]
    columns: list[tuple[str, Any]] = []
    for name, words in terms:
        if name == "issn_isbn":
            where.append("(isbn = ? or issn = ?)")
            values += [bare_isbn(words), bare_issn(words)]  # type: ignore[list-item]
        elif name == "mms_id":
            columns.append(("mms", words))
        elif name in ("number", "vendor_code"):
            columns.append((f"lower({name.removesuffix('_code')})", words))
    if call.query("library"):
        columns.append(("owner", call.query("library")))
    for column, value in columns:
        where.append(f"{column} = ?")
        values.append(value)
    return " and ".join(where), tuple(values)


def _fits(world: World, call: Call, line: Line, terms: list[tuple[str, str]], status: str) -> bool:
    if not call.may_see(line.doc["vendor"]["value"]):
        return False
    if not all((_LINE.get(name) or _ITEM[name])(line.doc, words) for name, words in terms):
        return False
    methods = call.query("acquisition_method", "ALL").split(",")
    if "ALL" not in methods and line.doc["acquisition_method"]["value"] not in methods:
        return False
    if not _expected(world, call, line):
        return False
    now = status_of(world, line)
    if status == "ALL_WITH_CLOSED":
        return True
    if status == "ALL":  # documented: everything except closed
        return now != "CLOSED"
    if status == "ACTIVE":
        return now not in ("CLOSED", "CANCELLED")
    return now == status


def _expected(world: World, call: Call, line: Line) -> bool:
    """Does it arrive between the days asked for? What has no day does not, once a day is asked for."""
    first, last = call.query("min_expected_arrival_date"), call.query("max_expected_arrival_date")
    if not first and not last:
        return True
    day = visible(world, line).get("expected_receipt_date", "")[:10]
    return day != "" and (not first or day >= first[:10]) and (not last or day <= last[:10])


def _sort_value(line: Line, key: str) -> str:
    doc = line.doc
    if key == "created_date":
        return f"{line.created:020.6f}"
    if key == "title":
        return str(doc["resource_metadata"]["title"]).lower()
    if key in doc:
        return str(doc[key])
    if key == "item_library":
        return " ".join(place["library"]["value"] for place in doc["location"])
    name = "description" if key == "item_description" else key
    return " ".join(copy.get(name, "") for place in doc["location"] for copy in place["copy"])
