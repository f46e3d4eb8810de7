"""A region's name or an own URL → where requests go.

Sandboxes share the hosts of production: the API key decides the institution (reference:
developers.exlibrisgroup.com, "Alma APIs", list of gateways).
"""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from urllib.parse import urlsplit

REGIONS = {
    "eu": "https://api-eu.hosted.exlibrisgroup.com",
    "na": "https://api-na.hosted.exlibrisgroup.com",
    "ap": "https://api-ap.hosted.exlibrisgroup.com",
    "aps": "https://api-aps.hosted.exlibrisgroup.com",
    "ca": "https://api-ca.hosted.exlibrisgroup.com",
    "cn": "https://api-cn.hosted.exlibrisgroup.com.cn",  # its own top-level domain
}


@dataclass(frozen=True, slots=True)
class Address:
    """Scheme, host and port of the gateway, and the path in front of `/almaws/v1`."""

    scheme: str
    host: str
    port: int
    prefix: str

    @property
    def loopback(self) -> bool:
        """Requests never leave this machine (the simulator)."""
        return _loopback(self.host)

    @property
    def name(self) -> str:
        """What a ledger is bound to. The simulator's port changes with every start, so it is left out."""
        return "loopback" if self.loopback else f"{self.host}{self.prefix}"

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        usual = self.port == (443 if self.scheme == "https" else 80)
        return f"{self.scheme}://{host}{'' if usual else f':{self.port}'}{self.prefix}"


def address_of(region: str | None, base_url: str | None) -> Address:
    """The address. Raises ValueError: neither or both given, unknown region, or a URL the key must not go
    to.
    """
    if (region is None) == (base_url is None):
        raise ValueError(f"give either region ({', '.join(REGIONS)}) or base_url")
    if region is not None and region not in REGIONS:
        raise ValueError(f'no region "{region}": {", ".join(REGIONS)}, or give base_url')
    url = REGIONS[region] if region is not None else base_url or ""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise ValueError(f'not a URL: "{url}"') from None
    if parts.username is not None or parts.password is not None or parts.query or parts.fragment:
        raise ValueError("base_url is scheme, host, port and path only: no user, password, query or fragment")
    if parts.scheme not in ("https", "http") or not parts.hostname:
        raise ValueError(f'not a URL: "{url}"')
    if parts.scheme == "http" and not _loopback(parts.hostname):
        raise ValueError("http would send the key in clear: only https, except to this machine itself")
    prefix = parts.path.rstrip("/").removesuffix("/almaws/v1")
    return Address(parts.scheme, parts.hostname, port or (443 if parts.scheme == "https" else 80), prefix)


def _loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
