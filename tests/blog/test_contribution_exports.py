"""Contributions taken out as files: all that the author may see, piece by piece, and safe to open in a spreadsheet."""

import csv
import json
from io import StringIO

import pytest
from plein.identity.v1 import identity_pb2

from chassis import shape
from chassis.testing import Answers, World
from services.blog.domain.consultations import Contribution
from services.blog.rpc import contribution_exports
from services.blog.store import consultations
from tests.blog.caller import Meet
from tests.blog.talking import Talker, block, id_of, judge, published, write_many

BATCH_GET_PEOPLE = "/plein.identity.v1.IdentityService/BatchGetPeople"


@pytest.fixture(scope="module")
def answers(answers: Answers) -> Answers:
    """Identity knows everybody as Somebody."""

    def named(request: identity_pb2.BatchGetPeopleRequest) -> identity_pb2.BatchGetPeopleResponse:
        shape.check(request)
        people = [identity_pb2.Person(name=name, given_name="Some", family_name="=Body") for name in request.names]
        return identity_pb2.BatchGetPeopleResponse(people=people)

    return {**answers, BATCH_GET_PEOPLE: (identity_pb2.BatchGetPeopleRequest, named)}


@pytest.fixture
async def people(meet: Meet) -> list[Talker]:
    return [Talker(caller) for caller in await meet("ada", "bob", "eva")]


@pytest.fixture
async def article(world: World, people: list[Talker]) -> str:
    article = await published(people[0].caller)
    await people[0].consult(article)
    return article


def rows(file: str) -> list[dict[str, str]]:
    assert file.startswith("\ufeff")
    return list(csv.DictReader(StringIO(file.removeprefix("\ufeff"), newline="")))


async def test_a_file_says_what_was_contributed_and_what_was_done(people: list[Talker], article: str) -> None:
    ada, bob, eva = people
    said = await bob.say(article, '=HYPERLINK("x")\nand "more", é')
    await eva.say(article, "Indeed", to=said.name)
    await eva.react(said.name)
    await ada.assign(said.name, "people/me")
    await ada.decide(said.name, "DECLINED", "-1")
    (file, kind), (text, json_kind) = await ada.export(article, "CSV"), await ada.export(article, "JSON")
    assert (kind.partition(";")[0], json_kind) == ("text/csv", "application/json")
    [row], [found] = rows(file), json.loads(text)
    assert (row["text"], found["text"]) == ("'" + said.text, said.text)
    assert (row["reason"], found["reason"]) == ("'-1", "-1")
    assert (row["author"], row["author_name"], row["owner"]) == (bob.name, "Some =Body", ada.name)
    assert (row["state"], row["replies"], row["reactions"]) == ("DECLINED", "1", "1")
    assert row["written"] <= row["first_answered"] == row["decided"]
    assert list(row) == list(found)


async def test_a_file_without_contributions_is_whole(people: list[Talker], article: str) -> None:
    [ada, *_] = people
    assert rows((await ada.export(article, "UNSPECIFIED"))[0]) == []
    assert json.loads((await ada.export(article, "JSON"))[0]) == []


@pytest.mark.parametrize("count", [3, 4, 5])
async def test_a_long_file_comes_in_pieces(
    world: World, people: list[Talker], article: str, monkeypatch: pytest.MonkeyPatch, count: int
) -> None:
    ada, bob, _ = people
    monkeypatch.setattr(contribution_exports, "AT_ONCE", 2)
    said = [(await bob.say(article, str(number))).text for number in range(count)]
    assert [row["text"] for row in rows((await ada.export(article, "CSV"))[0])] == said
    assert [found["text"] for found in json.loads((await ada.export(article, "JSON"))[0])] == said


async def test_a_file_leaves_out_what_the_author_may_not_see(world: World, people: list[Talker], article: str) -> None:
    ada, bob, eva = people
    seen, hidden, gone = [await bob.say(article, text) for text in ("Seen", "Hidden", "Gone")]
    await eva.say(article, "Apart")
    await judge(world, hidden.name, "hide")
    await bob.delete(gone.name)
    await block(world, eva, ada)
    assert [row["text"] for row in rows((await ada.export(article, "CSV"))[0])] == ["Seen"]
    assert seen.name in (await ada.export(article, "JSON"))[0]


async def test_thousands_are_taken_out(world: World, people: list[Talker], article: str) -> None:
    ada, bob, _ = people
    await write_many(world, bob, article, threads=1000, replies=0)
    async with world.server.resources.database.transaction() as tx:
        for thread in await bob.threads(article):
            await consultations.add_contribution(tx, Contribution(id_of(thread.comment.name), id_of(article)))
    assert len(rows((await ada.export(article, "CSV"))[0])) == 1000
