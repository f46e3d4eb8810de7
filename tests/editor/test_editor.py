"""What an editor shows for mapping files, asked of yaml-language-server itself.

npm install --prefix .editor yaml-language-server   (.ci/editor does it, in the version of package.json)
ETL_YAML_SERVER=.editor/node_modules/yaml-language-server/bin/yaml-language-server pytest tests/editor
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator

import pytest
from editor_slips import HEAD, MORE, SEEDED
from language_server import LanguageServer, language_server
from test_mapping_schema import FILES, ROOT, schema
from witnesses import YAML_SERVER

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def editor(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LanguageServer]:
    if not YAML_SERVER or not shutil.which("node"):
        pytest.skip("no editor: set ETL_YAML_SERVER to the file of yaml-language-server, and have node")
    file = tmp_path_factory.mktemp("schema") / "mapping.schema.json"
    file.write_text(json.dumps(schema()), encoding="utf-8")
    with language_server(YAML_SERVER, file) as server:
        yield server


def test_no_shipped_mapping_is_underlined(editor: LanguageServer) -> None:
    texts = {str(path.relative_to(ROOT)): path.read_text(encoding="utf-8") for path in FILES}
    mappings = {name: text for name, text in texts.items() if "version: 1" in text or "extends:" in text}
    assert len(mappings) > 20
    assert {name: found for name, text in mappings.items() if (found := editor.problems(text))} == {}


def plain(one: object) -> str:
    """Names of tests in ASCII, the same in every process: sets have no order, and other signs are not found."""
    text = one if isinstance(one, str) else ""
    return "".join(letter if letter.isascii() and letter.isalnum() else "-" for letter in text)[:40]


@pytest.mark.parametrize(("text", "underlined", "said"), [*SEEDED, *MORE], ids=plain)
def test_slips_are_underlined(editor: LanguageServer, text: str, underlined: str, said: str) -> None:
    problems = editor.problems(f"{HEAD}{text}\n")
    assert [one for one in problems if one.startswith(f"{underlined}: {said}")], problems


@pytest.mark.parametrize(
    ("text", "offered"),
    [
        ("‸", {"source", "let", "fields", "checks", "guards", "sink"}),
        ("target: ‸", {"po_line", "purchase_request"}),
        ("target: po_line\nfields:\n  ‸", {"owner", "type", "price", "location", "$include"}),
        ("target: po_line\nfields:\n  owner: A\n  ven‸", {"vendor", "vendor_account"}),
        ("target: purchase_request\nfields:\n  ‸", {"owning_library", "estimated_cost"}),
        ("fields:\n  ‸", {"owner", "owning_library"}),
        ("target: po_line\nfields:\n  price:\n    ‸", {"sum", "currency", "$if", "$first"}),
        ("target: po_line\nfields:\n  location:\n    - ‸", {"quantity", "library", "copy", "$for", "$let"}),
        ("target: po_line\nfields:\n  type: ‸", {"PRINTED_BOOK_OT", "E_BOOK_OT"}),
        ("target: po_line\nfields:\n  acquisition_method: ‸", {"PURCHASE", "VENDOR_SYSTEM"}),
        ("source:\n  connector: ‸", {"csv", "marc", "adlibris"}),
        ("source:\n  connector: csv\n  options:\n    ‸", {"delimiter", "header", "columns"}),
        ("source:\n  connector: marc\n  options:\n    format: ‸", {"auto", "iso2709", "mrk"}),
        ("source:\n  connector: bokus\n  options:\n    columns:\n      ‸", {"isbn", "quantity"}),
        ("source:\n  options:\n    ‸", {"delimiter", "rows", "placements"}),
        ("source:\n  connector: bokus\nkey:\n  - ‸", {"order_id", "line_no"}),
        ("sink:\n  ‸", {"type", "directory", "region"}),
        ("sink:\n  type: ‸", {"files", "stdout", "alma"}),
        ("sink:\n  type: files\n  ‸", {"directory", "file", "format"}),
        ("let:\n  place:\n    $‸", {"$first", "$level", "$value", "$let", "$if"}),
        ("checks:\n  - ‸", {"if", "reject", "hold", "warn"}),
    ],
    ids=plain,
)
def test_what_may_stand_here_is_offered(editor: LanguageServer, text: str, offered: set[str]) -> None:
    found = editor.offered(f"version: 1\nname: m\n{text}\n")
    assert offered <= found.keys()
    assert all(found[one] for one in offered if not text.endswith("format: ‸")), "each with its meaning"
    assert "null" not in found


def test_only_what_may_stand_here_is_offered(editor: LanguageServer) -> None:
    assert "rows" not in editor.offered("version: 1\nsource:\n  connector: csv\n  options:\n    ‸\n")
    assert "owning_library" not in editor.offered("version: 1\ntarget: po_line\nfields:\n  ‸\n")
    assert "region" not in editor.offered("version: 1\nsink:\n  type: files\n  ‸\n")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("fields:\n  own‸er: MAIN", "Library (or institution) responsible for the line. Required."),
        ('fields:\n  own‸er: "{{ x }}"', "Library (or institution) responsible for the line. Required."),
        ("fields:\n  pri‸ce: {sum: 1, currency: SEK}", "List price of one copy before discount"),
        ("fields:\n  price: {$le‸vel: price}", "A column of the rows named under levels:"),
        ("fields:\n  ty‸pe: E_BOOK_OT", "`E_BOOK_OT`: Electronic Book - One Time"),
        ("fields:\n  lo‸cation:\n    - quantity: 1", "Where the copies go"),
        (
            "source:\n  connector: csv\n  options:\n    hea‸der: true",
            "Whether the first row names the columns",
        ),
        ("look‸ups:\n  s: {file: s.csv}", "Tables, by name"),
        ("l‸et:\n  x: y", "isbn13: "),
        ("sink:\n  type: files\n  dire‸ctory: out", "Folder for one file per document"),
    ],
    ids=plain,
)
def test_what_it_means_is_shown(editor: LanguageServer, text: str, shown: str) -> None:
    found = editor.hover(f"version: 1\nname: m\ntarget: po_line\n{text}\n")
    assert shown in found
    assert "||" not in found
