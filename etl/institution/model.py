"""What an institution file holds: which codes exist in one Alma, and when and where that was read.

Kinds of codes and their calls: Ex Libris' acquisition and configuration APIs. A table that the key may not
read stands in `unavailable`; codes of that table are not checked. So do libraries and their locations.
"""

from __future__ import annotations

from datetime import date
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

TABLES = (
    "AcqItemSourceType",
    "AcquisitionMethod",
    "AssertionCodes",
    "Currency_CT",
    "HFundsTransactionItem.reportingCode",
    "ItemPolicy",
    "POLineStatus",
    "PPRSourceType",
    "PR_CitationType",
    "PR_RejectReasons",
    "PR_RequestedFormat",
    "PhysicalMaterialType",
    "PurchaseRequestStatus",
    "PurchaseType",
    "RenewalCycle",
    "SecondReportingCode",
    "ThirdReportingCode",
    "VendorReferenceNumberType",
    "electronicMaterialType",
)
LIBRARIES = "libraries"
"""In `unavailable`: no library is known, so that none is unknown."""


def locations_of(library: str) -> str:
    """In `unavailable`: the shelving locations of this library are not known."""
    return f"locations of {library}"


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Origin(_Part):
    """The day (UTC or local: the puller's), the gateway, and the institution's code in Alma."""

    date: date
    host: str
    institution: str


class Library(_Part):
    """A library; `locations` are its shelving locations, code → name."""

    name: str = ""
    locations: dict[str, str] = {}


class Vendor(_Part):
    """A vendor; accounts are code → name."""

    name: str = ""
    active: bool = True
    accounts: dict[str, str] = {}
    inactive_accounts: dict[str, str] = {}


class Fund(_Part):
    """A fund that can be used in an order line now. `libraries` None: by every library."""

    name: str = ""
    currency: str = ""
    libraries: list[str] | None = None


class Institution(_Part):
    """Everything that is known of one Alma; tables are name → code → description."""

    format: Literal["etl-institution/1"] = "etl-institution/1"
    pulled: Origin
    libraries: dict[str, Library]
    vendors: dict[str, Vendor]
    funds: dict[str, Fund]
    currencies: dict[str, str] = {}
    tables: dict[str, dict[str, str]] = {}
    disabled: dict[str, dict[str, str]] = Field(default={}, description="Rows switched off in Alma")
    unavailable: list[str] = []
