"""Who is erased is nowhere any more, and what others wrote and count stays right."""

from datetime import UTC, datetime
from uuid import uuid4

import pytest
import sqlalchemy as sa
from plein.feed.v1 import events_pb2, own_data_pb2, own_data_pb2_grpc

from chassis.media import Media
from chassis.service import Server
from chassis.testing import Answers, World
from services.feed.jobs.images import remove_due
from services.feed.service import SERVICE
from services.feed.store import erasing, erasing_posts
from tests.conftest import Start
from tests.feed.caller import Caller, Meet, refused
from tests.feed.owning import ask_to_erase, erase, finished, leave_for_good, rebuild
from tests.feed.pictures import illustrated, uploaded
from tests.feed.reader import Reader
from tests.feed.relating import block, bookmark, dismiss, follow_group, follow_tag, join, mute, mute_tag, mute_thread
from tests.feed.searching import found
from tests.feed.staff import Staff
from tests.feed.systems import Reader as CardReader
from tests.feed.systems import System, titled
from tests.feed.writing import counted, edit, id_of, new_group, poll, reshare, rows_with, vote, write

# What only the person who is erased said, in all places where one can say something.
WORDS = ["zonnebloem", "zonsondergang", "maanlicht", "sterrenkijker", "komeet", "meteoriet", "nevelvlek"]
MODES = ["REMOVE", "ANONYMISE"]


@pytest.fixture(scope="module")
def answers(answers: Answers) -> Answers:
    return {**answers, **titled("Monitoring"), **Staff().answers}


@pytest.fixture(scope="module")
async def world(start: Start, answers: Answers) -> World:
    return await start(SERVICE, answers, merge_at_read_followers=3)


@pytest.fixture(autouse=True)
async def clean(world: World) -> None:
    await world.clean()


@pytest.fixture
async def crowd(meet: Meet) -> list[Caller]:
    """Ada, who will be erased, and others."""
    return await meet("ada", "bob", "eve", "kim")


