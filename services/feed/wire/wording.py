"""What people are told by mail and push, in words. The catalogue is here alone, in each language."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from services.feed.domain.notifications import Digest, Kind, Language


class Sentence(NamedTuple):
    """What happened, when one person did it, and when several did. `{people}` are their names."""

    one: str
    several: str


class Words(NamedTuple):
    """All the texts in one language."""

    somebody: str
    others: Sentence
    both: str
    inside_group: str
    sentences: Mapping[Kind, Sentence]
    anything: str
    subject_more: Sentence
    greeting: str
    introduction: Mapping[Digest, str]
    more: str
    open: str
    why: Mapping[Digest, str]
    unsubscribe: str
    ask_title: str
    ask: str
    ask_button: str
    stopped: str


def _same(text: str) -> Sentence:
    return Sentence(text, text)


# What a group tells is never said in words: of it only goes out that there is something.
SILENT = frozenset(
    {
        Kind.MEMBERSHIP_REQUEST,
        Kind.MEMBERSHIP_BEGUN,
        Kind.MEMBERSHIP_ENDED,
        Kind.INVITATION,
        Kind.GROUP_EVENT,
        Kind.GROUP_EVENT_CHANGED,
        Kind.GROUP_EVENT_REMINDER,
        Kind.GROUP_EVENT_PLACE,
        Kind.GROUP_MENTION,
    }
)
_DUTCH: dict[Kind, Sentence] = {
    Kind.MENTION: Sentence("{people} noemde je", "{people} noemden je"),
    Kind.REPLY: Sentence("{people} antwoordde op je bericht", "{people} antwoordden op je bericht"),
    Kind.REPLY_IN_OWN_THREAD: Sentence("{people} schreef onder je bericht", "{people} schreven onder je bericht"),
    Kind.REPLY_IN_JOINED_THREAD: Sentence(
        "{people} schreef verder in een gesprek van je", "{people} schreven verder in een gesprek van je"
    ),
    Kind.REACTION: Sentence("{people} reageerde op je bericht", "{people} reageerden op je bericht"),
    Kind.RESHARE: Sentence("{people} deelde je bericht", "{people} deelden je bericht"),
    Kind.FOLLOWER: Sentence("{people} volgt je", "{people} volgen je"),
    Kind.POLL_ENDED: _same("Een peiling is afgelopen"),
    Kind.ARTICLE: _same("Er is een nieuw artikel in een blog dat je volgt"),
    Kind.COMMENT: Sentence("{people} schreef bij je artikel", "{people} schreven bij je artikel"),
    Kind.COMMENT_REPLY: Sentence("{people} antwoordde op je opmerking", "{people} antwoordden op je opmerking"),
    Kind.CONTRIBUTION_ANSWERED: _same("Er is een antwoord op je bijdrage"),
    Kind.CONTENT_HIDDEN: _same("Iets wat je schreef is voor anderen verborgen"),
    Kind.CONTENT_RESTORED: _same("Iets wat je schreef is weer te zien"),
    Kind.DECISION: _same("Er is een besluit van de moderatoren"),
    Kind.APPEAL_DECIDED: _same("Er is een besluit over je bezwaar"),
    Kind.CONTENT_REMOVED: _same("Iets wat je schreef is verwijderd door de moderatoren"),
    Kind.REPORT_DECIDED: _same("Er is een besluit over wat je meldde"),
    Kind.CARD_CHANGED: _same("Er is nieuws over een bericht dat je volgt"),
}
_ENGLISH: dict[Kind, Sentence] = {
    Kind.MENTION: _same("{people} mentioned you"),
    Kind.REPLY: _same("{people} replied to your post"),
    Kind.REPLY_IN_OWN_THREAD: _same("{people} wrote under your post"),
    Kind.REPLY_IN_JOINED_THREAD: _same("{people} went on in a conversation of yours"),
    Kind.REACTION: _same("{people} reacted to your post"),
    Kind.RESHARE: _same("{people} reshared your post"),
    Kind.FOLLOWER: Sentence("{people} follows you", "{people} follow you"),
    Kind.POLL_ENDED: _same("A poll has ended"),
    Kind.ARTICLE: _same("There is a new article in a blog that you follow"),
    Kind.COMMENT: _same("{people} commented on your article"),
    Kind.COMMENT_REPLY: _same("{people} replied to your comment"),
    Kind.CONTRIBUTION_ANSWERED: _same("There is an answer to your contribution"),
    Kind.CONTENT_HIDDEN: _same("Something that you wrote is hidden from others"),
    Kind.CONTENT_RESTORED: _same("Something that you wrote can be seen again"),
    Kind.DECISION: _same("The moderators have decided"),
    Kind.APPEAL_DECIDED: _same("Your appeal was decided"),
    Kind.CONTENT_REMOVED: _same("Something that you wrote was removed by the moderators"),
    Kind.REPORT_DECIDED: _same("What you reported was decided"),
    Kind.CARD_CHANGED: _same("There is news about a post that you follow"),
}

WORDS = {
    Language.NL: Words(
        somebody="Iemand",
        others=Sentence("{first} en 1 ander", "{first} en {count} anderen"),
        both="{first} en {second}",
        inside_group="Nieuwe activiteit in een groep",
        sentences=_DUTCH,
        anything="Er is iets nieuws voor je",
        subject_more=Sentence("{first}, en nog 1 melding", "{first}, en nog {count} meldingen"),
        greeting="Hallo {name},",
        introduction={
            Digest.DAILY: "Dit is er nieuw voor je op Plein.",
            Digest.WEEKLY: "Dit was er deze week nieuw voor je op Plein.",
        },
        more="Er is nog meer: dat vind je op Plein.",
        open="Open Plein",
        why={
            Digest.DAILY: "Je krijgt deze mail op werkdagen, als er iets nieuws is.",
            Digest.WEEKLY: "Je krijgt deze mail op maandag, als er iets nieuws is.",
        },
        unsubscribe="Geen mail meer",
        ask_title="Geen mail meer?",
        ask="Wil je geen mail meer over wat er nieuw voor je is op Plein?",
        ask_button="Geen mail meer sturen",
        stopped="Je krijgt geen mail meer over wat er nieuw is. In je instellingen op Plein kun je hem weer aanzetten.",
    ),
    Language.EN: Words(
        somebody="Somebody",
        others=Sentence("{first} and 1 other", "{first} and {count} others"),
        both="{first} and {second}",
        inside_group="New activity in a group",
        sentences=_ENGLISH,
        anything="There is something new for you",
        subject_more=Sentence("{first}, and 1 more notification", "{first}, and {count} more notifications"),
        greeting="Hello {name},",
        introduction={
            Digest.DAILY: "This is new for you on Plein.",
            Digest.WEEKLY: "This was new for you on Plein this week.",
        },
        more="There is more: you find it on Plein.",
        open="Open Plein",
        why={
            Digest.DAILY: "You get this mail on working days, when there is something new.",
            Digest.WEEKLY: "You get this mail on Mondays, when there is something new.",
        },
        unsubscribe="No more mail",
        ask_title="No more mail?",
        ask="Do you want no more mail about what is new for you on Plein?",
        ask_button="Send no more mail",
        stopped="You get no more mail about what is new. In your settings on Plein you can turn it on again.",
    ),
}


def told(words: Words, kind: Kind, people: Sequence[str], person_count: int) -> str:
    """What happened, such as “Anna Bos and 3 others reacted to your post”; `people` are the newest ones' names."""
    sentence = words.sentences.get(kind, _same(words.anything))
    form = sentence.several if person_count > 1 else sentence.one
    return form.replace("{people}", _people(words, people, person_count))


def subject(words: Words, first: str, count: int) -> str:
    """The subject of a mail that tells of `count` things, `first` among them."""
    if count == 1:
        return first
    form = words.subject_more.one if count == 2 else words.subject_more.several
    return form.replace("{first}", first).replace("{count}", str(count - 1))


def _people(words: Words, names: Sequence[str], count: int) -> str:
    if not names:
        return words.somebody
    if count <= 1:
        return names[0]
    if count == 2 and len(names) > 1:
        return words.both.replace("{first}", names[0]).replace("{second}", names[1])
    form = words.others.one if count == 2 else words.others.several
    return form.replace("{first}", names[0]).replace("{count}", str(count - 1))
