"""Four weeks of messages, replies and reactions: the same words on every machine, at times before a given now."""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from random import Random

from deploy.demo import moments
from deploy.demo.cast import Cast, may_see
from deploy.demo.company import SEED, Company, Person
from deploy.demo.follows import follows
from deploy.demo.texts import SHARED_PARTS, Answer, Template, answers, fill, slots, sober, templates

NO_REPLIES = 0.5
GENERAL_ANSWERS = 2
FITTING_ANSWER = 0.55
MENTIONED_ANSWERS = 0.5
WRITER_ANSWERS = 0.35
RESHARED = 0.05
MOST_RESHARES = 2
COMMENTED = 0.4
REACTIONS = {
    "celebration": ["CELEBRATE", "CELEBRATE", "HEART", "LIKE"],
    "welcome": ["LIKE", "HEART", "CELEBRATE"],
    "humour": ["LAUGH", "LAUGH", "LAUGH", "LIKE"],
    "thanks": ["HEART", "HEART", "LIKE"],
    "farewell": ["HEART", "SAD", "LIKE"],
    "outage": ["LIKE", "LIKE", "THINK"],
    "labour": ["LIKE", "THINK", "THINK"],
    "question": ["LIKE", "THINK"],
}
USUAL_REACTIONS = ["LIKE", "LIKE", "LIKE", "LIKE", "HEART", "LAUGH"]


@dataclass(frozen=True, slots=True)
class Post:
    """A message, a reply when `reply_to` is set, or a reshare when `reshare_of` is, which needs no text.

    `kinds` are the root's; people are personnel numbers.
    """

    external_id: str
    author: str
    text: str
    mentions: tuple[str, ...]
    create_time: datetime
    reply_to: str
    kinds: tuple[str, ...]
    topic: str
    language: str
    reshare_of: str = ""


@dataclass(frozen=True, slots=True)
class Reaction:
    """One person's answer without words, named as in the feed without REACTION_."""

    post: str
    person: str
    reaction: str


@dataclass(frozen=True, slots=True)
class Activity:
    """What happened: whom each follows (personnel numbers), posts oldest first, reactions."""

    follows: dict[str, list[str]]
    posts: list[Post]
    reactions: list[Reaction]


def activity(company: Company, *, now: datetime) -> Activity:
    """Makes up what happened in the four weeks before `now`, which has a time zone."""
    cast = Cast(company, follows(company))
    posts: list[Post] = []
    reactions: list[Reaction] = []
    for message in _messages(cast, now, _message_count(len(company.people))):
        thread = [message, *_replies(cast, message, now)]
        posts += [*thread, *_reshares(cast, message, now)]
        for post in thread:
            reactions += _reactions(cast, message, post)
    return Activity(cast.follows, sorted(posts, key=lambda post: post.create_time), reactions)


