"""Orders of GOBI as tests compose them, and the connector's reading of them."""

from __future__ import annotations

from pathlib import Path

from vendor_reading import Reading, reading, refused_for

from connectors.gobi import GobiConnector
from etl.plugin import Problem

CUSTOMER = "<CustomerDetail><BaseAccount>8910</BaseAccount><SubAccount>891010</SubAccount></CustomerDetail>"
RECORD = """<collection><record><leader>00000nam a2200000u  4500</leader>
<controlfield tag="001">99974828471</controlfield><controlfield tag="003">NhCcYBP</controlfield>
<datafield tag="020" ind1=" " ind2=" "><subfield code="a">9789199999012</subfield><subfield code="c">14.95</subfield></datafield>
<datafield tag="035" ind1=" " ind2=" "><subfield code="a">(OCoLC)717297695</subfield></datafield>
<datafield tag="100" ind1="1" ind2=" "><subfield code="a">ÖBERG, ÅSA</subfield></datafield>
<datafield tag="245" ind1="1" ind2="0"><subfield code="a">LANTERN FOR THE ARCHIPELAGO.</subfield></datafield>
<datafield tag="260" ind1=" " ind2=" "><subfield code="a">LUND</subfield><subfield code="b">FYRSKEPPET</subfield><subfield code="c">2011</subfield></datafield>
</record></collection>"""
LIST = "<ListPrice><Amount>14.95</Amount><Currency>USD</Currency></ListPrice>"
NET = "<NetPrice><Amount>13.16</Amount><Currency>USD</Currency></NetPrice>"


def detail(*more: str, key: str = "99974828471", quantity: str = "2", prices: str = LIST + NET) -> str:
    return (
        f"<OrderDetail><FundCode>USHIST</FundCode><Location>KU/CC/DI/A</Location><Quantity>{quantity}</Quantity>"
        f"<YBPOrderKey>{key}</YBPOrderKey><OrderPlaced>2018-09-05T15:38:55</OrderPlaced><Initials>Mark</Initials>"
        f"{prices}{''.join(more)}</OrderDetail>"
    )


def local(name: str, value: str) -> str:
    return f"<LocalData><Description>{name}</Description><Value>{value}</Value></LocalData>"


def kind(*parts: str, name: str = "ListedPrintMonograph") -> str:
    return f"<{name}>{''.join(parts or (RECORD, detail()))}</{name}>"


def purchase(*kinds: str, customer: str = CUSTOMER) -> str:
    return f"<PurchaseOrder>{customer}<Order>{''.join(kinds or (kind(),))}</Order></PurchaseOrder>"


def read(data: str | Path, **options: object) -> Reading:
    found = reading(GobiConnector(), data if isinstance(data, Path) else data.encode(), options)
    for row in found.rows:
        if isinstance(row["raw"], list):
            row["raw"] = {one["key"]: one["value"] for one in row["raw"]}
    return found


def refusal(data: str, **options: object) -> Problem:
    """The one problem for which the file is refused."""
    (problem,) = refused_for(lambda: read(data, **options))
    return problem