class Life:
    """What Ada did, and what was done with it."""

    def __init__(self, world: World, crowd: list[Caller]) -> None:
        self.world = world
        self.ada, self.bob, self.eve, self.kim = crowd

    async def live(self) -> None:
        await self._write()
        await self._use_what_others_wrote()
        await self._relate()
        await self._be_told()
        await self.world.caught_up("feed")
        for reader in (self.ada, self.bob, self.eve, self.kim):
            await reader.home()

    async def _write(self) -> None:
        ada, bob, eve = self.ada, self.bob, self.eve
        await bob.follow(ada)
        image = (await uploaded(ada)).name
        self.post = await illustrated(ada, image, text="Een zonnebloem #lente", alt_text="zonsondergang")
        await edit(ada, self.post.name, "text", text="Een sterrenkijker #lente")
        self.asked = await write(ada, "Welke komeet?", poll=poll("maanlicht", "Anders"))
        await vote(bob, self.asked.name, 0)
        self.reply = await bob.post("Van Bob, daaronder", reply_to=self.post.name)
        self.own_reply = await ada.post("meteoriet", reply_to=self.reply.name)
        await reshare(bob, self.post.name)
        await eve.react(self.post.name)
        gone = await ada.post("nevelvlek")
        await eve.post("Van Eve, onder wat weg is", reply_to=gone.name)
        await ada.delete(gone.name)
        await uploaded(ada)  # and puts it into no post

    async def _use_what_others_wrote(self) -> None:
        ada, bob, eve = self.ada, self.bob, self.eve
        self.question = await write(bob, "Soep?", poll=poll("Ja", "Nee"))
        await vote(ada, self.question.name, 0)
        await vote(eve, self.question.name, 1)
        await ada.react(self.question.name, "HEART")
        await eve.react(self.question.name, "HEART")
        await bookmark(ada, self.question.name)
        await reshare(ada, self.question.name)
        await reshare(ada, self.question.name, "Over soep: zonnebloem")
        await ada.post("meteoriet hier", reply_to=self.question.name)
        self.mention = await write(eve, "Vraag het @ada en @bob")

    async def _relate(self) -> None:
        ada, bob, eve, kim = self.ada, self.bob, self.eve, self.kim
        await ada.follow(bob, eve)
        await eve.follow(ada)
        await kim.follow(ada)
        await kim.unfollow(ada)
        group = new_group()
        await join(self.world, id_of(group), ada, bob)
        await follow_group(ada, id_of(group))
        await follow_tag(ada, "soep")
        await mute(ada, kim)
        await mute(kim, ada)
        await mute_tag(ada, "brood")
        await mute_thread(ada, self.question.name)
        await dismiss(ada, kim)
        await dismiss(eve, ada)
        system = System(self.world, await self.world.account(bob.person, "cards.write"))
        await CardReader(ada).follow((await system.report("DSL Utrecht", external_id=str(uuid4()))).name)
        await block(ada, kim)

    async def _be_told(self) -> None:
        await self.world.caught_up("feed")
        assert await Reader(self.world, self.ada).inbox()
        assert await Reader(self.world, self.eve).inbox()
        await Reader(self.world, self.ada).want("digest", digest=1)
        moment = {"person": self.ada.id, "id": uuid4(), "now": datetime.now(UTC)}
        async with self.world.server.resources.database.transaction() as tx:
            await tx.execute(
                sa.text(
                    "INSERT INTO push_subscriptions VALUES (:id, :person, 'https://push.example/' || :id, '\\x00', "
                    "'\\x00', 'Phone', 0, :now)"
                ),
                moment,
            )
            await tx.execute(sa.text("INSERT INTO digests VALUES (:person, 1)"), moment)
            await tx.execute(sa.text("INSERT INTO people_facts VALUES (:person, 'Netwerk')"), moment)
            await tx.execute(
                sa.text("INSERT INTO articles VALUES (gen_random_uuid(), :person, '{}', NULL, :now)"), moment
            )


@pytest.fixture
async def life(world: World, crowd: list[Caller]) -> Life:
    life = Life(world, crowd)
    await life.live()
    return life


async def cached_anywhere(world: World, *needles: bytes) -> list[bytes]:
    """The keys of the cache that hold one of these in their name or value."""
    call, kept = world.server.resources.cache.call, []
    for key in await call(b"KEYS", b"*"):
        kind = await call(b"TYPE", key)
        if kind in (b"string", "string"):
            value = await call(b"GET", key) or b""
        else:
            commands = [(b"LRANGE", key, 0, -1)] if kind in (b"list", "list") else [(b"HKEYS", key), (b"HVALS", key)]
            value = b"".join([part for command in commands for part in await call(*command)])
        if any(needle in key + value for needle in needles):
            kept.append(key)
    return kept


@pytest.mark.parametrize("mode", MODES)
async def test_nothing_is_left_of_who_is_erased(mode: str, world: World, life: Life) -> None:
    ada = life.ada
    before = await rows_with(world, [str(ada.id)])
    assert len(before) > 20
    assert await cached_anywhere(world, ada.id.bytes)
    erased = await erase(world, ada, mode)
    left = {place.rpartition(" ")[2] for place in await rows_with(world, [str(ada.id)])}
    assert left <= {"public.erasures", "eventlog.events", "eventlog.parked"}
    words = WORDS if mode == "REMOVE" else ["nevelvlek"]
    assert await rows_with(world, words) == []
    assert await cached_anywhere(world, ada.id.bytes, str(ada.id).encode(), *(word.encode() for word in words)) == []
    assert erased.counts["marks"] > 0
    assert erased.counts["follows"] == 5
    assert erased.counts["posts"] == (6 if mode == "REMOVE" else 1)


