"""Values of a document → every code in it, with what the code must agree with.

Works on plain values (`{"price": {"sum": …, "currency": "SEK"}, "location": [{…}]}`), so that a document
about to be sent and the constants of a mapping are asked the same questions.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

Path = tuple[str | int, ...]

PO_LINE: Mapping[tuple[str, ...], str] = {
    ("owner",): "owner",
    ("type",): "PurchaseType",
    ("vendor",): "vendor",
    ("vendor_account",): "account",
    ("acquisition_method",): "AcquisitionMethod",
    ("price", "currency"): "currency",
    ("fund_distribution", "fund_code"): "fund",
    ("fund_distribution", "amount", "currency"): "currency",
    ("vendor_reference_number_type",): "VendorReferenceNumberType",
    ("reporting_code",): "HFundsTransactionItem.reportingCode",
    ("secondary_reporting_code",): "SecondReportingCode",
    ("tertiary_reporting_code",): "ThirdReportingCode",
    ("renewal_cycle",): "RenewalCycle",
    ("material_type",): "material",
    ("location", "library"): "library",
    ("location", "shelving_location"): "shelf",
    ("location", "copy", "item_policy"): "ItemPolicy",
    ("location", "copy", "permanent_library"): "library",
    ("location", "copy", "permanent_shelving_location"): "shelf",
}

PURCHASE_REQUEST: Mapping[tuple[str, ...], str] = {
    ("format",): "PR_RequestedFormat",
    ("requested_type",): "material",
    ("owning_library",): "library",
    ("estimated_cost", "currency"): "currency",
    ("fund",): "fund",
    ("vendor",): "vendor",
    ("vendor_account",): "account",
    ("resource_metadata", "citation_type"): "PR_CitationType",
    ("location", "library"): "library",
    ("location", "shelving_location"): "shelf",
}

TARGETS = {"po_line": PO_LINE, "purchase_request": PURCHASE_REQUEST}
_COMPANIONS = {
    "vendor_account": "vendor",
    "shelving_location": "library",
    "permanent_shelving_location": "permanent_library",
}
_OWNERS = {"po_line": "owner", "purchase_request": "owning_library"}


@dataclass(frozen=True, slots=True)
class Coded:
    """A code and where it stands. `companion`: the vendor of an account, the library of a shelving location;
    `owner` and `form` (PO line type, or P/E) are those of the whole document. "" is not known.
    """

    kind: str
    path: Path
    value: str
    companion: str = ""
    owner: str = ""
    form: str = ""

    @property
    def field(self) -> tuple[str, ...]:
        """The path without positions in lists."""
        return tuple(part for part in self.path if isinstance(part, str))


def codes_in(target: str, values: Mapping[str, Any]) -> Iterator[Coded]:
    """Every code that an institution file can know, in document order. Other targets have none."""
    kinds = TARGETS.get(target)
    if kinds is not None:
        whole = (_text(values, _OWNERS[target]), _text(values, "type") or _text(values, "format"))
        yield from _in(values, (), (), kinds, whole)


def _in(
    values: Mapping[str, Any],
    path: Path,
    field: tuple[str, ...],
    kinds: Mapping[tuple[str, ...], str],
    whole: tuple[str, str],
) -> Iterator[Coded]:
    for name, value in values.items():
        here = (*field, name)
        if isinstance(value, str):
            if here in kinds and value:
                companion = _text(values, _COMPANIONS.get(name, ""))
                yield Coded(kinds[here], (*path, name), value, companion, *whole)
        elif isinstance(value, Mapping):
            yield from _in(value, (*path, name), here, kinds, whole)
        elif isinstance(value, list | tuple):
            for at, member in enumerate(value):
                if isinstance(member, Mapping):
                    yield from _in(member, (*path, name, at), here, kinds, whole)


def _text(values: Mapping[str, Any], name: str) -> str:
    value = values.get(name)
    return value if isinstance(value, str) else ""
