"""The only thing outside that identity calls: the organisation's mail server."""

import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from email.message import EmailMessage
from urllib.parse import unquote, urlsplit

import aiosmtplib

from chassis.deadline import remaining
from chassis.problems import Unavailable, WrongState
from chassis.settings import secret_text
from services.identity.settings import IdentitySettings

SLOW_SECONDS = 10.0


class MailServer:
    """Sends mail over SMTP: `smtp://user@host:25` with STARTTLS where the server offers it, `smtps://` with TLS."""

    def __init__(self, settings: IdentitySettings) -> None:
        self._address = urlsplit(settings.smtp_url)
        self._password = secret_text(settings.smtp_password_file)
        self._sender = settings.mail_from

    @asynccontextmanager
    async def opened(self) -> AsyncIterator["Post"]:
        """A connection for several letters. WrongState without a mail server, Unavailable when it is away."""
        if not self._address.hostname or not self._sender:
            raise WrongState("MAIL_NOT_SET", "No mail server is set: SMTP_URL and MAIL_FROM.")
        implicit = self._address.scheme == "smtps"
        client = aiosmtplib.SMTP(
            hostname=self._address.hostname,
            port=self._address.port or (465 if implicit else 25),
            username=unquote(self._address.username) if self._address.username else None,
            password=self._password,
            use_tls=implicit,
            timeout=remaining(SLOW_SECONDS),
        )
        try:
            async with client:
                yield Post(client, self._sender)
        except (aiosmtplib.SMTPException, ssl.SSLError, OSError) as error:
            raise Unavailable("MAIL_AWAY", "The mail server is away or does not accept us.") from error


class Post:
    """Open doors at the mail server."""

    def __init__(self, client: aiosmtplib.SMTP, sender: str) -> None:
        self._client = client
        self._sender = sender

    async def send(self, to: str, subject: str, text: str) -> bool:
        """Hands a letter over; False when the server refuses this one."""
        letter = EmailMessage()
        letter["From"], letter["To"], letter["Subject"] = self._sender, to, subject
        letter["Auto-Submitted"] = "auto-generated"
        letter.set_content(text)
        try:
            await self._client.send_message(letter)
        except aiosmtplib.SMTPResponseException:
            return False
        except aiosmtplib.SMTPRecipientsRefused:
            return False
        return True
