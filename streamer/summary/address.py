"""The address of an endpoint."""

from __future__ import annotations

import ipaddress
from urllib.parse import urlsplit

import httpx


def without_login(url: str) -> str:
    """An address without the user and password that it may hold."""
    parts = urlsplit(url)
    return parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()


def is_address(url: str) -> bool:
    """Whether requests can be sent there."""
    try:
        parts = urlsplit(url)
        httpx.URL(url)
        return parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except (ValueError, httpx.InvalidURL):  # half of the brackets, a port that is no number, a host that is no name
        return False


def is_on_this_machine(url: str) -> bool:
    """Whether no proxy can be meant, which would look for the address on its own machine."""
    host = urlsplit(url).hostname or ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
