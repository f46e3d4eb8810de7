"""What a cell of a workbook shows and its value does not say: percent signs, currencies, hidden rows, columns, sheets."""

from __future__ import annotations

import io
import zipfile
from decimal import Decimal
from xml.sax.saxutils import quoteattr

import pytest
from hypothesis import given
from hypothesis import strategies as st
from reading import read
from test_workbook import (
    CSV,
    HEADER,
    OFFICE,
    PACKAGE,
    STYLES,
    XMLNS,
    number,
    ods,
    ods_text,
    sheet_xml,
    text,
    xlsx,
)

from connectors.formats.number_formats import shown_by
from etl.plugin import BadValue, DataPlace, NumberCell, Severity
from etl.records import Batch
from etl.template.filters.amounts import amount, currency, decimal, integer
from etl.template.filters.percentages import percent, round_amount
from etl.testing.sources import bytes_source
from etl.testing.steady import STEADY

FORMATS = ["0.0%", "0%", '[$€-2]\\ #,##0.00', '#,##0.00\\ "kr"', "[$-41D]0.00", '0" st"', '"$"#,##0.00;"minus"0', "General"]
SHOWN = ["%", "%", "€", "kr", "", "st", "$", ""]
LOCALES = [None, "sv", "en", "de", "de_CH", "fr"]


def styled(data: dict[str, str], hidden: frozenset[str] = frozenset()) -> bytes:
    """Style n is FORMATS[n]."""
    codes = "".join(f'<numFmt numFmtId="{170 + n}" formatCode="{code.replace(chr(34), "&quot;")}"/>' for n, code in enumerate(FORMATS))
    used = "".join(f'<xf numFmtId="{170 + n}" applyNumberFormat="1"/>' for n in range(len(FORMATS)))
    head, _, tail = STYLES.partition("<fonts")
    tail = tail[: tail.index("<cellXfs")] + f"<cellXfs>{used}</cellXfs></styleSheet>"
    return xlsx(data, hidden, f"{head}<numFmts>{codes}</numFmts><fonts{tail}")


def batches(data: bytes, **options: object) -> list[Batch]:
    return list(CSV.read(bytes_source(data), CSV.Options.model_validate(options), None))


def cells(data: bytes, column: str) -> list[tuple[str, str | None]]:
    found = []
    for batch in batches(data):
        marks = batch.numbers.get(column)
        texts = batch.frame[column].to_list()
        found += zip(texts, [None] * len(texts) if marks is None else marks.to_list(), strict=True)
    return found


def test_a_cell_is_known_by_what_it_shows() -> None:
    rows = [[number("0.275", n)] for n in range(len(FORMATS))]
    found = cells(styled({"Order": sheet_xml([[text("Pris")], *rows])}), "Pris")
    words = [("0.2750 st", None) if shown == "st" else ("0.275", shown) for shown in SHOWN]
    assert found == [("27.5", "%") if shown == "%" else words[at] for at, shown in enumerate(SHOWN)]


def test_a_text_is_no_number_whatever_its_format() -> None:
    data = styled({"Order": sheet_xml([[text("Pris")], [text("0,275")], [number("1", 2)]])})
    assert cells(data, "Pris") == [("0,275", None), ("1", "€")]


def test_open_document() -> None:
    share = '<table:table-cell office:value-type="percentage" office:value="0.275" table:number-columns-repeated="2"/>'
    money = '<table:table-cell office:value-type="currency" office:currency="EUR" office:value="19.9"/>'
    data = ods([[ods_text(name) for name in ("A", "B", "C")], [share, money]])
    assert [cells(data, name) for name in ("A", "B", "C")] == [[("27.5", "%")], [("27.5", "%")], [("19.9", "EUR")]]


