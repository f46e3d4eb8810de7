"""Records of the open connectors (csv, marc), of EDIFACT, GOBI and MARC with orders in it: a value by the name that the
connector gives it."""

from __future__ import annotations

from vendor_writers import Record

CSV: Record = {
    "Kundnr": "000217",
    "Ordernr": "A-1041",
    "Rad": "1",
    "ISBN": "9789199996004",
    "Titel": "Sju nätter",
    "Författare": "Öberg, Åsa",
    "Förlag": "Fyrskeppet",
    "Utgivningsår": "2024",
    "Bandtyp": "Inbunden",
    "Antal": "2",
    "À-pris": "249,00",
    "Rabatt": "25",
    "Valuta": "SEK",
    "Avdelning": "Vuxen",
    "Externnummer": "8452922",
    "Postleverantör": "LIBRIS",
    "Anmärkning": "Plastas",
    "Leveransdatum": "2024-04-02",
}

_BOOK: Record = {
    "020$a": "9789199996004",
    "100$a": "Öberg, Åsa",
    "245$a": "Sju nätter",
    "245$b": "berättelser",
    "250$a": "2nd ed.",
    "264$a": "Umeå",
    "264$b": "Fyrskeppet",
    "264$c": "2024",
}

_BLOCK: Record = {
    "960$e": "STAND",
    "960$h": "Shelf ready",
    "960$k": "MAIN",
    "960$o": "2",
    "960$s": "8.99",
    "960$t": "MAIN-STACKS",
    "960$u": "ENGLIT",
    "960$z": "GBP",
    "961$d": "For Dr Lindqvist",
}

MARC: Record = {
    "001": "20417733",
    **{path: value for path, value in _BOOK.items() if path != "250$a"},  # nothing of an order
    "035$a": "(OCoLC)183148220",
    **_BLOCK,
}

OASIS_MARC: Record = {
    "001": "20417733",
    **_BOOK,
    "041$a": "eng",
    "082$a": "839.7",
    "490$a": "Serien",
    **_BLOCK,
    "960$q": "11-03-24",
}

OASIS_ANSWER: Record = {
    "Environment": "Production",
    "RequestStart": "/Date(1710163325000+0100)/",
    "RequestEnd": "/Date(1710163326000+0100)/",
    "OrderNumber": "20417903",
    "Code": 100,
    "Message": "Order accepted",
    "request.ISBN": "9789199998534",
    "request.Quantity": "2",
    "request.Site": "MAIN",
    "request.IntNotes": "For Dr Ek",
}

BTJ_MARC: Record = {
    "001": "23456801",
    "003": "SwLnBT",
    **_BOOK,
    "024{ind1=8}$a": "BTJ 2405117",
    "084$a": "Hc",
    "975$a": "HUV",
    "975$c": "BARN",
    "975$h": "BARN24",
    "975$p": "249,00",
    "975$q": "2",
    "980$a": "1234000",
    "980$b": "77120450",
    "980$c": "20240311",
    "980$d": "1",
}

GOBI: Record = {
    "CustomerDetail/BaseAccount": "8910",
    "CustomerDetail/SubAccount": "891010",
    "020$a": "9789199996004",
    "035$a": "(OCoLC)974830001",
    "100$a": "ÖBERG, ÅSA",
    "245$a": "LANTERN FOR THE ARCHIPELAGO.",
    "250$a": "2ND ED.",
    "260$a": "LUND",
    "260$b": "FYRSKEPPET",
    "260$c": "2023",
    "OrderDetail/FundCode": "USHIST",
    "OrderDetail/OrderNotes": "Shelf ready",
    "OrderDetail/Location": "KU/CC/DI/A",
    "OrderDetail/Quantity": "2",
    "OrderDetail/YBPOrderKey": "99974830001",
    "OrderDetail/OrderPlaced": "2024-03-11T15:38:55",
    "OrderDetail/Initials": "EL",
    "OrderDetail/ListPrice/Amount": "14.95",
    "OrderDetail/ListPrice/Currency": "USD",
    "OrderDetail/NetPrice/Amount": "13.16",
    "OrderDetail/NetPrice/Currency": "USD",
    "OrderDetail/LocalData[LocalData1]": "Book",
    "OrderDetail/LocalData[LocalData2]": "Notify requester",
    "OrderDetail/LocalData[LocalData5]": "Prn",
}

EDIFACT: Record = {
    "head/BGM/number": "Q-77",
    "head/DTM+137": "20240311",
    "head/RFF+ON": "B-1041",
    "head/NAD+BY:9": "7300009000017",
    "head/NAD+BY/RFF+API": "000217",
    "head/NAD+SU:9": "7300009000024",
    "head/CUX+2": "SEK",
    "LIN/number": "1",
    "LIN+EN": "9789199996004",
    "PIA+5+IB": "9789199996004",
    "IMD+010": "Öberg",
    "IMD+011": "Åsa",
    "IMD+050": "Sju nätter",
    "IMD+060": "en resa",
    "IMD+100": "2 uppl.",
    "IMD+110": "Mariehamn",
    "IMD+120": "Fyrskeppet",
    "IMD+170": "2024",
    "IMD+190": "Serien",
    "IMD+220": "Inbunden",
    "IMD+230": "Hc",
    "QTY+1": "1",
    "GIR/LLO": "HUV",
    "GIR/LFN": "VUX24",
    "GIR/LSQ": "VUX",
    "GIR/LST": "28DAYS",
    "DTM+44": "20240402",
    "FTX+LIN": "Levereras till filialen",
    "PRI+AAA": "142.45",
    "RFF+QLI": "Q-77/1",
    "RFF+LI": "B-1041/1",
}
