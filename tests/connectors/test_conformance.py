"""The built-in connectors keep the promises of every connector."""

from __future__ import annotations

from typing import ClassVar

from marc_samples import marcxml_of, records_of, transmission_of

from connectors.csv_file import CsvConnector
from connectors.marc_file import MarcConnector
from etl.testing.connector_suite import ConnectorSuite

COLUMNS = {
    "isbn": "020$a",
    "title": "245$a$b",
    "isbns": "020$a[]",
    "language": "008/35-37",
    "whole": "record",
}


# fmt: off
FIRST = {
    "isbn": "9789199999913", "title": "Vindens öar 1 : berättelser", "isbns": ["9789199999913", "9789199999920"],
    "language": "swe",
}
IN_CSV = {
    "Ordernr": "A-1", "ISBN": "9789199999913", "Titel": 'Sju nätter; på "Åland"', "Författare": "Öberg, Åsa", "Antal": "1",
    "_line": 2, "_offset": 38,
}
IN_ALEPH = {"isbn": "9789199999911", "isbns": ["9789199999911"], "title": "Sju nätter på Åland 1", "_line": 1}
# fmt: on


class TestCsv(ConnectorSuite):
    connector = CsvConnector()
    record = rb"(?<=\n)A-[^;]*(?:;(?:\"(?:[^\"]|\"\")*\"|[^;\"\r]*))*\r\n"
    separator = b";"
    stated: ClassVar = {1: IN_CSV}
    sample = (
        "Ordernr;ISBN;Titel;Författare;Antal\r\n"
        'A-1;9789199999913;"Sju nätter; på ""Åland""";"Öberg, Åsa";1\r\n'
        "A-2;9789199999920;Vindens o\u0308ar;Åkesson, Nils;2\r\n"
        'A-3;9789199999937;"Brev\r\noch bud";Ek, Ida;1\r\n'
        "A-4;9789199999944;Kort;rad\r\n"
    ).encode()


class TestCsvWindows(ConnectorSuite):
    connector = CsvConnector()
    record = rb"[0-9]{13}\t[^\t]*\r\n"
    trailer = None  # a sum, which the options pass over
    options: ClassVar = {"delimiter": "tab", "columns": {"isbn": ["EAN", "ISBN"]}, "skip_pattern": "^Summa"}
    separator = b"\t"
    stated: ClassVar = {1: {"isbn": "9789199999913", "Titel": "Sju nätter"}}
    sample = "ISBN\tTitel\r\n9789199999913\tSju nätter\r\n9789199999920\tÅ\r\nSumma\t2\r\n".encode("cp1252")


class TestCsvUtf16(ConnectorSuite):
    connector = CsvConnector()
    record = rb"(?:[0-9]\0){13}\t\0.*?\r\0\n\0"
    separator = b"\t\0"
    stated: ClassVar = {1: {"ISBN": "9789199999913", "Titel": "Sju nätter"}}
    sample = "ISBN\tTitel\r\n9789199999913\tSju nätter\r\n9789199999920\t\U0001f4da Å\r\n".encode("utf-16")


class TestIso2709(ConnectorSuite):
    connector = MarcConnector()
    record = rb"[^\x1d]+\x1d"
    options: ClassVar = {"columns": COLUMNS}
    stated: ClassVar = {1: FIRST}
    sample = transmission_of(records_of(4))


class TestMarcRows(ConnectorSuite):
    connector = MarcConnector()
    record = rb"[^\x1d]+\x1d"
    options: ClassVar = {"columns": {**COLUMNS, "fund": "960$u", "copies": "960$o"}, "rows": "960"}
    stated: ClassVar = {1: [{**FIRST, "fund": "FOND11", "copies": "1"}, {**FIRST, "fund": "FOND12", "copies": "2"}]}
    sample = transmission_of(records_of(4))


class TestMarcXml(ConnectorSuite):
    connector = MarcConnector()
    record = 4
    options: ClassVar = {"columns": COLUMNS}
    stated: ClassVar = {1: FIRST}
    sample = marcxml_of(records_of(4))


class TestMarcJson(ConnectorSuite):
    connector = MarcConnector()
    record = rb"[^\n]+\n"
    options: ClassVar = {"columns": COLUMNS}
    stated: ClassVar = {1: FIRST}
    sample = "".join(record.as_json() + "\n" for record in records_of(4)).encode()


class TestMrk(ConnectorSuite):
    connector = MarcConnector()
    record = rb"(?:=[^\n]+\n)+"
    options: ClassVar = {"columns": {**COLUMNS, "fund": "960$u"}, "rows": "960"}
    stated: ClassVar = {1: [{**FIRST, "fund": "FOND11"}, {**FIRST, "fund": "FOND12"}]}
    sample = "".join(str(record).strip() + "\n\n" for record in records_of(4)).encode()


class TestAleph(ConnectorSuite):
    connector = MarcConnector()
    open_ended = True
    record = rb"([0-9]{9}) LDR[^\n]*\n(?:\1 [^\n]*\n)+"
    options: ClassVar = {"columns": COLUMNS, "max_record_bytes": 4096}
    stated: ClassVar = {1: IN_ALEPH}
    sample = "".join(
        f"00000000{n} LDR   L 00000nam^a2200000^a^4500\n00000000{n} 001   L b{n}\n"
        f"00000000{n} 020   L $$a978919999991{n}$$qinb.\n00000000{n} 24510 L $$aSju nätter$$bpå Åland {n}\n"
        for n in range(1, 5)
    ).encode()