@STEADY
@given(st.integers(-(10**9), 10**9), st.integers(0, 4), st.sampled_from(LOCALES))
def test_a_number_cell_is_read_by_its_point_in_every_locale(digits: int, places: int, locale: str | None) -> None:
    meant = Decimal(digits).scaleb(-places)
    whole, _, decimals = f"{meant:f}".partition(".")
    cell = NumberCell(f"{whole}.{decimals.rstrip('0')}".rstrip("."))
    assert amount(cell, locale) == decimal(cell) == meant
    assert round_amount(cell, 6) == meant
    if meant == meant.to_integral_value():
        assert integer(cell) == meant
    else:
        with pytest.raises(BadValue, match="not a whole number"):
            integer(cell)


def test_a_point_and_three_digits_is_no_thousand() -> None:
    assert amount(NumberCell("1.249"), "de") == Decimal("1.249")
    with pytest.raises(BadValue, match="two ways"):
        round_amount("1.249")


@pytest.mark.parametrize(
    ("text", "locale", "whole"),
    [("2,0", "sv", 2), ("1 249", "sv", 1249), ("2.000", "de", 2000), ("2.000", "en", 2), ("-3,00", "sv", -3), ("12", "sv", 12)],
)
def test_zero_decimals_after_a_mark_that_is_declared(text: str, locale: str, whole: int) -> None:
    assert integer(text, locale) == whole


@pytest.mark.parametrize(("text", "locale"), [("2.000", None), ("2,0", None), ("2.000", "sv"), ("2,5", "sv"), ("2 x", "sv")])
def test_decimals_whose_mark_nobody_declared(text: str, locale: str | None) -> None:
    with pytest.raises(BadValue, match="not a whole number"):
        integer(text, locale)


def test_the_currency_that_a_cell_shows() -> None:
    assert currency(NumberCell("19.9", "€")) == "EUR"
    assert amount(NumberCell("149", "kr"), "sv", currency="SEK") == 149
    with pytest.raises(BadValue, match=r"19\.9. is not in SEK"):
        amount(NumberCell("19.9", "€"), "sv", currency="SEK")


@pytest.mark.parametrize(
    ("text", "code"),
    [("NT$380", "TWD"), ("380 NT$", "TWD"), ("S$ 12", "SGD"), ("19,90 euros", "EUR"), ("249 norske kroner", "NOK"),
     ("249 svenska kronor", "SEK"), ("12 pounds sterling", "GBP"), ("14,99 US dollars", "USD"), ("99 złotych", "PLN")],
)  # fmt: skip
def test_currencies_in_words(text: str, code: str) -> None:
    assert (currency(text), amount(text, "sv") is not None) == (code, True)
    with pytest.raises(BadValue, match="is not in JPY"):
        amount(text, "sv", currency="JPY")


def test_less_than_one_percent() -> None:
    assert percent(NumberCell("0.6", "%")) == Decimal("0.6")
    with pytest.raises(BadValue, match="less than one percent"):
        percent(NumberCell("0.6"))


def test_a_percentage_is_no_price_and_no_count() -> None:
    cell = NumberCell("100", "%")
    assert percent(cell) == decimal(cell) == 100
    for wrong in (amount, integer):
        with pytest.raises(BadValue, match='"100 %"'):
            wrong(cell)


ORDERS = sheet_xml([HEADER, [text("A-1")], [text("A-2")], [text("A-3")]])
UNSEEN = [' hidden="1"', ' hidden="true"', ' ht="0" customHeight="1"']


@pytest.mark.parametrize("how", UNSEEN)
def test_a_row_that_nobody_sees(how: str) -> None:
    data = xlsx({"Order": ORDERS.replace('<row r="3">', f'<row r="3"{how}>')})
    (batch,) = batches(data)
    held = [(one.code, one.severity, one.data) for one in batch.notes]
    assert held == [("E335", Severity.HOLD, DataPlace("sample", 2, 3))]
    (batch,) = batches(data, hidden_rows="read")
    assert not batch.notes
    assert batch.frame["Ordernr"].to_list() == ["A-1", "A-2", "A-3"]
    reading = read(CSV, data, hidden_rows="skip")
    assert [row["Ordernr"] for row in reading.rows] == ["A-1", "A-3"]
    assert reading.notes == ["E335"]


