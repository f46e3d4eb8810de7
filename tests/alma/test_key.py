"""A key by reference, and never in any output."""

from __future__ import annotations

import pickle
import traceback
from pathlib import Path

import pytest

from etl.alma.address import REGIONS, address_of
from etl.alma.key import Secret, check_reference, read_key
from etl.problems import Refusal

KEY = "l7xx0123456789abcdefHEMLIG"


def test_a_secret_shows_itself_in_no_way() -> None:
    secret = Secret(KEY)
    assert (
        KEY
        not in f"{secret} {secret!r} {secret!s} {secret:>40} {[secret]} {vars} {secret.__reduce__.__doc__}"
    )
    assert not hasattr(secret, "__dict__")
    with pytest.raises(TypeError):
        pickle.dumps(secret)
    try:
        raise RuntimeError(secret)  # noqa: TRY301 - what a traceback shows is the question
    except RuntimeError:
        assert KEY not in traceback.format_exc()
    assert secret.reveal() == KEY
    assert secret.redact(f"echo {KEY}!") == "echo ***!"


def test_from_environment_and_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("A_KEY", f" {KEY}\n")
    assert read_key("env:A_KEY", tmp_path).reveal() == KEY
    file = tmp_path / "alma.key"
    file.write_text(KEY + "\n")
    file.chmod(0o600)
    assert read_key("file:alma.key", tmp_path).reveal() == KEY


def test_from_the_keyring(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    keyring = pytest.importorskip("keyring")
    monkeypatch.setattr(
        keyring, "get_password", lambda service, user: {("alma", "hbg"): KEY}.get((service, user))
    )
    assert read_key("keyring:alma/hbg", tmp_path).reveal() == KEY
    with pytest.raises(Refusal, match="E800"):
        read_key("keyring:alma/other", tmp_path)


@pytest.mark.parametrize(
    "content", [KEY + "\r\nX-Evil: 1", "", "short", "with blank inside it", "å" * 20, "x" * 300]
)
def test_what_cannot_be_a_key_is_not_repeated(tmp_path: Path, content: str) -> None:
    file = tmp_path / "alma.key"
    file.write_text(content, encoding="utf-8")
    file.chmod(0o600)
    with pytest.raises(Refusal, match="E800") as refused:
        read_key("file:alma.key", tmp_path)
    assert not content or content.strip() not in repr(refused.value.problems)


def test_missing_or_readable_by_all(tmp_path: Path) -> None:
    file = tmp_path / "alma.key"
    file.write_text(KEY)
    file.chmod(0o644)
    for reference in ("file:alma.key", "file:none.key", "env:NOT_SET_ANYWHERE"):
        with pytest.raises(Refusal, match="E800") as refused:
            read_key(reference, tmp_path)
        assert KEY not in repr(refused.value.problems)


@pytest.mark.parametrize(
    "reference", [KEY, "", "env:", "keyring:alma", "keyring:/x", "vault:x", f"apikey {KEY}"]
)
def test_a_key_where_a_reference_belongs_is_not_repeated(reference: str) -> None:
    with pytest.raises(ValueError, match=r"reference|SERVICE/USER") as refused:
        check_reference(reference)
    assert KEY not in str(refused.value)


@pytest.mark.parametrize(
    "reference", [f"env:{KEY}", f"file:{KEY}", f"file:keys/{KEY}", f"keyring:alma/{KEY}"]
)
def test_a_key_where_a_name_belongs_is_not_repeated(tmp_path: Path, reference: str) -> None:
    for language in ("en", "sv"):
        with pytest.raises(Refusal, match="E800") as refused:
            read_key(reference, tmp_path, language)  # type: ignore[arg-type]
        assert KEY not in repr(refused.value.problems)


def test_a_name_that_is_no_key_is_repeated(tmp_path: Path) -> None:
    for reference in ("env:ALMA_KEY_2025_SANDBOX", "file:hbg/alma-2025-11.key"):
        with pytest.raises(Refusal, match="E800") as refused:
            read_key(reference, tmp_path)
        assert reference.partition(":")[2] in refused.value.problems[0].message


def test_told_in_swedish(tmp_path: Path) -> None:
    with pytest.raises(Refusal, match="E800") as refused:
        read_key("env:NOT_SET_ANYWHERE", tmp_path, "sv")
    problem = refused.value.problems[0]
    assert problem.message == 'ingen API-nyckel: miljövariabeln "NOT_SET_ANYWHERE" är inte satt'
    assert (problem.help or "").startswith("nyckeln anges som hänvisning")


@pytest.mark.parametrize("region", REGIONS)
def test_regions(region: str) -> None:
    address = address_of(region, None)
    assert address.scheme == "https"
    assert str(address) == REGIONS[region]


@pytest.mark.parametrize(
    "url",
    [
        "http://api-eu.hosted.exlibrisgroup.com",
        "http://127.0.0.1.example.org",
        "http://localhost.example.org",
        "https://user:pass@host",
        "ftp://host",
        "host",
        "https://",
        "https://host?apikey=x",
        "https://host:port",
    ],
)
def test_addresses_the_key_must_not_go_to(url: str) -> None:
    with pytest.raises(ValueError, match=r"http|URL|base_url"):
        address_of(None, url)


@pytest.mark.parametrize(
    ("url", "name", "shown"),
    [
        ("http://127.0.0.1:8080/almaws/v1/", "loopback", "http://127.0.0.1:8080"),
        ("http://[::1]:8080", "loopback", "http://[::1]:8080"),
        ("http://localhost", "loopback", "http://localhost"),
        ("https://gateway.example.org/alma/", "gateway.example.org/alma", "https://gateway.example.org/alma"),
    ],
)
def test_own_addresses(url: str, name: str, shown: str) -> None:
    address = address_of(None, url)
    assert (address.name, str(address)) == (name, shown)


@pytest.mark.parametrize(("region", "url"), [(None, None), ("eu", "https://x.example.org"), ("mars", None)])
def test_one_address_only(region: str | None, url: str | None) -> None:
    with pytest.raises(ValueError, match="region"):
        address_of(region, url)
