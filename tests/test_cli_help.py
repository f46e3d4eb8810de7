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


def options_of(verb: str) -> list[click.Option]:
    command = command_of(verb)
    leaves = command.commands.values() if isinstance(command, click.Group) else [command]
    return [one for leaf in leaves for one in leaf.params if isinstance(one, click.Option)]


@pytest.mark.parametrize("verb", main.VERBS)
def test_every_option_says_what_it_does(verb: str) -> None:
    options = options_of(verb)
    assert [one.name for one in options if not (one.help or "").strip()] == []
    for one in options:
        assert one.help is not None
        assert one.help[0].isupper(), f"--{one.name}: begin with a capital"


def twin_of(one: click.Option) -> str:
    """As --help shows it: a twin, or for NAME=VALUE a twin for each NAME."""
    named = re.search(r"\[env var: (\w+)\]$", one.help or "")
    return named[1] if named else str(one.envvar)


@pytest.mark.parametrize("verb", main.VERBS)
def test_every_option_has_a_twin_that_is_named_after_it(verb: str) -> None:
    of = "ETL_SIMULATOR_" if verb == "simulator" else "ETL_"
    for one in options_of(verb):
        long = next(name for name in one.opts if name.startswith("--"))
        named = of + long[2:].replace("-", "_").upper()
        if one.metavar == "NAME=VALUE":
            assert twin_of(one) == f"{named}_NAME"
        elif long != "--debug":  # it is no verb's own: a bug in any of them is traced
            assert one.envvar == named
            assert one.show_envvar


def test_a_twin_means_one_thing_to_all_verbs() -> None:
    """Else what is set for one of them stops another."""
    meant: dict[str, set[str]] = {}
    for verb in main.VERBS:
        for one in options_of(verb):
            kinds = meant.setdefault(twin_of(one), set())
            kinds.add(f"{type(one.type).__name__} {getattr(one.type, 'choices', '')} flag={one.is_flag}")
    assert {twin: sorted(kinds) for twin, kinds in meant.items() if len(kinds) > 1} == {}


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


@pytest.mark.parametrize("verb", main.VERBS)
def test_files_are_looked_at_by_who_opens_them(verb: str) -> None:
    """click would say what is wrong with one in its own words, without a code."""
    command = command_of(verb)
    leaves = command.commands.values() if isinstance(command, click.Group) else [command]
    paths = [one.type for leaf in leaves for one in leaf.params if isinstance(one.type, click.Path)]
    assert [one for one in paths if one.readable or one.exists or not one.dir_okay or not one.file_okay] == []
