"""docs/filters.md speaks the language of mappings; codes that filters and lookups raise are explained."""

from __future__ import annotations

import re
from pathlib import Path

from etl.template.filters import FILTERS

ROOT = Path(__file__).parents[3]


def test_the_page_speaks_the_language_of_mappings() -> None:
    text = (ROOT / "docs" / "filters.md").read_text(encoding="utf-8")
    assert re.findall(r"^## (.+)$", text, re.MULTILINE) == list(FILTERS)
    assert '{{ "1,234" | amount("en") }}  →  1234' in text
    assert '{{ "" | yes_no(empty=false) }}  →  false' in text
    assert '{{ "11.03.2024" | date("DD.MM.YYYY") }}  →  2024-03-11' in text
    assert '{{ "199.00" | minus_vat(6) | round_amount }}  →  187.74' in text
    for python in ("None", "True", "False", "Decimal(", "datetime", ">>>", "BadValue"):
        assert python not in text


def test_every_code_raised_is_explained_and_no_other() -> None:
    explained = re.findall(
        r"^## (E\d{3}) \S", (ROOT / "etl/codes/e4-values.md").read_text(encoding="utf-8"), re.MULTILINE
    )
    rooms = ("etl/template/filters", "etl/values", "etl/lookups")
    sources = [file for room in rooms for file in (ROOT / room).glob("*.py")]
    sources += [*(ROOT / "connectors").rglob("*.py"), ROOT / "etl/documents/spoiled_text.py"]  # values too
    raised = {
        code for file in sources for code in re.findall(r'"(E4\d\d)"', file.read_text(encoding="utf-8"))
    }
    assert explained == sorted(raised)
