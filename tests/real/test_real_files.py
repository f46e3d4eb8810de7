"""csv-spectrum and 2,000 records of the Library of Congress through the connectors."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from unicodedata import normalize

from real_mappings import payloads

from connectors.csv_file import CsvConnector
from connectors.csv_options import CsvOptions
from etl.records import RESERVED
from etl.run.inputs import file_source

Data = Callable[[str], Path]


def test_csv_spectrum_is_read_as_its_json_says(data: Data) -> None:
    folder = data("csv/csvs")
    files = sorted(folder.glob("*.csv"))
    assert len(files) >= 11
    wrong = {}
    for file in files:
        expected = json.loads((folder.parent / "json" / f"{file.stem}.json").read_text(encoding="utf-8"))
        rows = []
        for batch in CsvConnector().read(file_source(str(file)), CsvOptions(), None):
            assert batch.rejected == ()
            rows += batch.frame.drop(list(RESERVED)).rows(named=True)
        read = [{name: value or "" for name, value in row.items()} for row in rows]
        if read != expected:
            wrong[file.name] = read
    assert wrong == {}


def test_all_titles_of_the_library_of_congress_sample(data: Data) -> None:
    path = data("marc-loc2000/loc2000.mrc")
    # The list was written with decomposed letters; columns are composed (NFC).
    titles = normalize("NFC", data("marc-loc2000/titles.txt").read_text(encoding="utf-8")).splitlines()
    found = [document["resource_metadata"]["title"] for document in payloads("titles.yaml", path)]
    assert len(found) == len(titles) == 2000
    different = [(a, b) for a, b in zip(found, titles, strict=True) if a != b]
    assert different == []
