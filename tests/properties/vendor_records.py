"""Every value of an order record that a vendor documents or was seen to send, layout by layout, and what a mapping says
of such a record."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path
from typing import Any

import other_records
from vendor_writers import (
    Record,
    as_acquisition,
    as_answer,
    as_csv,
    as_form,
    as_json,
    as_marc,
    as_notice,
    as_purchase,
    as_quotation,
)

from connectors.layouts import load_layouts
from etl.plan.compile import compile_plan
from etl.plan.plan import Plan
from etl.plugin import Problem
from etl.registry import Registry
from etl.run.build import Builder, fresh_recorder
from etl.run.outcomes import Held, Refused
from etl.run.rows import Rejected, read_rows
from etl.run.unread import UnreadValues, ignored_by
from etl.spec.load import load
from etl.testing.sources import bytes_source

ROOT = Path(__file__).parents[2]
ISBNS = ("9789199996004", "9789199996028", "9789199996103")
_ANSWERS = ROOT / "mappings/oasis/samples/with-overlay/answers-2024-03-11.jsonl"
CATALOGUED = as_marc({"001": "8452944", "020$a": ISBNS[2], "245$a": "Fyren"}).decode()


@dataclass(frozen=True)
class Kind:
    """How one layout's records are written, and what one says. `layout` is empty for csv and marc, which have none;
    `po_line` is the mapping of order lines, if it has another name, and the only one then; `unknown` a field that nobody knows.
    """

    mapping: str
    layout: str
    record: Record
    write: Callable[[Record], bytes]
    po_line: str = "po_line"
    unknown: str = "nytt"
    file: str = "adlibris_Exb_20240311142205.xml"
    heading: str = ""
    about: str = ""

    @property
    def title(self) -> str:
        return self.heading or load_layouts(self.mapping)[self.layout].title

    @property
    def unconcerned(self) -> Mapping[str, str]:
        return load_layouts(self.mapping)[self.layout].unconcerned if self.layout else {}

    @property
    def aliases(self) -> Mapping[str, tuple[str, ...]]:
        layout = load_layouts(self.mapping)[self.layout] if self.layout else None
        return {} if layout is None else {name: tuple(one.aliases) for name, one in layout.columns.items()}

    def mapping_of(self, target: str) -> str | None:
        """None: the vendor has no such mapping."""
        if target != "po_line" and self.po_line != "po_line":
            return None
        name = f"{self.mapping}/{self.po_line if target == 'po_line' else target}.yaml"
        return name if (ROOT / "mappings" / name).exists() else None


KINDS = {
    "adlibris_order": Kind(
        "adlibris",
        "adlibris_order",
        {
            "order.leverantor": "AdLibris",
            "order.kundnummer": "712345",
            "order.ordernummer": "4821",
            "order.orderdatum": "2024-03-11T14:22:05+01:00",
            "order.referens": "Barn vår",
            "radnummer": 1,
            "artikelnummer": ISBNS[0],
            "isbn": ISBNS[0],
            "titelnummer": "8452921",
            "externnummer": "8452922",
            "katalogpostleverantor": "LIBRIS",
            "forfattare": "Öberg, Åsa",
            "titel": "Sju nätter",
            "forlag": "Förlaget",
            "utgivningsar": "2024",
            "bandtyp": "Inbunden",
            "sprak": "swe",
            "signum": "Hc",
            "antal": 2,
            "pris": "152.00",
            "valuta": "SEK",
            "moms_procent": 6,
            "rabatt_procent": 28,
            "pris_inkl_moms": False,
            "leveransdatum": "2024-03-25",
            "anmarkning": "Plastas",
            "fordelning.avdelning": "Barn",
            "fordelning.placering": "Hylla",
            "fordelning.antal": 2,
            "fordelning.konto": "VUX24",
            "fordelning.signum": "Hc",
            "fordelning.anmarkning": "Skylt",
        },
        as_json("rader"),
    ),
    "adlibris_vendor_order": Kind(
        "adlibris",
        "adlibris_vendor_order",
        {
            "order.Vendor": "Adlibris",
            "order.CustomerNumber": "712346",
            "order.OrderNumber": "50000123",
            "order.WhenOrderedTimestamp": "2024-03-12T23:50:04Z",
            "order.OrderNote": "Till filialen",
            "order.OrderInvoiceNumber": "F-1",
            "order.OrderAPIVersion": "1.0",
            "order.ContinueOrderingReturnURL": "https://example.org/",
            "ISBN": ISBNS[2],
            "ItemID": "8452944",
            "ItemIDStandard": "LIBRIS",
            "Title": "Fyren",
            "Author": "Öberg, Åsa",
            "Publisher": "Fyrskeppet",
            "Year": "2024",
            "ItemCallnumber": "Hc",
            "ItemCallnumberStandard": "SAB",
            "ItemBarcode": "30500012345678",
            "ItemNote": "Ersätter",
            "ItemEstimatedDeliveryDate": "2024-03-20T10:30:00Z",
            "Quantity": 1,
            "Price": "187.74",
            "PriceIncVAT": "199.0044",
            "PriceRRP": "217.74",
            "VAT": 6,
            "Currency": "SEK",
            "MARCRecord": CATALOGUED,
            "MARCRecordFormat": "marc21",
        },
        as_json("Items"),
    ),
    "bokus_order": Kind(
        "bokus",
        "bokus_order",
        {
            "Kundnr": "5501287",
            "Ordernr": "B-1",
            "Orderdatum": "2024-03-11",
            "Rad": "1",
            "Artikelnr": ISBNS[0],
            "Titel": "Sju nätter",
            "Författare": "Öberg, Åsa",
            "Förlag": "Förlaget",
            "Utgivningsdatum": "2024",
            "Bandtyp": "Inbunden",
            "Mediatyp": "Bok",
            "Signum": "Hc",
            "Titelnummer": "8452921",
            "Postleverantör": "LIBRIS",
            "Antal": "2",
            "Pris exkl moms": "142,45",
            "Moms %": "6",
            "Valuta": "SEK",
            "Leveransdatum": "2024-03-25",
            "Avdelning": "Barn",
            "Placering": "Hylla",
            "Anmärkning": "Plastas",
        },
        as_csv,
    ),
    "forlagett_order": Kind(
        "forlagett",
        "forlagett_order",
        {
            "lev": "ForlagEtt",
            "konto": "4711",
            "order": "F-1",
            "datum": "20240311",
            "isbn": ISBNS[0],
            "titelnr": "8452921",
            "postlev": "LIBRIS",
            "titel": "Sju nätter",
            "forf": "Öberg, Åsa",
            "signum": "Hc",
            "antal": "2",
            "pris": "98,00",
            "valuta": "SEK",
            "moms": "6",
            "levdatum": "20240325",
            "avd": "Barn",
            "plac": "Hylla",
            "anm": "Ersätter",
        },
        as_form,
    ),
    "btj_orderbekraftelse": Kind(
        "btj",
        "btj_orderbekraftelse",
        {
            "kundnummer": "01234000",
            "ordernummer": "7712",
            "orderdatum": "2024-03-11",
            "rad": "1",
            "titelnummer": "23456789",
            "häftesposition": "BTJ 24:05:117",
            "isbn": ISBNS[0],
            "författare": "Öberg, Åsa",
            "titel": "Sju nätter",
            "signum": "Hc",
            "katalogpostleverantör": "BURK",
            "BP": "J",
            "antal": "2",
            "avdelning": "Barn",
            "placering": "Hylla",
            "pris": "189,00",
            "valuta": "SEK",
            "moms": "6",
            "rabatt": "27,5",
            "leveransdatum": "2024-04-02",
            "tjänst": "MD",
        },
        as_csv,
    ),
    "btj_editx": Kind(
        "btj",
        "btj_editx",
        {
            "Header/ShipNoticeNumber": "SN1",
            "Header/IssueDateTime": "20240311T1730",
            "Header/PurposeCode": "Original",
            "Header/BuyerParty/PartyID[VendorAssignedID]/Identifier": "01234000",
            "Header/SellerParty/NameLine": "BTJ Sverige AB",
            "LineNumber": "1",
            "ProductID[EAN13]/Identifier": ISBNS[0],
            "ProductID[ISBN]/Identifier": ISBNS[0],
            "ItemDescription/ProductForm": "BB",
            "ItemDescription/Title": "Sju nätter",
            "ItemDescription/Author": "Öberg, Åsa",
            "ItemDescription/SeriesTitle": "Serien",
            "ItemDescription/EditionStatement": "2. uppl.",
            "ItemDescription/CityOfPublication": "Umeå",
            "ItemDescription/PublisherName": "Förlaget",
            "ItemDescription/YearOfPublication": "2024",
            "QuantityShipping": "2",
            "ReferenceCoded[VendorsOrderReference]/ReferenceNumber": "7712",
            "ReferenceCoded[VendorsOrderReference]/ReferenceDate": "11.03.2024",
            "ReferenceCoded[BuyersOrderReference]/ReferenceNumber": "K-1",
            "ReferenceCoded[BuyersOrderLineReference]/ReferenceNumber": "3",
            "PricingDetail[UnitCostExcludingTax]/MonetaryAmount": "189.00",
            "PricingDetail[UnitCostExcludingTax]/CurrencyCode": "SEK",
            "PricingDetail[UnitCostExcludingTax]/Tax/Percent": "6",
            "PricingDetail[UnitCostExcludingTax]/DiscountPercentage": "27.5",
            "PricingDetail[UnitCostIncludingTax]/MonetaryAmount": "200.34",
            "CopyDetail/SubLineNumber": "1",
            "CopyDetail/CopyQuantity": "2",
            "CopyDetail/DeliverToLocation": "HUVBARN2024",
            "CopyDetail/DestinationLocation": "HUVBARN2024",
            "CopyDetail/FundDetail/FundNumber": "HUVBARN2024",
            "CopyDetail/FundDetail/MonetaryAmount": "378.00",
        },
        as_notice,
        unknown="ItemDescription/Nytt",
    ),
    "libris_forvarv": Kind(
        "libris",
        "libris_forvarv",
        {
            "001": "8452921",
            "003": "SE-LIBR",
            "020$a": ISBNS[0],
            "020$q": "inbunden",
            "022$a": "0346-251X",
            "100$a": "Öberg, Åsa",
            "245$a": "Sju nätter",
            "250$a": "2. uppl.",
            "264$a": "Umeå",
            "264$b": "Förlaget",
            "264$c": "2024",
            "852$b": "Exb",
            "852$c": "Barn",
            "852$h": "Hc",
            "852$p": "30500012345678",
            "852$x": "kund 712345 order 48211907",
            "852$z": "Skylt",
        },
        as_acquisition,
        unknown="852$t",
    ),
    "oasis_order": Kind(
        "oasis",
        "oasis_order",
        {
            "order.order_number": "OAS-1",
            "order.customer_account": "KTHB01",
            "order.checkout_type": "Create Firm Order",
            "order_date": "2024-03-11T14:22:05Z",
            "line_number": "1",
            "isbn": ISBNS[0],
            "title_id": "4963417",
            "title": "Pride",
            "author": "Austen, Jane",
            "publisher": "Press",
            "pub_year": "2008",
            "edition": "New ed.",
            "format": "P",
            "quantity": 2,
            "list_price": "8.99",
            "currency": "GBP",
            "fund_code": "ENGLIT",
            "site": "MAIN",
            "location": "STACKS",
            "access_model": "1-User",
            "url": "https://example.org/1",
            "notes_to_vendor": "Shelf ready",
            "int_notes": "For Dr L",
            "requester": "jlind",
            "dupe_override": False,
        },
        as_json(""),
    ),
    "oasis_marc": Kind("oasis", "oasis_marc", other_records.OASIS_MARC, as_marc, unknown="960$y"),
    "oasis_answer": Kind("oasis", "oasis_answer", other_records.OASIS_ANSWER, as_answer, "po_line_overlay", file=str(_ANSWERS)),
    "btj_marc": Kind("btj", "btj_marc", other_records.BTJ_MARC, as_marc, "po_line_marc", unknown="975$x"),
    "gobi_order": Kind("gobi", "gobi_order", other_records.GOBI, as_purchase, unknown="OrderDetail/Nytt"),
    "edifact": Kind("edifact", "edifact", other_records.EDIFACT, as_quotation),
    "csv": Kind(
        "generic-csv",
        "",
        other_records.CSV,
        as_csv,
        heading="CSV and workbooks (connector csv, here by the mapping generic-csv)",
        about="Every header is a column, by its own name or the one that `columns` gives it. A header that no expression of the "
        "mapping reads and `source.ignore` does not name is a note once a run (E329); a header that comes twice is told, and a "
        "row with more or fewer cells than the header too.",
    ),
    "marc": Kind(
        "generic-marc",
        "",
        other_records.MARC,
        as_marc,
        unknown="960$y",
        heading="MARC (connector marc, here by the mapping generic-marc)",
        about="Columns are paths of the mapping's own. Order data are 001, 020 $c, 024, 037, 365, 9XX and the field of `rows`: what "
        "of them no column reads is a note once a run (E329) unless `source.ignore` names it, and a path without `[]` that meets "
        "several values holds the order (E327). All else is the catalogue record: what no column reads goes unsaid, and several "
        "values where one is asked for are a warning (E328).",
    ),
}
"""Every field that the layout's vendor documents or was seen to send."""

