"""A small mapping with one sample, in a folder of its own."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

MAPPING = """\
version: 1
name: small
target: po_line
source:
  connector: csv
  path: samples/*.csv
key: [nr]
when: "{{ antal != '0' }}"
fields:
  owner: MAIN
  type: PRINTED_BOOK_OT
  vendor: SMALL
  vendor_account: SMALL
  acquisition_method: PURCHASE
  price: {sum: "{{ pris | amount('sv') }}", currency: SEK}
  resource_metadata: {title: "{{ titel }}", isbn: "{{ isbn | isbn13 }}"}
  fund_distribution:
    - fund_code: BOOKS
      amount: {sum: "{{ (pris | amount('sv')) * (antal | integer) }}", currency: SEK}
  location:
    - {library: MAIN, quantity: "{{ antal }}"}
  note:
    - note_text: "{{ run_date | string }}"
checks:
  - {if: "{{ titel == 'Dyr' }}", hold: "too dear"}
"""

SAMPLE = """\
nr;isbn;titel;antal;pris
1;9789199999302;Sju nätter;2;100,00
2;9789199999319;Vindens öar;1;gratis
3;9789199999326;Dyr;1;9 000,00
4;9789199999333;Inte;0;1,00
"""

Write = Callable[[str, str], Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Write a file of the shop's folder."""

    def put(name: str, text: str) -> Path:
        path = tmp_path / "shop" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8", newline="")
        return path

    return put


@pytest.fixture
def mapping(write: Write) -> Path:
    """The mapping, with its sample in place."""
    write("samples/a.csv", SAMPLE)
    return write("po_line.yaml", MAPPING)
