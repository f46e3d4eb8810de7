"""The columns of the sheet: headings in two languages, and which value of a document each may change.

Columns before `send` are to be read; those after it hold values of the order and may be edited.
"""

from __future__ import annotations

from typing import Literal

Language = Literal["en", "sv"]

READ_ONLY = ("cause", "key", "id", "place", "reason", "fix", "ref")
SEND, USER = "send", "user"
LINE: dict[str, tuple[str, ...]] = {
    "title": ("resource_metadata", "title"),
    "isbn": ("resource_metadata", "isbn"),
    "owner": ("owner",),
    "vendor": ("vendor",),
    "account": ("vendor_account",),
    "price": ("price", "sum"),
    "currency": ("price", "currency"),
    "fund": ("fund_distribution", "fund_code"),
    "fund_amount": ("fund_distribution", "amount", "sum"),
    "quantity": ("location", "quantity"),
    "library": ("location", "library"),
    "shelf": ("location", "shelving_location"),
    "material": ("material_type",),
}
REQUEST: dict[str, tuple[str, ...]] = {
    **{name: path for name, path in LINE.items() if name not in ("fund_amount", "material")},
    "owner": ("owning_library",),
    "price": ("estimated_cost", "sum"),
    "currency": ("estimated_cost", "currency"),
    "fund": ("fund",),
    "material": ("requested_type",),
}
FIELDS = {"po_line": LINE, "purchase_request": REQUEST}
LISTS = ("fund_distribution", "location")
"""Members of a document whose columns hold a value for each fund, for each place."""
COLUMNS = (*READ_ONLY, SEND, USER, *LINE)

HEADINGS: dict[Language, dict[str, str]] = {
    "en": {
        "cause": "Cause",
        "key": "Order",
        "id": "ID in the ledger",
        "place": "Place in the file",
        "reason": "What was said",
        "fix": "Suggested fix",
        "ref": "Reference (do not change)",
        "send": "Send? (yes)",
        "user": "User",
        "title": "Title",
        "isbn": "ISBN",
        "owner": "Owning library",
        "vendor": "Vendor",
        "account": "Vendor account",
        "price": "Price",
        "currency": "Currency",
        "fund": "Fund",
        "fund_amount": "Fund amount",
        "quantity": "Copies",
        "library": "Library of the copies",
        "shelf": "Shelving location",
        "material": "Material type",
    },
    "sv": {
        "cause": "Orsak",
        "key": "Beställning",
        "id": "ID i liggaren",
        "place": "Plats i filen",
        "reason": "Vad som sades",
        "fix": "Förslag till åtgärd",
        "ref": "Referens (ändra inte)",
        "send": "Skicka? (ja)",
        "user": "Användare",
        "title": "Titel",
        "isbn": "ISBN",
        "owner": "Ägande bibliotek",
        "vendor": "Leverantör",
        "account": "Leverantörskonto",
        "price": "Pris",
        "currency": "Valuta",
        "fund": "Fond",
        "fund_amount": "Fondbelopp",
        "quantity": "Exemplar",
        "library": "Exemplarens bibliotek",
        "shelf": "Placering",
        "material": "Materialtyp",
    },
}
YES = frozenset({"yes", "y", "x", "ja", "j", "send", "skicka"})
NO = frozenset({"", "no", "n", "nej"})


def columns_in(target: str, list_name: str) -> dict[str, tuple[str, ...]]:
    """The columns of a list, each with the path of its value inside a member."""
    return {name: path[1:] for name, path in FIELDS[target].items() if path[0] == list_name}


def column_of(heading: str) -> str | None:
    """The column with this heading in either language; None for one that the librarian added."""
    wanted = " ".join(heading.split()).casefold()
    for headings in HEADINGS.values():
        for name, words in headings.items():
            if words.casefold() == wanted:
                return name
    return None
