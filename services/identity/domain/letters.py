"""What identity writes to people, in their own language."""

from datetime import datetime
from typing import NamedTuple

from babel.dates import format_datetime, get_timezone

from services.identity.domain.people import Person


class Letter(NamedTuple):
    """A mail in plain text."""

    subject: str
    text: str


_INVITATIONS = {
    "nl": Letter(
        "Je bent welkom op Plein",
        """Hallo {name},

Plein is de plek waar iedereen die hier werkt elkaar vindt. Met deze link kom je binnen en kies je een wachtwoord:

{uri}

De link is alleen voor jou, werkt één keer en tot {until}.
""",
    ),
    "en": Letter(
        "Welcome to Plein",
        """Hello {name},

Plein is where everyone who works here finds each other. With this link you come in and choose a password:

{uri}

The link is for you alone, works once, and until {until}.
""",
    ),
}


def invitation(person: Person, uri: str, expire_time: datetime, time_zone: str) -> Letter:
    """The mail with a one-time link."""
    subject, text = _INVITATIONS.get(person.language, _INVITATIONS["en"])
    shape = "EEEE d MMMM y H:mm"
    until = format_datetime(expire_time, shape, tzinfo=get_timezone(time_zone), locale=person.language)
    return Letter(subject, text.format(name=person.given_name, uri=uri, until=until))
