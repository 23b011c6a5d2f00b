"""What a broker is shown: the password, certificates, and the secret of commands."""

from __future__ import annotations

import os
import ssl

from streamer.errors import SettingsError
from streamer.places import named
from streamer.settings.mqtt import MqttSettings


def read_password(settings: MqttSettings) -> str | None:
    """The password from the environment, else from the file's first line; None where there is neither.

    Raises:
        SettingsError: the file cannot be read, or one of them is not UTF-8.
    """
    if password := secret_in(settings.password_env):
        return password
    if not settings.password_file:
        return None
    try:
        return named(settings.password_file).read_text(encoding="utf-8-sig").split("\n", 1)[0].rstrip("\r")
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"mqtt.password_file {settings.password_file!r} cannot be read: {error}") from error


def secret_in(variable: str) -> str | None:
    """What an environment variable holds; None where it is unset or empty.

    Raises:
        SettingsError: it is not UTF-8, in which it has to be sent.
    """
    secret = os.environ.get(variable) or None
    try:
        (secret or "").encode()
    except UnicodeEncodeError as error:
        raise SettingsError(f"the environment variable {variable} is not UTF-8: let what sets it use UTF-8") from error
    return secret


def tls_context(settings: MqttSettings) -> ssl.SSLContext:
    """What ``mqtts`` trusts and shows.

    Raises:
        SettingsError: a certificate or key file is missing or is not PEM, or the key needs a pass phrase.
    """
    authorities, certificate, key = (
        named(file) if file else None for file in (settings.ca_file, settings.cert_file, settings.key_file)
    )

    def refuse_to_ask() -> str:  # at each connection, on the terminal with the captions
        locked = settings.key_file or settings.cert_file
        raise SettingsError(
            f"the key in {locked!r} is locked with a pass phrase, which nobody is asked for: `openssl pkey -in FILE "
            "-out OPEN` writes one without, for mqtt.key_file"
        )

    try:
        context = ssl.create_default_context(cafile=authorities)
        if settings.ca_file:
            # From Python 3.13 on authorities are asked for extensions that those made at home seldom have.
            context.verify_flags &= ~ssl.VERIFY_X509_STRICT
        if certificate is not None:
            context.load_cert_chain(certificate, key, refuse_to_ask)
    except (OSError, ssl.SSLError) as error:
        raise SettingsError(
            f"mqtt.ca_file {settings.ca_file!r}, mqtt.cert_file {settings.cert_file!r} or mqtt.key_file: {error}"
        ) from error
    return context