def test_rows_filtered_away_in_open_document() -> None:
    row = f'<table:table-row table:visibility="filter" table:number-rows-repeated="2">{ods_text("x")}</table:table-row>'
    (batch,) = batches(ods([[ods_text("A")], [ods_text("1")]], row))
    assert [one.code for one in batch.notes] == ["E335", "E335"]


@pytest.mark.parametrize("how", ['hidden="1"', 'width="0"'])
def test_a_column_that_nobody_sees(how: str) -> None:
    data = xlsx({"Order": ORDERS.replace("<sheetData>", f'<cols><col min="1" max="2" {how}/></cols><sheetData>')})
    assert read(CSV, data).notes == ["E336", "E336"]
    notes = [one for batch in CSV.read(bytes_source(data), CSV.Options(), frozenset({"ISBN"})) for one in batch.notes]
    assert [one.message for one in notes] == ['column B is hidden, and read: "ISBN"']


@pytest.mark.parametrize("hidden", [frozenset(), frozenset({"Mer"})])
@pytest.mark.parametrize(
    ("rows", "options", "codes"),
    [
        ([[text("Arkiv")], HEADER, [text("A-9")]], {}, ["E336"]),
        ([[*HEADER, text("Mer")], [text("A-9")]], {}, ["E336"]),
        ([HEADER], {}, []),
        ([HEADER[:2], [text("A-9")]], {}, []),
        ([[text("Fonder")], [text("VUX")]], {}, []),
        ([HEADER, [text("A-9")]], {"unread_sheets": ["Mer"]}, []),
        ([[text("Nr"), *HEADER[1:]], [text("A-9")]], {"columns": {"Ordernr": ["Ordernr", "Nr"]}}, ["E336"]),
        ([[text("A-9"), text("x"), text("y")]], {"header": False}, ["E336"]),
    ],
)
def test_another_sheet_of_orders(
    rows: list[list[str]], options: dict[str, object], codes: list[str], hidden: frozenset[str]
) -> None:
    data = xlsx({"Order": ORDERS, "Mer": sheet_xml(rows)}, hidden)
    (*_, batch) = batches(data, sheet="Order", **options)
    assert [one.code for one in batch.notes] == codes
    assert all(("hidden" in one.message) is bool(hidden) for one in batch.notes)


def test_a_sheet_is_like_another_by_the_columns_that_are_read() -> None:
    data = xlsx({"Order": ORDERS, "Mer": sheet_xml([HEADER[1:], [text("A-9")]])})
    for wanted, codes in (("ISBN", ["E336"]), ("Ordernr", [])):
        (batch,) = CSV.read(bytes_source(data), CSV.Options(sheet="Order"), frozenset({wanted}))
        assert [one.code for one in batch.notes] == codes


# ------------------------------------------------------------------ what a format shows of a number

WORDS = [  # format, value, the text of the cell
    ('0 "per 10"', "1000", "1000 per 10"),
    ('0\\ "x 10"', "2", "2 x 10"),
    ('"ca "0', "249", "ca 249"),
    ('0.00 "kr/st"', "19.9", "19.9 kr/st"),
    ('0 "per 10"', "1.249", "1.2490 per 10"),
    ('0.0% "rabatt"', "0.275", "27.5 % rabatt"),
    ('[>=100]0 "per 10";0', "100", "100 per 10"),
    ('0;0;"gratis "0', "0", "gratis 0"),
]


@pytest.mark.parametrize(("code", "value", "shown"), WORDS)
def test_words_of_a_format_are_words_of_the_cell(code: str, value: str, shown: str) -> None:
    cell = shown_by(code, float(value)).cell(value)
    assert (" ".join(cell.replace("%", " %").split()), isinstance(cell, NumberCell)) == (shown, False)
    for reader in (amount, integer):
        with pytest.raises(BadValue):
            reader(cell)


