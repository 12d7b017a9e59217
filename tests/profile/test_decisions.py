"""What moderators hide of a profile is for its person alone, and what they remove for nobody; HR's part stays."""

from typing import Any

import grpc
import pytest
from google.protobuf.field_mask_pb2 import FieldMask
from plein.chassis.v1 import subjects_pb2, subjects_pb2_grpc
from plein.moderation.v1 import events_pb2 as moderation_pb2
from plein.profile.v1 import profile_pb2

from chassis.testing import Person
from tests.profile.hr import Company, code, profile_name
from tests.profile.test_photos import imported, photo, seen, unseen

HIDDEN, REMOVED, RESTORED = "SubjectHidden", "SubjectRemoved", "SubjectRestored"
TOLD = ("Fixes what breaks", "Ask me about cables.")


@pytest.fixture(scope="module")
async def ada(company: Company) -> Person:
    return await company.hire("Ada", "de Vries")


@pytest.fixture
async def bea(company: Company, ada: Person) -> Person:
    """Somebody who told something and has a photo."""
    person = await company.hire("Bea", "Bos", department="Netwerk", handle=f"bea{len(company.world.people)}")
    await tell(company, person, *TOLD)
    await imported(company, (person, photo("red")))
    return person


async def tell(company: Company, person: Person, headline: str, about: str, *paths: str) -> profile_pb2.Profile:
    profile = profile_pb2.Profile(name=profile_name(person), headline=headline, about=about)
    request = profile_pb2.UpdateProfileRequest(profile=profile, update_mask=FieldMask(paths=paths))
    return await company.calls(person).UpdateProfile(request)


async def decide(company: Company, decision: str, subject: str) -> None:
    event = getattr(moderation_pb2, decision)(subject=subject)
    await company.world.tell("cases/any", event, source="moderation")


async def told(company: Company, viewer: Person, person: Person) -> set[tuple[str, str]]:
    """What the person tells, as it is shown in each of the ways to come upon it."""
    calls, name = company.calls(viewer), profile_name(person)
    request = profile_pb2.SearchProfilesRequest
    ways = [
        [await company.profile(viewer, person)],
        (await calls.BatchGetProfiles(profile_pb2.BatchGetProfilesRequest(names=[name]))).profiles,
        (await calls.SearchProfiles(request(query=person.handle))).profiles,
        (await calls.SearchProfiles(request(department="Netwerk", page_size=100))).profiles,
    ]
    shown = [profile for found in ways for profile in found if profile.name == name]
    assert len(shown) == len(ways), "the person is found as before"
    assert {profile.display_name for profile in shown} == {"Bea Bos"}
    return {(profile.headline, profile.about) for profile in shown}


@pytest.mark.parametrize(("decision", "of_bea"), [(HIDDEN, TOLD), (REMOVED, ("", ""))])
async def test_what_somebody_tells_goes_and_comes_back(
    company: Company, ada: Person, bea: Person, decision: str, of_bea: tuple[str, str]
) -> None:
    before = await company.profile(ada, bea)
    assert await told(company, ada, bea) == await told(company, bea, bea) == {TOLD}
    await decide(company, decision, bea.name)
    assert await told(company, ada, bea) == {("", "")}
    assert await told(company, bea, bea) == {of_bea}
    after = await company.profile(ada, bea)
    assert (after.small_photo, after.department) == (before.small_photo, "Netwerk")
    assert after.etag != before.etag
    await decide(company, RESTORED, bea.name)
    assert await told(company, ada, bea) == await told(company, bea, bea) == {TOLD}


async def test_what_was_hidden_stays_so_when_it_is_changed(company: Company, ada: Person, bea: Person) -> None:
    await decide(company, HIDDEN, bea.name)
    assert (await tell(company, bea, "Better", "")).headline == "Better"
    assert await told(company, ada, bea) == {("", "")}
    await decide(company, RESTORED, bea.name)
    assert await told(company, ada, bea) == {("Better", TOLD[1])}


async def test_what_is_told_in_the_place_of_what_was_removed_is_seen(
    company: Company, ada: Person, bea: Person
) -> None:
    await decide(company, REMOVED, bea.name)
    unchanged = await tell(company, bea, "", "", "headline")
    assert (unchanged.headline, unchanged.about) == ("", "")
    await tell(company, bea, "Another one", "", "headline")
    assert await told(company, ada, bea) == {("Another one", "")}
    await decide(company, RESTORED, bea.name)
    assert await told(company, ada, bea) == {("Another one", "")}