@cache
def plan_of(mapping: str) -> Plan:
    spec = load(str(ROOT / "mappings" / mapping))
    return compile_plan(spec, Registry.installed(), run_date=date(2024, 3, 11))


@dataclass
class Said:
    """What a run makes of a record: its payload, if it has one, and everything it says beside; the last of `more` are
    the defaults used.
    """

    payload: str = ""
    told: list[Problem] = field(default_factory=list)
    more: list[str] = field(default_factory=list)

    def texts(self) -> list[str]:
        return [self.payload, *(one.message for one in self.told), *self.more]


def outcome(plan: Plan, data: bytes, file: str = Kind.file) -> Said:
    said = Said()
    noted: list[Problem] = []
    unread = UnreadValues()
    fresh_recorder(plan)
    builder = Builder(plan)
    source = bytes_source(data, file)
    for row in read_rows(plan, source, noted.append, None, unread.add):
        if isinstance(row, Rejected):
            said.told += row.problems
            continue
        made = builder.build([row])
        said.more += [" + ".join(made.key or ())]
        if isinstance(made, Refused):
            said.told += made.problems
        else:
            said.payload += (made.payload or b"").decode()
            said.more += [str(made.totals), str(made.user)]
            said.told += made.problems if isinstance(made, Held) else made.notes
    unread.tell(plan.spec, noted.append, plan.members)
    said.told += [one for one in noted if one.code != "E358"]
    said.more.append(str(plan.env.recorder.defaults))
    return said


