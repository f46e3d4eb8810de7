"""Every verb explains itself, and every option has its environment twin."""

from __future__ import annotations

import re
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from etl.cli import main

ROOT = Path(__file__).parent.parent


def command_of(verb: str) -> click.Command:
    found = main.etl.get_command(click.Context(main.etl), verb)
    assert found is not None
    return found


def test_every_verb_is_a_file_and_every_file_with_a_verb_is_listed() -> None:
    files = {
        path.stem
        for path in (ROOT / "etl/cli").glob("*.py")
        if re.search(
            r"^@click\.(command|group)\(",
            path.read_text(encoding="utf-8"),
            re.MULTILINE,
        )
    }
    assert files - {"main"} == set(main.VERBS)


def test_help_lists_every_verb(capsys: pytest.CaptureFixture[str]) -> None:
    assert main.run_cli(["--help"]) == 0
    said = capsys.readouterr().out
    for verb, words in main.VERBS.items():
        assert re.search(rf"^  {verb} +{re.escape(words[:30])}", said, re.MULTILINE), verb


@pytest.mark.parametrize("verb", main.VERBS)
def test_every_verb_has_help(verb: str) -> None:
    done = CliRunner().invoke(main.etl, [verb, "--help"])
    assert done.exit_code == 0, done.output
    assert done.output.startswith(f"Usage: etl {verb} ")
    first = (command_of(verb).help or "").strip().split("\n\n")[0]
    assert first.endswith("."), "finish the sentence"


def leaves(verb: str) -> list[click.Command]:
    command = command_of(verb)
    return list(command.commands.values()) if isinstance(command, click.Group) else [command]


@pytest.mark.parametrize("verb", main.VERBS)
def test_every_option_says_what_it_does(verb: str) -> None:
    options = [one for leaf in leaves(verb) for one in leaf.params if isinstance(one, click.Option)]
    assert [one.name for one in options if not (one.help or "").strip()] == []
    for one in options:
        assert one.help is not None
        assert one.help[0].isupper(), f"--{one.name}: begin with a capital"


@pytest.mark.parametrize("verb", main.VERBS)
def test_options_with_a_twin_are_named_after_it(verb: str) -> None:
    for leaf in leaves(verb):
        for one in leaf.params:
            if isinstance(one, click.Option) and one.envvar:
                long = next(name for name in one.opts if name.startswith("--"))
                assert one.envvar == "ETL_" + long[2:].replace("-", "_").upper()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["rum"], 'no command "rum", did you mean "run"?'),
        (["run"], "Missing argument 'MAPPING'"),
        (
            ["run", "m.yaml", "--format", "xml"],
            "'xml' is not one of 'text', 'json', 'github'",
        ),
        (["run", "m.yaml", "--run-date", "11/3"], "'11/3' does not match the format"),
    ],
)
def test_wrong_usage_is_exit_2_and_no_traceback(
    words: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main.run_cli(words) == 2
    error = capsys.readouterr().err
    assert said in error
    assert "Traceback" not in error


def test_the_readme_names_every_verb() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    if not readme:
        pytest.skip("the README is not written yet")
    assert [verb for verb in main.VERBS if f"etl {verb}" not in readme] == []
