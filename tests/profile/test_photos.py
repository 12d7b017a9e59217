"""HR's photos come in, small and clean, and are seen by whoever may see the person."""

import asyncio
from collections.abc import AsyncIterator
from io import BytesIO

import grpc
import pytest
from PIL import Image, ImageStat
from plein.identity.v1 import identity_pb2
from plein.profile.v1.profile_pb2 import (
    GetPhotoRequest,
    ImportPhotosRequest,
    ImportPhotosResponse,
    SearchProfilesRequest,
)

from chassis.testing import Person
from tests.profile.hr import Company, code, profile_name


def photo(colour: str, kind: str = "JPEG") -> bytes:
    file = BytesIO()
    Image.new("RGB", (300, 400), colour).save(file, kind)
    return file.getvalue()


@pytest.fixture(scope="module")
async def ada(company: Company) -> Person:
    return await company.hire("Ada", "de Vries", segments=("network",))


async def imported(
    company: Company, *photos: tuple[Person, bytes], caller: Person | str = "operator"
) -> dict[str, ImportPhotosResponse]:
    """The answers by person."""
    requests = [ImportPhotosRequest(person=person.name, image=image) for person, image in photos]
    return {answer.person: answer async for answer in company.calls(caller).ImportPhotos(iter(requests))}


async def seen(company: Company, viewer: Person, name: str) -> Image.Image:
    answer = await company.calls(viewer).GetPhoto(GetPhotoRequest(name=name))
    assert answer.content_type == "image/webp"
    return Image.open(BytesIO(answer.data))


async def unseen(company: Company, viewer: Person, name: str) -> None:
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await company.calls(viewer).GetPhoto(GetPhotoRequest(name=name))
    assert code(caught) is grpc.StatusCode.NOT_FOUND


async def test_a_photo_is_seen_in_two_sizes(company: Company, ada: Person) -> None:
    person = await company.hire("Bea", "Bos")
    before = await company.profile(ada, person)
    assert (before.small_photo, before.large_photo) == ("", "")
    answers = await imported(company, (person, photo("red")))
    assert answers == {person.name: ImportPhotosResponse(person=person.name, changed=True)}
    after = await company.profile(ada, person)
    assert (await seen(company, ada, after.small_photo)).size == (96, 96)
    assert (await seen(company, ada, after.large_photo)).size == (300, 300)  # no larger than it came
    assert after.etag != before.etag
    assert await company.told(person, "PhotoChanged") == ["ProfileCreated", "PhotoChanged"]


async def test_the_same_photo_again_changes_nothing_and_another_one_all(company: Company, ada: Person) -> None:
    person = await company.hire("Cor", "Cats")
    await imported(company, (person, photo("red")))
    first = await company.profile(ada, person)
    assert not (await imported(company, (person, photo("red"))))[person.name].changed
    assert await company.profile(ada, person) == first
    assert (await imported(company, (person, photo("blue"))))[person.name].changed
    assert (await company.profile(ada, person)).small_photo != first.small_photo
    await unseen(company, ada, first.small_photo)


async def test_a_photo_may_come_before_its_person(company: Company, ada: Person) -> None:
    early = await company.world.person("early")
    assert (await imported(company, (early, photo("green"))))[early.name].changed
    company.office.record(early, "Early", "Bird")
    await company.tell(early)
    small = (await company.profile(ada, early)).small_photo
    assert (await seen(company, ada, small)).size == (96, 96)


async def test_found_people_have_their_photos(company: Company, ada: Person) -> None:
    person = await company.hire("Quinty", "Quist")
    await imported(company, (person, photo("red")))
    answer = await company.calls(ada).SearchProfiles(SearchProfilesRequest(query="quinty"))
    assert answer.profiles[0].small_photo == (await company.profile(ada, person)).small_photo


async def test_a_bad_photo_has_a_reason_and_the_others_go_in(company: Company) -> None:
    people = [await company.hire("Many", f"Photos{number}") for number in range(12)]
    images = [photo(f"#{number:02x}8080") for number in range(12)]
    images[3], images[7], images[9] = b"", images[7][:500], images[9] + bytes(5 * 1024 * 1024)
    answers = await imported(company, *zip(people, images, strict=True))
    assert len(answers) == 12
    bad = {people[3].name, people[7].name, people[9].name}
    assert {name for name, answer in answers.items() if answer.reason} == bad
    assert {name for name, answer in answers.items() if not answer.changed} == bad