def changed(value: object, chance: random.Random) -> Iterator[object]:
    """Others of its kind."""
    text = str(value)
    if isinstance(value, bool):
        yield not value
    elif text == CATALOGUED:
        yield text.replace(ISBNS[2], ISBNS[1])
    elif text in ISBNS:
        yield chance.choice([one for one in ISBNS if one != text])
    elif re.fullmatch(r"\d{4}-\d\d-\d\d.*|2024\d{4}.*|\d\d\.\d\d\.2024", text):
        yield text.replace("2024", "2023")
    elif re.fullmatch(r"\d+([.,]\d+)?", text):
        digit = str((int(text[0]) + chance.randint(1, 7)) % 9 + 1)
        yield type(value)(digit + text[1:]) if isinstance(value, int) else digit + text[1:]
    else:
        yield text + chance.choice("xyz")


def _options(plan: Plan) -> Mapping[str, Any]:
    return plan.spec.model.source.options


def listed(plan: Plan, kind: Kind, name: str) -> str | None:
    """The reason in `source.ignore`, by the vendor's name or that of the column it is read into, or in the layout's
    list; None for a field that is in neither.
    """
    plain = name.removeprefix("order.").replace("fordelning.", "fordelning/").replace("OrderDetail/LocalData", "LocalData")
    folded = plain.partition(".")[0].casefold()
    names = [plain, *(of for of, aliases in kind.aliases.items() if folded in (alias.casefold().removesuffix("[0]") for alias in aliases))]
    names += [of for of, paths in _options(plan).get("columns", {}).items() if plain in ([paths] if isinstance(paths, str) else paths)]
    names += [f"placements.{one}" for one in names]
    names += ["placements.shelfmark"] * (name in ("fordelning.signum", "852$h"))
    names += ["placements.barcode"] * (name in ("ItemBarcode", "852$p"))
    names += ["placements.sub_line"] * (name == "CopyDetail/SubLineNumber")
    names += ["vat_percent"] * ("Tax/Percent" in name)
    for one in names:
        if entry := ignored_by(one, plan.spec):
            return plan.spec.model.source.ignore[entry]
    pattern = next((one for one in kind.unconcerned if fnmatchcase(plain, one)), None)
    return kind.unconcerned[pattern] if pattern else None