@pytest.mark.parametrize("mode", MODES)
async def test_what_is_counted_is_what_is_there(mode: str, world: World, life: Life) -> None:
    await erase(world, life.ada, mode)
    assert await rebuild(world) == {}
    question = await life.bob.read(life.question.name)
    assert counted(question) == ([0, 1], 1)
    assert [one.count for one in question.reaction_counts] == [1]
    stays = mode == "ANONYMISE"
    assert (question.reply_count, question.reshare_count) == ((1, 1) if stays else (0, 0))


async def test_removed_posts_leave_their_threads(world: World, life: Life) -> None:
    await erase(world, life.ada, "REMOVE")
    root = await life.eve.read(life.post.name)
    assert (root.text, root.author, root.HasField("delete_time")) == ("", "", True)
    assert [reply.text for reply in await life.eve.replies(life.post.name)] == ["Van Bob, daaronder"]
    assert await found(life.eve, "sterrenkijker") == []
    resources = world.server.resources
    await remove_due(resources.database, Media(world.server.settings.media_url, "feed"))
    async with resources.database.snapshot() as tx:
        assert (await tx.execute(sa.text("SELECT count(*) FROM images"))).scalar() == 0


async def test_anonymised_posts_are_a_former_colleagues(world: World, life: Life) -> None:
    await erase(world, life.ada, "ANONYMISE")
    for reader in (life.bob, life.eve):
        post = await reader.read(life.post.name)
        assert (post.text, post.author, post.author_gone) == ("Een sterrenkijker #lente", "", True)
    assert await found(life.eve, "sterrenkijker") == [life.post.name]
    assert await life.eve.tagged("lente") == [life.post.name]
    assert await found(life.eve, "from:ada sterrenkijker") == []
    assert await life.eve.follows(life.bob) is False
    assert (await life.bob.read(life.asked.name)).poll.voter_count == 1


async def test_others_keep_their_words_without_the_name_behind(world: World, life: Life) -> None:
    await erase(world, life.ada, "REMOVE")
    post = await life.bob.read(life.mention.name)
    assert post.text == life.mention.text
    assert [mention.person for mention in post.mentions] == [life.bob.name]


async def test_nobody_is_told_any_more_what_the_person_did(world: World, life: Life) -> None:
    eve = Reader(world, life.eve)
    assert life.ada.name in {person for notification in await eve.inbox() for person in notification.people}
    await erase(world, life.ada, "ANONYMISE")
    assert life.ada.name not in {person for notification in await eve.inbox() for person in notification.people}


async def test_a_barrier_does_not_end_with_an_erasure(meet: Meet, world: World) -> None:
    (ada,) = await meet("ada", segments=["network"])
    (kept_apart,) = await meet("sanne", segments=["shop"])
    (eve,) = await meet("eve")
    post = await ada.post("Voor wie mag")
    await world.bar(("network", "shop"))
    try:
        await erase(world, ada, "ANONYMISE")
        assert (await eve.read(post.name)).text == "Voor wie mag"
        assert (await refused(kept_apart.read(post.name))).reason == "POST_NOT_FOUND"
        assert post.name not in await kept_apart.everyone()
    finally:
        await world.bar()


async def test_asking_again_removes_what_came_since_or_was_anonymised(world: World, life: Life) -> None:
    first = await erase(world, life.ada, "ANONYMISE")
    async with world.server.resources.database.transaction() as tx:
        await tx.execute(sa.text("INSERT INTO digests VALUES (:person, 1)"), {"person": life.ada.id})
    again = await ask_to_erase(world, life.ada.name, "REMOVE")
    assert (again.name, again.HasField("finish_time")) == (first.name, False)
    await finished(world, again.name)
    assert (await life.eve.read(life.post.name)).HasField("delete_time")
    assert await rows_with(world, WORDS) == []
    assert not [place for place in await rows_with(world, [str(life.ada.id)]) if "digests" in place]
    assert await rebuild(world) == {}
    assert (await refused(ask_to_erase(world, life.ada.name, "ANONYMISE"))).reason == "REMOVED_ALREADY"


