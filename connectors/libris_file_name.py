"""The name of a Libris acquisition file → what it says: whose it is, for whom, when, and of which record.

SUPPLIER_SIGEL_YYYYMMDDhhmmss_REFERENCE.xml, or .iso88591 for Latin-1; the reference (SE-LIBR8452921 for a
Libris record, the supplier's own number for another) is there when there is a file for each title. Suppliers
differ in the case of their own name, so nothing is compared by it.
"""

from __future__ import annotations

import re

_NAME = re.compile(
    r"(?P<supplier>[^_]+)_(?P<sigel>[^_]+)_(?P<created>[0-9]{14})(?:_(?P<reference>.+))?\.[^.]+", re.DOTALL
)
_RECORD = re.compile(r"(?P<source>SE-LIBR|LIBRIS|SwLnBT)[-_]?(?P<number>.+)", re.IGNORECASE)


def read_file_name(path: str) -> dict[str, str]:
    """Fields file.supplier, file.sigel, file.created, file.reference …; empty for a name of another form.

    >>> read_file_name("in/adlibris_Exb_20240311142205_SE-LIBR8452921.xml")["file.record_no"]
    '8452921'
    >>> read_file_name("orders.xml")
    {}
    """
    found = _NAME.fullmatch(re.split(r"[/\\]", path)[-1])
    if found is None:
        return {}
    fields = {f"file.{name}": text for name, text in found.groupdict().items() if text}
    if record := _RECORD.fullmatch(found["reference"] or ""):
        fields["file.record_supplier"] = record["source"]
        fields["file.record_no"] = record["number"]
    return fields