async def test_photos_that_come_at_once_are_each_taken_in(company: Company, ada: Person) -> None:
    people = [await company.hire("Long", f"Queue{number}") for number in range(40)]
    early = await company.world.person("soon")
    greys = {person.name: number * 6 for number, person in enumerate(people)}
    sent = [(person, photo("#" + f"{greys[person.name]:02x}" * 3)) for person in people]
    answers = await imported(company, *sent[:20], (early, photo("navy")), *sent[20:])
    assert [answer.changed for answer in answers.values()] == [True] * 41
    for person in people:
        small = await seen(company, ada, (await company.profile(ada, person)).small_photo)
        assert abs(ImageStat.Stat(small.convert("L")).mean[0] - greys[person.name]) < 3
        assert await company.told(person, "PhotoChanged") == ["ProfileCreated", "PhotoChanged"]
    assert not any(answer.changed for answer in (await imported(company, *sent)).values())


async def test_of_two_photos_of_one_person_at_once_one_remains(company: Company, ada: Person) -> None:
    person, other = await company.hire("Twice", "Taken"), await company.hire("Once", "Taken")
    both = [(person, photo("red")), (other, photo("green")), (person, photo("blue"))]
    assert all(answer.changed for answer in (await imported(company, *both)).values())
    profile = await company.profile(ada, person)
    assert (await seen(company, ada, profile.small_photo)).size == (96, 96)
    assert (await seen(company, ada, profile.large_photo)).size == (300, 300)


async def test_a_photo_of_nobody_has_a_reason(company: Company) -> None:
    requests = [ImportPhotosRequest(person="people/nobody", image=photo("red"))]
    [answer] = [answer async for answer in company.calls("operator").ImportPhotos(iter(requests))]
    assert answer == ImportPhotosResponse(person="people/nobody", reason="people/nobody is no person.")


async def test_each_answer_comes_before_the_next_photo_is_sent(company: Company) -> None:
    person = await company.hire("Slow", "Sender")
    answered = asyncio.Event()

    async def requests() -> AsyncIterator[ImportPhotosRequest]:
        for colour in ("red", "green", "blue"):
            answered.clear()
            yield ImportPhotosRequest(person=person.name, image=photo(colour))
            async with asyncio.timeout(10):
                await answered.wait()

    count = 0
    async for answer in company.calls("operator").ImportPhotos(requests()):
        assert answer.changed
        count += 1
        answered.set()
    assert count == 3


async def test_only_administrators_bring_in_photos(company: Company, ada: Person) -> None:
    administrator = await company.hire("Ad", "Ministrator", roles=("administrator",))
    assert (await imported(company, (ada, photo("red")), caller=administrator))[ada.name].changed
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await imported(company, (ada, photo("blue")), caller=ada)
    assert code(caught) is grpc.StatusCode.PERMISSION_DENIED


async def test_a_photo_behind_a_barrier_is_as_no_photo(company: Company, ada: Person) -> None:
    apart = await company.hire("Dirk", "Dam", segments=("retail",))
    await imported(company, (apart, photo("red")))
    small = (await company.profile(ada, apart)).small_photo
    await company.world.bar(("network", "retail"))
    await unseen(company, ada, small)
    assert (await seen(company, apart, small)).size == (96, 96)
    await company.world.bar()
    assert (await seen(company, ada, small)).size == (96, 96)


async def test_a_photo_is_nobody_elses(company: Company, ada: Person) -> None:
    one, other = await company.hire("Ed", "Een"), await company.hire("Ed", "Ander")
    await imported(company, (one, photo("navy")))
    small = (await company.profile(ada, one)).small_photo
    await unseen(company, ada, small.replace(profile_name(one), profile_name(other)))
    await unseen(company, ada, f"{profile_name(one)}/photos/nothing")
    await unseen(company, ada, "profiles/nobody/photos/nothing")


async def test_a_leaver_has_no_photo_any_more(company: Company, ada: Person) -> None:
    leaver = await company.hire("Leo", "Laan")
    await imported(company, (leaver, photo("teal")))
    small = (await company.profile(ada, leaver)).small_photo
    assert (await seen(company, ada, small)).size == (96, 96)
    assert company.office.people[leaver.name].status == identity_pb2.PERSON_STATUS_ACTIVE
    await company.depart(leaver)
    await unseen(company, ada, small)