@pytest.mark.parametrize(
    ("code", "value", "text", "beside"),
    [
        ("#,##0.00", "1249.5", "1249.5", ""),
        ('0":-"', "249", "249", ""),
        ('0",00"', "249", "249", ""),
        ('0"%"', "27", "27", "%"),
        ("_-* #,##0.00\\ [$kr-41D]_-;-* #,##0.00\\ [$kr-41D]_-", "-249", "-249", "SEK"),
        ("#,##0.00\\ [$kr-414]", "249", "249", "NOK"),
        ("[$kr.-406]\\ #,##0.00", "249", "249", "DKK"),
        ("#,##0.00\\ [$kr-40F]", "249", "249", "ISK"),
        ("#,##0.00\\ [$kr-nb-NO]", "249", "249", "NOK"),
        ("[$$-1009]#,##0.00", "249", "249", "CAD"),
        ("[$£-809]#,##0.00", "249", "249", "GBP"),
        ("#,##0.00\\ [$kr]", "249", "249", "kr"),
        ("000-00-00000", "9789199", "9789199", ""),
        ('[>=100]0 "per 10";0', "5", "5", ""),
        ("0.00E+00", "249", "249", ""),
        ("General", "249", "249", ""),
        ('#,##0 "USD"', "249", "249", "USD"),
    ],
)
def test_a_format_of_money_or_of_digits_leaves_a_number(code: str, value: str, text: str, beside: str) -> None:
    cell = shown_by(code, float(value)).cell(value)
    assert (str(cell), getattr(cell, "beside", None)) == (text, beside)


@pytest.mark.parametrize("code", ["0,", "#,##0,,", "0.0,", ";;;", '"gratis"', '0"00"', '0"."000', '0" och "00'])
def test_a_number_that_is_shown_as_another_holds_its_row(code: str) -> None:
    assert shown_by(code, 249000).otherwise
    formats = STYLES.replace("<fonts", f'<numFmts><numFmt numFmtId="170" formatCode={quoteattr(code)}/></numFmts><fonts')
    styles = formats.replace('numFmtId="14"', 'numFmtId="170"')
    data = xlsx({"Order": sheet_xml([HEADER, [text("A-1"), text("x"), number("249000", 1)]])}, styles_xml=styles)
    (batch,) = batches(data)
    assert [(one.code, one.severity, one.data) for one in batch.notes] == [
        ("E338", Severity.HOLD, DataPlace("sample", 1, 2, field="Pris"))
    ]
    (batch,) = CSV.read(bytes_source(data), CSV.Options(), frozenset({"ISBN"}))
    assert not batch.notes


@pytest.mark.parametrize(
    ("attributes", "shown", "value"),
    [
        ('office:value-type="float" office:value="1000"', "1 000 per 10", "1000 per 10"),
        ('office:value-type="float" office:value="249.4999"', "249,50", "249.4999"),
        ('office:value-type="currency" office:currency="SEK" office:value="249"', "249,00 kr", "249"),
        ('office:value-type="percentage" office:value="0.275"', "27,5 %", "27.5"),
        ('office:value-type="float" office:value="249000"', "249", None),
        ('office:value-type="float" office:value="249"', "gratis", None),
    ],
)
def test_what_an_open_document_shows(attributes: str, shown: str, value: str | None) -> None:
    cell = f"<table:table-cell {attributes}><text:p>{shown}</text:p></table:table-cell>"
    (batch,) = batches(ods([[ods_text("A")], [cell]]))
    assert [one.code for one in batch.notes] == ([] if value else ["E338"])
    assert batch.frame["A"].to_list() == [value or attributes.rpartition('value="')[2].rstrip('"')]


