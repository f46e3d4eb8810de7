"""The bytes of an .xls → its sheet, unpacked in a process of its own.

The library asks for as much memory as a damaged .xls tells it to, and ends the whole process when the system
refuses (`memory allocation of 1977798894806880 bytes failed`). So it is run where that costs one file: in a
child with a limit on its memory and its time. Started as `python -m connectors.formats.xls_process`, it
reads the file from standard input and answers in JSON.
"""

from __future__ import annotations

import json
import subprocess
import sys

from connectors.formats.ole_chains import has_sound_chains
from connectors.formats.workbook import Sheet, damaged, unpack
from etl.plugin import DataPlace, NumberCell, Problem, Refusal

_MEMORY = 2 << 30
_SECONDS = 60


def read_xls(data: bytes, file: str, wanted: str | int | None) -> Sheet:
    """Raises Refusal: E301, E385–E387."""
    if not has_sound_chains(data):
        raise Refusal(
            damaged(file, "it is another document under its name, or its parts contradict each other")
        )
    command = [sys.executable, "-P", "-m", __name__, json.dumps(wanted)]
    try:
        done = subprocess.run(command, input=data, capture_output=True, timeout=_SECONDS, check=False)  # noqa: S603
    except subprocess.TimeoutExpired as error:
        raise Refusal(damaged(file, f"it was not unpacked after {_SECONDS} seconds")) from error
    if done.returncode != 0:
        raise Refusal(damaged(file, "its parts contradict each other"))
    answer = json.loads(done.stdout)
    if "code" in answer:
        place = DataPlace(file)
        raise Refusal(Problem(answer["code"], answer["message"], data=place, help=answer["help"]))
    valueless = {(row, column): said for row, column, said in answer["valueless"]}
    merged = [((top, left), (bottom, right)) for (top, left), (bottom, right) in answer["merged"]]
    rows = [[cell if isinstance(cell, str) else NumberCell(*cell) for cell in row] for row in answer["rows"]]
    sheet = Sheet(answer["name"], answer["names"], rows, valueless, merged)
    sheet.others, sheet.hidden_sheets = answer["others"], answer["hidden_sheets"]
    return sheet


def _answer(data: bytes, wanted: str | int | None) -> dict[str, object]:
    try:
        sheet = unpack(data, "", wanted, {})
    except Refusal as refusal:
        problem = refusal.problems[0]
        return {"code": problem.code, "message": problem.message, "help": problem.help}
    valueless = [[row, column, said] for (row, column), said in sheet.valueless.items()]
    return {
        "name": sheet.name,
        "names": sheet.names,
        "rows": [[_said(cell) for cell in row] for row in sheet.rows],
        "others": sheet.others,
        "hidden_sheets": sheet.hidden_sheets,
        "valueless": valueless,
        "merged": sheet.merged,
    }


def _said(cell: str) -> str | list[str]:
    return [cell, cell.beside] if isinstance(cell, NumberCell) else cell


def _limit_memory() -> None:
    if sys.platform != "win32":
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))


def _main() -> None:
    _limit_memory()
    answer = _answer(sys.stdin.buffer.read(), json.loads(sys.argv[1]))
    sys.stdout.buffer.write(json.dumps(answer).encode())


if __name__ == "__main__":
    _main()
