"""A code and the table it should be in → a fault when it is not there.

PurchaseType is closed: an unknown type is refused by Alma. The other tables are known here only in
part, or differ by institution, so their faults (`WARNING_CODES`) are warnings for whoever calls.
"""

from __future__ import annotations

from typing import Final

from etl.documents.code_tables import table
from etl.documents.empties import Path
from etl.documents.likely_codes import suggestion, with_meaning
from etl.documents.values import shown
from etl.plugin import Fault

_USUAL: Final = "the usual ones are " + ", ".join(
    with_meaning("purchase_type", one)
    for one in (
        "PRINTED_BOOK_OT",
        "E_BOOK_OT",
        "PRINTED_BOOK_SO",
        "PRINTED_JOURNAL_CO",
        "E_JOURNAL_CO",
        "PRINT_OT",
    )
)
WARNING_CODES: Final = frozenset({"E526", "E527", "E528", "E529"})


def check_type(code: str, path: Path) -> Fault | None:
    """A PO line type: E525 when Alma has none of that name, E526 when the table calls it removed."""
    row = table("purchase_type").get(code)
    if row is None:
        return Fault(
            path,
            "E525",
            f"{shown(code)} is not a PO line type; Alma would refuse it: 401872 Given type is illegal",
            suggestion(code, "purchase_type") or _USUAL,
        )
    if row["grade"] == "removed":
        return Fault(
            path,
            "E526",
            f"{shown(code)} is a PO line type that Alma has removed",
            "Alma puts the type's configured default in its place, or keeps it with an alert; choose another",
        )
    return None


def check_acquisition_method(code: str, path: Path) -> Fault | None:
    """An acquisition method: E527 when it is not among those known here."""
    return _unknown(code, path, "acquisition_method", "E527", "AcquisitionMethod")


def check_material_type(code: str, path: Path) -> Fault | None:
    """A physical material type: E528 when it is not among those known here."""
    return _unknown(code, path, "physical_material_type", "E528", "PhysicalMaterialType")


def check_currency(code: str, path: Path) -> Fault | None:
    """A currency: E529 when ISO 4217 does not have it (as of this program's table)."""
    return _unknown(code, path, "currency", "E529", "Currency_CT")


def _unknown(code: str, path: Path, name: str, number: str, alma_table: str) -> Fault | None:
    if code in table(name):
        return None
    nearest = suggestion(code, name)
    otherwise = f"{nearest} Otherwise" if nearest else "If it is right,"
    return Fault(
        path,
        number,
        f"{shown(code)} is not among the known codes of Alma's table {alma_table}",
        f"{otherwise} make sure that it is active in your institution's Alma",
    )