# ------------------------------------------------------------------ comments and strokes

STRUCK = STYLES.replace('<fonts count="1"><font/>', "<fonts><font/><font><strike/></font>").replace(
    '<xf numFmtId="14"', '<xf fontId="1" numFmtId="0"'
)


def struck(columns: str) -> bytes:
    row = [text(f"{name}-1").replace("REF", 'REF s="1"') if name in columns else text("x") for name in "ABC"]
    return xlsx({"Order": sheet_xml([HEADER, row, [text("y")]])}, styles_xml=STRUCK)


@pytest.mark.parametrize(
    ("columns", "option", "codes", "left"),
    [("ABC", "hold", ["E335"], 2), ("ABC", "read", [], 2), ("ABC", "skip", ["E335"], 1),
     ("A", "hold", ["E338"], 2), ("A", "skip", ["E338"], 2), ("A", "read", [], 2), ("", "hold", [], 2)],
)  # fmt: skip
def test_what_is_struck_through(columns: str, option: str, codes: list[str], left: int) -> None:
    reading = read(CSV, struck(columns), struck_rows=option)
    assert (reading.notes, len(reading.rows)) == (codes, left)


def test_a_stroke_that_is_none() -> None:
    data = xlsx({"Order": ORDERS}, styles_xml=STRUCK.replace("<strike/>", '<strike val="0"/>'))
    assert read(CSV, data).notes == []


def commented(ref: str, said: str = "OBS 5 ex!") -> bytes:
    packed = io.BytesIO(xlsx({"Order": ORDERS}))
    relation = f'<Relationship Id="c" Type="{OFFICE}/comments" Target="../comments1.xml"/>'
    with zipfile.ZipFile(packed, "a") as archive:
        relations = f'<Relationships xmlns="{PACKAGE}/relationships">{relation}</Relationships>'
        archive.writestr("xl/worksheets/_rels/s1.xml.rels", relations)
        comment = f'<comment ref="{ref}" authorId="0"><text><r><t>{said}</t></r></text></comment>'
        archive.writestr("xl/comments1.xml", f"<comments {XMLNS}><commentList>{comment}</commentList></comments>")
    return packed.getvalue()


@pytest.mark.parametrize(("ref", "code"), [("A3", "E338"), ("C3", "E338"), ("Z3", "E338"), ("A1", "E336"), ("B99", "E336")])
def test_a_comment_is_told(ref: str, code: str) -> None:
    (batch,) = batches(commented(ref))
    assert [one.code for one in batch.notes] == [code]
    assert "OBS 5 ex!" in batch.notes[0].message
    assert batch.notes[0].severity is (Severity.HOLD if code == "E338" else Severity.WARNING)
    assert read(CSV, commented(ref), comments="ignore").notes == []
    assert read(CSV, commented(ref, " ")).notes == []


def test_open_document_has_strokes_and_comments_too() -> None:
    note = "<office:annotation><dc:creator>X</dc:creator><text:p>OBS 5 ex!</text:p></office:annotation>"
    cell = ods_text("x").replace("<text:p>", f"{note}<text:p>", 1)
    (batch,) = batches(ods([[ods_text("A")], [cell], [ods_text("y")]]))
    assert [(one.code, one.data and one.data.line) for one in batch.notes] == [("E338", 2)]
    assert '"OBS 5 ex!"' in batch.notes[0].message
    assert batch.frame["A"].to_list() == ["x", "y"]


def test_a_hidden_sheet_of_orders() -> None:
    lists = sheet_xml([[text("Fonder")], [text("VUX")]])
    same = sheet_xml([[text("Arkiv")], HEADER, [text("A-9")]])
    assert read(CSV, xlsx({"Order": ORDERS, "Val": lists}, frozenset({"Val"}))).notes == []
    assert read(CSV, xlsx({"Order": ORDERS, "Gamla": same}, frozenset({"Gamla"}))).notes == ["E336"]