def _message_count(people: int) -> int:
    """How many messages there are besides their replies: a large company has fewer a person."""
    return min(5 * people // 2, 600 + 9 * people // 20)


def _messages(cast: Cast, now: datetime, count: int) -> Iterator[Post]:
    drawn = _drawn(cast, count)
    for index in range(count):
        rng = Random(f"{SEED}/post/{index}")
        template, author = next(drawn)
        people = _mentioned(cast, author, template.text, template.kinds, rng)
        while people is None:
            template, author = next(drawn)
            people = _mentioned(cast, author, template.text, template.kinds, rng)
        yield Post(
            external_id=f"demo-{index}",
            author=author.personnel_number,
            text=fill(template.text, rng, _values(author, people)),
            mentions=tuple(person.personnel_number for person in people.values()),
            create_time=moments.of_message(index / count, template.when, rng, now, count - 1 - index),
            reply_to="",
            kinds=template.kinds,
            topic=template.topic,
            language=template.language,
        )


def _drawn(cast: Cast, count: int) -> Iterator[tuple[Template, Person]]:
    """Deals the templates like a deck of cards, so that the same sentence does not come back soon.

    What is written for one person is dealt once, and nobody says the same thing twice.
    """
    rng = Random(f"{SEED}/deck")
    decks = 1 + count // len(templates())
    only_in = {template: rng.randrange(decks) for template in templates() if template.who not in SHARED_PARTS}
    deck = [template for template in templates() if cast.parts[template]]
    said: set[tuple[Template, str]] = set()
    for dealt in itertools.count():
        rng.shuffle(deck)
        for template in deck:
            author = rng.choice(cast.parts[template])
            if only_in.get(template, dealt) == dealt and (template, author.handle) not in said:
                said.add((template, author.handle))
                yield template, author


def _mentioned(cast: Cast, author: Person, text: str, kinds: tuple[str, ...], rng: Random) -> dict[str, Person] | None:
    """Who fills the slots of people. None when the author has no new colleague to welcome."""
    people: dict[str, Person] = {}
    wanted = slots(text)
    if "newcomer" in wanted:
        newcomer = cast.newcomer(author, rng)
        if newcomer is None:
            return None
        people["newcomer"] = newcomer
    for slot in sorted(wanted & {"colleague", "colleague2"}):
        people[slot] = cast.friend(author, kinds, {person.handle for person in people.values()}, rng)
    return people


def _values(author: Person, people: dict[str, Person]) -> dict[str, str]:
    mentions = {slot: f"@{person.handle}" for slot, person in people.items()}
    return {"department": author.department, "site": author.location, **mentions}


def _replies(cast: Cast, message: Post, now: datetime) -> Iterator[Post]:
    """The thread below a message: answers of its readers, to which its writer may answer in turn."""
    rng = Random(f"{SEED}/replies/{message.external_id}")
    writer = cast.company.by_number[message.author]
    if rng.random() < NO_REPLIES:
        return
    fitting = _fitting(message, rng)
    count = 0
    for answerer in _answerers(cast, message, writer, rng, min(rng.randint(1, 6), rng.randint(1, 4))):
        if not fitting:
            return
        count += 1
        reply = _reply(cast, message, message, answerer, fitting.pop().text, f"{message.external_id}-{count}", now, rng)
        yield reply
        if rng.random() < WRITER_ANSWERS:
            count += 1
            back = rng.choice(answers(message.language, "back_question" if "?" in reply.text else "back")).text
            yield _reply(cast, message, reply, writer, back, f"{message.external_id}-{count}", now, rng)


def _answerers(cast: Cast, message: Post, writer: Person, rng: Random, count: int) -> list[Person]:
    """Who answers: perhaps whoever is mentioned, and readers who write the message's language."""
    readers = cast.readers(writer, message.kinds, rng, 4 * count)
    mentioned = [cast.company.by_number[number] for number in message.mentions if rng.random() < MENTIONED_ANSWERS]
    able = {person.personnel_number: person for person in [*mentioned, *readers]}
    speaks = [person for person in able.values() if message.language == "en" or person.language == "nl"]
    return speaks[:count]


def _fitting(message: Post, rng: Random) -> list[Answer]:
    """Answers that make sense under a message, the best last."""
    text, language = message.text.casefold(), message.language
    exact, loose = [], []
    for answer in answers(language, message.topic):
        if not answer.word:
            loose.append(answer)
        elif answer.word in text:
            exact.append(answer)
    general = [*answers(language, "any"), *(() if sober(message.topic) else answers(language, "light"))]
    loose += rng.sample(general, GENERAL_ANSWERS)
    rng.shuffle(exact)
    rng.shuffle(loose)
    return sorted(loose + exact, key=lambda answer: bool(answer.word) and rng.random() < FITTING_ANSWER)


def _reply(
    cast: Cast, root: Post, to: Post, author: Person, text: str, external_id: str, now: datetime, rng: Random
) -> Post:
    answered = cast.company.by_number[to.author]
    people = {"author": answered} if "author" in slots(text) else {}
    if "colleague" in slots(text):
        people["colleague"] = cast.friend(author, root.kinds, {answered.handle}, rng)
    return Post(
        external_id=external_id,
        author=author.personnel_number,
        text=fill(text, rng, _values(author, people)),
        mentions=tuple(person.personnel_number for person in people.values()),
        create_time=moments.of_reply(to.create_time, rng, now),
        reply_to=to.external_id,
        kinds=root.kinds,
        topic=root.topic,
        language=root.language,
    )


def _reshares(cast: Cast, message: Post, now: datetime) -> Iterator[Post]:
    """Readers pass on what cheers people up, some with a few words. What is not for everyone stays where it is."""
    rng = Random(f"{SEED}/reshares/{message.external_id}")
    if message.kinds or sober(message.topic) or rng.random() >= RESHARED:
        return
    writer = cast.company.by_number[message.author]
    named = [cast.company.by_number[number] for number in message.mentions]
    words = [answer.text for answer in answers(message.language, "light") if not slots(answer.text)]
    for index, reader in enumerate(cast.readers(writer, (), rng, rng.randint(1, MOST_RESHARES))):
        if all(may_see(reader, person, ()) and person is not reader for person in named):
            yield replace(
                message,
                external_id=f"{message.external_id}-reshare-{index}",
                author=reader.personnel_number,
                text=fill(rng.choice(words), rng, {}) if rng.random() < COMMENTED else "",
                mentions=(),
                create_time=moments.of_reply(message.create_time, rng, now),
                reshare_of=message.external_id,
            )


def _reactions(cast: Cast, message: Post, post: Post) -> Iterator[Reaction]:
    """Reactions of people who may see the post, the message on top of its thread and those whom it mentions."""
    rng = Random(f"{SEED}/reactions/{post.external_id}")
    author = cast.company.by_number[post.author]
    involved = [cast.company.by_number[number] for number in (message.author, *post.mentions)]
    popular = len(cast.followers[post.author]) / len(cast.company.people)
    most = (1 + round(18 * popular) + rng.randint(0, 3)) if post is message else 2
    kinds = REACTIONS.get(message.topic, USUAL_REACTIONS) if post is message else USUAL_REACTIONS
    for person in cast.readers(author, message.kinds, rng, rng.randint(0, most)):
        if person is not involved[0] and all(may_see(person, other, message.kinds) for other in involved):
            yield Reaction(post.external_id, person.personnel_number, rng.choice(kinds))