@pytest.mark.parametrize(("decision", "by_bea"), [(HIDDEN, True), (REMOVED, False)])
async def test_a_photo_goes_and_comes_back(
    company: Company, ada: Person, bea: Person, decision: str, by_bea: bool
) -> None:
    before = await company.profile(ada, bea)
    await decide(company, decision, f"{bea.name}/photo")
    for viewer, shown in ((ada, False), (bea, by_bea)):
        profile = await company.profile(viewer, bea)
        assert (profile.small_photo, profile.large_photo) == (
            (before.small_photo, before.large_photo) if shown else ("", "")
        )
        assert profile.headline == TOLD[0]
        for name in (before.small_photo, before.large_photo):
            await (seen if shown else unseen)(company, viewer, name)
    await decide(company, RESTORED, f"{bea.name}/photo")
    assert (await company.profile(ada, bea)).small_photo == before.small_photo
    await seen(company, ada, before.small_photo)


async def test_the_same_photo_again_stays_hidden_and_another_one_is_seen(
    company: Company, ada: Person, bea: Person
) -> None:
    await decide(company, REMOVED, f"{bea.name}/photo")
    await imported(company, (bea, photo("red")))
    assert (await company.profile(ada, bea)).small_photo == ""
    await imported(company, (bea, photo("blue")))
    await seen(company, ada, (await company.profile(ada, bea)).small_photo)


async def test_who_is_muted_tells_nothing_else(company: Company, bea: Person) -> None:
    muted = moderation_pb2.PersonMuted(person=bea.name)
    muted.until.FromJsonString("2100-01-01T00:00:00Z")
    await company.world.tell(bea.name, muted, source="moderation")
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await tell(company, bea, "Nothing", "")
    assert code(caught) is grpc.StatusCode.FAILED_PRECONDITION
    assert (await company.profile(bea, bea)).headline == TOLD[0]


async def test_moderation_is_shown_both_as_they_stand(company: Company, ada: Person, bea: Person) -> None:
    profile = await company.profile(ada, bea)
    texts, picture = await subject(company, bea.name), await subject(company, f"{bea.name}/photo")
    assert (texts.author, texts.title, texts.text) == (bea.name, "Bea Bos", "\n".join(TOLD))
    assert (picture.author, picture.root, *picture.images) == (bea.name, bea.name, profile.large_photo)
    for decision, shown_to in ((HIDDEN, {bea.name}), (REMOVED, set())):
        for before in (texts, picture):
            await decide(company, decision, before.name)
            after = await subject(company, before.name)
            assert (after.hidden, after.removed) == (decision == HIDDEN, decision == REMOVED)
            assert (after.text, after.images, after.revision) == (before.text, before.images, before.revision)
            assert {who.name for who in (ada, bea) if await is_shown(company, before.name, who)} == shown_to
    content = await company.calls("moderation").GetPhoto(profile_pb2.GetPhotoRequest(name=picture.images[0]))
    assert content.content_type == "image/webp"
    await tell(company, bea, "Another one", "")
    assert (await subject(company, bea.name)).revision != texts.revision
    await imported(company, (bea, photo("blue")))
    assert (await subject(company, f"{bea.name}/photo")).revision != picture.revision


async def test_what_is_no_name_of_a_profile_is_unknown(company: Company, ada: Person, bea: Person) -> None:
    person = await company.hire("Nop", "Hoto")
    for name in (f"{person.name}/photo", f"{bea.name}/phone", "people/ada", profile_name(bea), "people/"):
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await subject(company, name)
        assert code(caught) is grpc.StatusCode.NOT_FOUND
    await company.depart(bea)
    assert not await is_shown(company, bea.name, ada)
    assert (await subject(company, bea.name)).author == bea.name


async def subject(company: Company, name: str, viewer: str = "") -> subjects_pb2.Subject:
    api: Any = subjects_pb2_grpc.SubjectServiceStub(company.channel("moderation"))
    found: subjects_pb2.Subject = await api.GetSubject(subjects_pb2.GetSubjectRequest(name=name, viewer=viewer))
    return found


async def is_shown(company: Company, name: str, viewer: Person) -> bool:
    try:
        return (await subject(company, name, viewer.name)).name == name
    except grpc.aio.AioRpcError as error:
        if error.code() is not grpc.StatusCode.NOT_FOUND:
            raise
        return False
