"""What an institution has, one model for each kind of thing. Everything is read as text."""

from __future__ import annotations

from decimal import Decimal
from functools import cached_property
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

Word = Literal["off", "note", "review"]
VendorType = Literal["material_supplier", "access_provider", "licensor", "governmental"]
Block = Literal["invalid_fund", "not_fully_funded", "insufficient_balance"]


class Part(BaseModel):
    """A member that is not known is a mistake of the file."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class ApiKey(Part):
    """A key: per API area read or write, and perhaps a restriction to some vendors."""

    key: str = Field(min_length=1)
    areas: dict[Literal["acq", "users", "conf"], Literal["read", "write"]] = {
        "acq": "write",
        "users": "write",
        "conf": "write",
    }
    vendors: frozenset[str] | None = None
    note: str = ""


class Place(Part):
    """A shelving location."""

    code: str
    name: str = ""


class Library(Part):
    """A library and its shelving locations."""

    code: str
    name: str = ""
    locations: list[Place] = []


class Department(Part):
    """An acquisitions department, where items are received."""

    code: str
    library: str
    name: str = ""


class Account(Part):
    """A vendor account; the intervals (days) fill lines that leave them out, the discount (percent) too."""

    code: str
    name: str = ""
    status: Literal["ACTIVE", "INACTIVE"] = "ACTIVE"
    discount: Decimal = Decimal(0)
    reclaim_interval: str = "0"
    expected_receipt_interval: str = "30"
    claiming_interval: str = "60"


class Vendor(Part):
    """A vendor with its accounts. `types`: what GET /acq/vendors?type= finds it by."""

    code: str
    name: str = ""
    status: Literal["ACTIVE", "INACTIVE"] = "ACTIVE"
    types: list[VendorType] = ["material_supplier"]
    accounts: list[Account] = []

    def account(self, code: str) -> Account | None:
        """The account of that code, if the vendor has it."""
        return next((one for one in self.accounts if one.code == code), None)


class Fund(Part):
    """A fund. `balance` is what may still be encumbered, in `currency`; no library: usable by all.

    `parent`: the code of its ledger or summary fund.
    """

    code: str
    name: str = ""
    type: Literal["ALLOCATED", "SUMMARY", "LEDGER"] = "ALLOCATED"
    status: Literal["ACTIVE", "INACTIVE", "DRAFT"] = "ACTIVE"
    library: str = ""
    fiscal_period: str = ""
    balance: Decimal = Decimal(0)
    currency: str
    parent: str = ""


class User(Part):
    """A user; other identifiers by type."""

    primary_id: str
    first_name: str = ""
    last_name: str = ""
    email: str = ""
    identifiers: dict[str, str] = {}


class Bib(Part):
    """A bibliographic record that was there before."""

    mms_id: str
    title: str
    isbn: str = ""
    issn: str = ""


class Profile(Part):
    """An integration profile of the type New Order API; `block` turns reviews into refusals."""

    id: str
    code: str
    name: str = ""
    default: bool = False
    block: frozenset[Block] = frozenset()


class Rule(Part):
    """A Purchasing Review Rule: all given members must fit."""

    owner: str | None = None
    vendor: str | None = None
    type: str | None = None
    acquisition_method: str | None = None
    fund: str | None = None
    review: bool

    @cached_property
    def wanted(self) -> dict[str, str]:
        """The members given, in the order of the class."""
        return dict(self.model_dump(exclude_none=True, exclude={"review"}))


class Review(Part):
    """The default rule first, then the first rule that fits."""

    default: bool = False
    rules: list[Rule] = []


class Row(Part):
    """A row of a code table; who changed it and when are empty until somebody does."""

    code: str = Field(min_length=1)
    description: str
    default: bool = False
    enabled: bool = True
    updated_by: str = ""
    update_date: str = ""