@pytest.mark.parametrize("mode", MODES)
async def test_cards_stand_in_nobodys_name_either(mode: str, meet: Meet, world: World) -> None:
    olga, bob = await meet("olga", "bob")
    system = System(world, await world.account(olga.person, "cards.write"))
    card = await system.report("Kabelbreuk Delft", external_id="INC-7", request_id=str(uuid4()))
    await erase(world, olga, mode)
    left = {place.rpartition(" ")[2] for place in await rows_with(world, [str(olga.id)])}
    assert left <= {"public.erasures", "eventlog.events"}
    if mode == "ANONYMISE":
        seen = await bob.read(card.name)
        assert (seen.author_gone, seen.card.outage.title) == (True, "Kabelbreuk Delft")
    else:
        assert await rows_with(world, ["Kabelbreuk"]) == []
        assert await CardReader(bob).cards() == []


@pytest.mark.parametrize("mode", MODES)
async def test_it_is_done_a_little_at_a_time(
    mode: str, world: World, life: Life, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (erasing, erasing_posts):
        monkeypatch.setattr(module, "AT_ONCE", 2)
    await erase(world, life.ada, mode)
    left = {place.rpartition(" ")[2] for place in await rows_with(world, [str(life.ada.id)])}
    assert left <= {"public.erasures", "eventlog.events"}
    assert await rebuild(world) == {}


async def test_it_goes_on_after_a_crash(world: World, life: Life) -> None:
    """The process dies in the middle, while somebody keeps it from a post."""
    await leave_for_good(world, life.ada)
    resources, settings = world.server.resources, world.server.settings
    another = Server(SERVICE, settings)
    await another.start()
    try:
        async with resources.database.transaction() as tx:
            held = {"id": id_of(life.question.name)}
            await tx.execute(sa.text("SELECT 1 FROM posts WHERE id = :id FOR UPDATE"), held)
            erasure = await ask_to_erase(world, life.ada.name, "ANONYMISE")
            await another.stop()
        await finished(world, erasure.name)
    finally:
        await another.stop()
    assert await rebuild(world) == {}
    assert {place.rpartition(" ")[2] for place in await rows_with(world, [str(life.ada.id)])} <= {
        "public.erasures",
        "eventlog.events",
    }


async def test_the_log_tells_how_much_and_not_whose(world: World, life: Life) -> None:
    erased = await erase(world, life.ada, "REMOVE")
    query = "SELECT payload FROM eventlog.events WHERE aggregate = :name"
    async with world.server.resources.database.snapshot() as tx:
        (payload,) = (await tx.execute(sa.text(query), {"name": erased.name})).scalars()
    told = events_pb2.PersonErased.FromString(payload)
    assert (told.post_count, told.follow_count) == (erased.counts["posts"], erased.counts["follows"])
    numbers = [told.post_count, told.authorship_count, told.mention_count, told.mark_count, told.follow_count]
    assert sum(numbers) + told.other_count == sum(erased.counts.values())
    assert str(life.ada.id).encode() not in payload


async def test_who_still_comes_in_is_not_erased(meet: Meet, world: World) -> None:
    (ada,) = await meet("ada")
    assert (await refused(ask_to_erase(world, ada.name, "REMOVE"))).reason == "STILL_ACTIVE"


async def test_people_erase_nobody(meet: Meet) -> None:
    (ada,) = await meet("ada", roles=["administrator"])
    stub = own_data_pb2_grpc.OwnDataServiceStub(ada.channel)
    request = own_data_pb2.EraseOwnDataRequest(name=ada.name, mode=own_data_pb2.ERASURE_MODE_REMOVE)
    assert (await refused(stub.EraseOwnData(request))).code == "PERMISSION_DENIED"
