"""A YAML file → the institution this Alma plays: libraries, vendors, funds, users, code tables, rules.

Everything is read as text, so that a code `0123` or `NO` stays what it is.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from decimal import Decimal
from functools import cache, cached_property
from importlib.resources import files
from pathlib import Path
from typing import Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from etl.simulator.institution_parts import (
    ApiKey,
    Bib,
    Department,
    Fund,
    Library,
    Profile,
    Review,
    Row,
    User,
    Vendor,
    Word,
)


class BadInstitution(ValueError):  # noqa: N818 - said to the person who wrote the file
    """The institution file cannot be used; the text names the file and each place."""


class Institution(BaseModel):
    """See tables/institution.yaml for an example of every member."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    code: str
    name: str = ""
    suffix: str = Field(default="1501", pattern=r"^\d{4}$")
    api_keys: list[ApiKey]
    libraries: list[Library]
    departments: list[Department] = []
    vendors: list[Vendor] = []
    funds: list[Fund] = []
    fiscal_period: str = ""
    users: list[User] = []
    bibs: list[Bib] = []
    profiles: list[Profile] = []
    po_line_types: dict[Literal["P", "E"], str] = {}
    closed_catalogue: bool = False
    disabled_types: dict[str, str] = {}
    alerts: dict[Literal["inventory", "brief_bib", "reporting_code", "price_limit"], Word] = {}
    price_limit: Decimal = Decimal(10000)
    review: Review = Review()
    code_tables: dict[str, list[Row]] = {}

    @model_validator(mode="after")
    def _codes_once(self) -> Institution:
        """Twice the same code would make answers depend on the order of the file."""
        groups: list[tuple[str, list[str]]] = [
            ("libraries", [one.code for one in self.libraries]),
            ("vendors", [one.code for one in self.vendors]),
            ("funds", [one.code for one in self.funds]),
            ("users", [one.primary_id for one in self.users]),
            ("api_keys", [one.key for one in self.api_keys]),
            ("profiles", [one.code for one in self.profiles]),
        ]
        for name, codes in groups:
            twice = sorted({code for code in codes if codes.count(code) > 1})
            if twice:
                raise ValueError(f'{name}: "{twice[0]}" stands twice')
        return self

    @cached_property
    def keys(self) -> dict[str, ApiKey]:
        """By key."""
        return {one.key: one for one in self.api_keys}

    @cached_property
    def library(self) -> dict[str, Library]:
        """By code."""
        return {one.code: one for one in self.libraries}

    @cached_property
    def vendor(self) -> dict[str, Vendor]:
        """By code, case-sensitive."""
        return {one.code: one for one in self.vendors}

    @cached_property
    def fund(self) -> dict[str, Fund]:
        """By code, case-sensitive as in Alma."""
        return {one.code: one for one in self.funds}

    @cached_property
    def descriptions(self) -> dict[str, dict[str, str]]:
        """Code table name → code → description; the file's own tables replace the shipped ones."""
        return {name: {row.code: row.description for row in rows} for name, rows in self.tables.items()}

    @cached_property
    def currencies(self) -> frozenset[str]:
        """The codes of active currencies."""
        return frozenset(row.code for row in self.tables["Currency_CT"] if row.enabled)

    def with_tables(self, rows: Mapping[str, Sequence[Mapping[str, Any]]]) -> Institution:
        """The same institution with other rows in some code tables."""
        if not rows:
            return self
        changed = {name: [Row.model_validate(row) for row in given] for name, given in rows.items()}
        return self.changed(code_tables={**self.code_tables, **changed})

    def changed(self, **members: object) -> Institution:
        """The same institution with other members, unchecked.

        Not `model_copy`, which would take along what is indexed already: the old keys, the old vendors.
        """
        kept = {name: getattr(self, name) for name in type(self).model_fields}
        return Institution.model_construct(**{**kept, **members})

    @cached_property
    def tables(self) -> dict[str, list[Row]]:
        """Code table name → rows."""
        return {**_shipped_tables(), **self.code_tables}

    def usable(self, fund: Fund, owner: str) -> bool:
        """May a new line of this owner use the fund now (mode=POL): allocated, active, this period's?"""
        current = fund.fiscal_period in ("", self.fiscal_period)
        return (
            fund.type == "ALLOCATED" and fund.status == "ACTIVE" and current and fund.library in ("", owner)
        )

    def user(self, identifier: str, kind: str = "") -> User | None:
        """By primary id or, without a type or with its own, by another identifier."""
        for one in self.users:
            if one.primary_id == identifier and kind in ("", "all_unique", "PRIMARY_ID"):
                return one
            others = one.identifiers.items()
            if any(value == identifier and kind in ("", "all_unique", name) for name, value in others):
                return one
        return None

    def profile(self, code: str) -> Profile | None:
        """The named profile, or without a name the default one."""
        if code:
            return next((one for one in self.profiles if one.code == code), None)
        return next((one for one in self.profiles if one.default), None)


def shipped_text() -> str:
    """The default institution, as YAML to copy."""
    return (files("etl.simulator") / "tables" / "institution.yaml").read_text(encoding="utf-8")


@cache
def _shipped_tables() -> dict[str, list[Row]]:
    tables: dict[str, list[Row]] = {"AssertionCodes": []}
    text = (files("etl.simulator") / "tables" / "code_tables.csv").read_text(encoding="utf-8")
    for row in csv.DictReader(text.splitlines()):
        table = tables.setdefault(row.pop("table"), [])
        table.append(Row.model_validate(row))
    return tables


def load_institution(path: Path | None = None) -> Institution:
    """The institution of `path`, or the shipped one. Raises BadInstitution with every fault of the file."""
    if path is None:
        return _shipped()
    try:
        return _parsed(path.read_text(encoding="utf-8"), str(path))
    except OSError as error:
        raise BadInstitution(f"{path}: cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise BadInstitution(f"{path}: not text in UTF-8") from None


@cache
def _shipped() -> Institution:
    return _parsed(shipped_text(), "the shipped institution")


def _parsed(text: str, name: str) -> Institution:
    try:
        tree: Any = yaml.load(text, Loader=yaml.BaseLoader)  # noqa: S506 - it builds text, lists and dicts only
        return Institution.model_validate(tree)
    except yaml.YAMLError as error:
        raise BadInstitution(f"{name}: not YAML: {error}") from None
    except ValidationError as error:
        said = (
            f"{'.'.join(str(step) for step in one['loc']) or 'file'}: {one['msg']}" for one in error.errors()
        )
        raise BadInstitution("\n".join(f"{name}: {line}" for line in said)) from None
