"""What almapiwrapper (PyPI, made by others for real Almas) makes of an Alma at URL: one JSON object on stdout.

    pip install almapiwrapper requests pandas lxml     in an environment of its own: it is no dependency of ours
    python use_almapiwrapper.py http://127.0.0.1:8808

Nothing of it is patched but the address, which it holds in its classes.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
from pathlib import Path
from typing import Any

ORDER = {
    "owner": {"value": "HBG"},
    "type": {"value": "PRINTED_BOOK_OT"},
    "vendor": {"value": "ADLIBRIS"},
    "vendor_account": "ADLIBRIS",
    "vendor_reference_number": "W-1",
    "price": {"sum": "54.10", "currency": {"value": "SEK"}},
    "resource_metadata": {"title": "Vittnets bok", "isbn": "9789199900018"},
    "fund_distribution": [
        {"fund_code": {"value": "BOCKER"}, "amount": {"sum": "108.20", "currency": {"value": "SEK"}}}
    ],
    "location": [{"quantity": "2", "library": {"value": "HBG"}, "shelving_location": "VUXEN"}],
}


def keys_file(folder: str) -> str:
    """almapiwrapper takes its keys from a file named by `alma_api_keys`."""
    areas = ["Acquisitions", "Conf", "Users", "Bibs"]
    grants = [{"Area": area, "Env": "P", "Permissions": right} for area in areas for right in ("R", "RW")]
    place = Path(folder) / "keys.json"
    place.write_text(
        json.dumps({"SIM": [{"API_Key": "simulator-key", "Supported_APIs": grants}]}), encoding="utf-8"
    )
    return str(place)


def see(url: str) -> dict[str, Any]:
    from almapiwrapper.acquisitions import POLine, Vendor
    from almapiwrapper.record import Record

    for kind in (Record, POLine, Vendor):
        for name, value in list(vars(kind).items()):
            if isinstance(value, str) and value.startswith("https://api-eu.hosted.exlibrisgroup.com"):
                setattr(kind, name, value.replace("https://api-eu.hosted.exlibrisgroup.com", url))
    made = POLine(data=ORDER, zone="SIM").create()
    number = made.pol_number
    read = POLine(number, zone="SIM")
    fetched = dict(read.data)
    read.data["vendor_note"] = "rättad av ett vittne"
    changed = read.update()
    unknown = POLine("POL-999999", zone="SIM")
    nothing = unknown.data
    refused = POLine(data={**ORDER, "owner": {"value": "NOWHERE"}}, zone="SIM").create()
    vendor = Vendor("ADLIBRIS", zone="SIM")
    return {
        "number": number,
        "created": made.data,
        "fetched": fetched,
        "changed_note": changed.data.get("vendor_note"),
        "change_error": changed.error_msg,
        "missing": [nothing, unknown.error, unknown.error_msg],
        "refused": [refused.error, refused.error_msg],
        "vendor_name": vendor.data["name"],
        "vendor_lines": [one.pol_number for one in vendor.polines or []],
    }


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        os.environ["alma_api_keys"] = keys_file(folder)  # noqa: SIM112 - its own spelling
        json.dump(see(sys.argv[1]), sys.stdout)
