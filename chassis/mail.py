"""Mail to people, through the organisation's own mail server."""

import ssl
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from email import policy
from email.message import EmailMessage
from email.utils import localtime, parseaddr
from typing import NamedTuple
from urllib.parse import unquote, urlsplit

import aiosmtplib

from chassis.deadline import remaining
from chassis.problems import Unavailable, WrongState
from chassis.settings import MailSettings, secret_text

SLOW_SECONDS = 10.0
# A header with a long address is not folded: folding would encode it, and nobody could follow it.
WHOLE_LINES = policy.SMTP.clone(max_line_length=998, cte_type="7bit")


class Refusal(NamedTuple):
    """Why the mail server did not take a letter, as SMTP says it: from 500 on asking again is of no use."""

    code: int
    text: str

    @property
    def for_good(self) -> bool:
        return self.code >= 500


class MailServer:
    """Sends mail over SMTP: `smtp://user@host:25` with STARTTLS where the server offers it, `smtps://` with TLS."""

    def __init__(self, settings: MailSettings) -> None:
        self._address = urlsplit(settings.smtp_url)
        self._password = secret_text(settings.smtp_password_file)
        self._sender = settings.mail_from

    @property
    def is_set(self) -> bool:
        """Whether there is a mail server at all."""
        return bool(self._address.hostname and self._sender)

    @asynccontextmanager
    async def opened(self) -> AsyncIterator["Post"]:
        """A connection for several letters. WrongState without a mail server, Unavailable when it is away."""
        if not self.is_set:
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

    async def send(
        self, to: str, subject: str, text: str, *, html: str = "", headers: Mapping[str, str] | None = None
    ) -> Refusal | None:
        """Hands a letter over, in plain text and, if there is any, in HTML too; answers why it was not taken."""
        try:
            letter = self._written(to, subject, text, html, headers or {})
            await self._client.sendmail(parseaddr(self._sender)[1], to, letter.as_bytes())
        except ValueError:
            return Refusal(553, "This is no address of mail.")
        except aiosmtplib.SMTPRecipientsRefused as refused:
            return Refusal(refused.recipients[0].code, refused.recipients[0].message)
        except aiosmtplib.SMTPResponseException as refused:
            return Refusal(refused.code, refused.message)
        return None

    def _written(self, to: str, subject: str, text: str, html: str, headers: Mapping[str, str]) -> EmailMessage:
        letter = EmailMessage(WHOLE_LINES)
        letter["From"], letter["To"], letter["Date"] = self._sender, to, localtime()
        letter["Subject"] = " ".join(subject.split())
        letter["Auto-Submitted"] = "auto-generated"
        for name, value in headers.items():
            letter[name] = value
        letter.set_content(text)
        if html:
            letter.add_alternative(html, subtype="html")
        return letter
