"""Plain values → a checked Alma document → its payload bytes: the two built-in targets."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any, ClassVar, Literal, cast

from pydantic import BaseModel

from etl.documents import predict, totals
from etl.documents.build import build
from etl.documents.code_check import WARNING_CODES
from etl.documents.constants import check_constant
from etl.documents.outline import shape_of
from etl.documents.parse import parse
from etl.documents.parts import Part
from etl.documents.payload import payload
from etl.documents.po_line import PoLine
from etl.documents.purchase_request import PurchaseRequest
from etl.documents.schema import json_schema
from etl.plugin import Fault, Finding, Identity, Shape, Target, Totals

__all__ = ["WARNING_CODES", "PoLineTarget", "PurchaseRequestTarget"]


class _AlmaTarget(Target):
    """What both documents do alike. Fault codes in `WARNING_CODES` are doubts, not errors."""

    model: ClassVar[type[Part]]
    open_codes: ClassVar[frozenset[str]] = WARNING_CODES

    def build(
        self, values: Mapping[str, Any], respelt: Counter[str] | None = None
    ) -> BaseModel | list[Fault]:
        return build(self.model, values, respelt)

    def check_constant(self, path: tuple[str, ...], value: str) -> Fault | None:
        return check_constant(self.model, path, value)

    def payload(self, document: BaseModel, form: Literal["json", "json-line", "xml"]) -> bytes:
        return payload(cast(Part, document), self.name, form)

    def parse(self, payload: bytes, *, returned: bool = False) -> BaseModel | list[Fault]:
        return parse(self.model, self.name, payload, returned=returned)

    def json_schema(self) -> dict[str, Any]:
        return json_schema(self.model, self.name)


class PoLineTarget(_AlmaTarget):
    """Order lines: POST /almaws/v1/acq/po-lines."""

    name: ClassVar[str] = "po_line"
    summary: ClassVar[str] = "Alma order line (POST /almaws/v1/acq/po-lines)"
    model: ClassVar[type[Part]] = PoLine
    shape: ClassVar[Shape] = shape_of(PoLine, "po_line")
    one_of: ClassVar[tuple[tuple[str, ...], ...]] = (("resource_metadata.title", "resource_metadata.mms_id"),)
    unique_in_run: ClassVar[tuple[str, ...]] = ("vendor_reference_number",)

    def predict(self, document: BaseModel) -> list[Finding]:
        return predict.po_line(cast(PoLine, document))

    def totals(self, document: BaseModel) -> Totals:
        line = cast(PoLine, document)
        return totals.totals(line.price, line.location)

    def identity(self, document: BaseModel) -> Identity:
        line = cast(PoLine, document)
        about = line.resource_metadata
        titles = (about.isbn, about.issn, about.mms_id, about.vendor_title_number, about.title)
        copies = (copy for place in line.location for copy in place.copies)
        barcodes = tuple(copy.barcode for copy in copies if copy.barcode)
        return Identity(titles=tuple(filter(None, titles)), barcodes=barcodes)

    def said(self, values: Mapping[str, Any]) -> Totals:
        return totals.said(values.get("price"), values.get("location"))


class PurchaseRequestTarget(_AlmaTarget):
    """Purchase requests: POST /almaws/v1/users/{user_id}/purchase-requests."""

    name: ClassVar[str] = "purchase_request"
    summary: ClassVar[str] = "Alma purchase request (POST /almaws/v1/users/{user_id}/purchase-requests)"
    needs_user: ClassVar[bool] = True
    model: ClassVar[type[Part]] = PurchaseRequest
    shape: ClassVar[Shape] = shape_of(PurchaseRequest, "purchase_request")
    one_of: ClassVar[tuple[tuple[str, ...], ...]] = (
        ("resource_metadata.title", "resource_metadata.mms_id"),
        ("resource_metadata.citation_type", "resource_metadata.mms_id"),
    )

    def predict(self, document: BaseModel) -> list[Finding]:
        return predict.purchase_request(cast(PurchaseRequest, document))

    def totals(self, document: BaseModel) -> Totals:
        request = cast(PurchaseRequest, document)
        return totals.totals(request.estimated_cost, request.location)

    def identity(self, document: BaseModel) -> Identity:
        about = cast(PurchaseRequest, document).resource_metadata
        titles = (about.isbn, about.issn, about.mms_id, about.title)
        return Identity(titles=tuple(filter(None, titles)))

    def said(self, values: Mapping[str, Any]) -> Totals:
        return totals.said(values.get("estimated_cost"), values.get("location"))
