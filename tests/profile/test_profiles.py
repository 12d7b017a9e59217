"""Who sees whose profile, and what of it; people change their own."""

import asyncio
from typing import Any
from uuid import uuid4

import grpc
import pytest
from google.protobuf.field_mask_pb2 import FieldMask
from plein.chassis.v1.audience_pb2 import WORKER_KIND_EMPLOYEE
from plein.profile.v1.profile_pb2 import BatchGetProfilesRequest, GetProfileRequest, Profile, UpdateProfileRequest

from chassis.status import reason
from chassis.testing import Person
from tests.profile.hr import Company, code, profile_name


@pytest.fixture(scope="module")
async def ada(company: Company) -> Person:
    return await company.hire("Ada", "de Vries", segments=("network",))


@pytest.fixture(scope="module")
async def bram(company: Company) -> Person:
    return await company.hire("Bram", "Bakker", segments=("retail",))


@pytest.fixture(scope="module")
async def cleo(company: Company, bram: Person) -> Person:
    """Of whom HR knows everything; her manager is on the other side of the barrier."""
    return await company.hire(
        "Cleo", "Koç", employer="Koç Advies", department="Netten", title="Monteur", manager=bram.name,
        location="Zwolle", phone="+31 38 000 00 00", email="cleo@telwiek.example",
    )  # fmt: skip


@pytest.fixture(scope="module", autouse=True)
async def barrier(company: Company) -> None:
    await company.world.bar(("network", "retail"))


async def test_a_profile_shows_what_hr_knows(company: Company, bram: Person, cleo: Person) -> None:
    profile = await company.profile(bram, cleo)
    assert profile.create_time.ToDatetime() <= profile.update_time.ToDatetime()
    assert profile.etag
    for field in ("create_time", "update_time", "etag"):
        profile.ClearField(field)
    assert profile == Profile(
        name=profile_name(cleo), person=cleo.name, handle="cleo.koç", display_name="Cleo Koç",
        kind=WORKER_KIND_EMPLOYEE, employer="Koç Advies", department="Netten", title="Monteur", manager=bram.name,
        location="Zwolle", phone="+31 38 000 00 00", email="cleo@telwiek.example",
    )  # fmt: skip


async def test_a_manager_behind_a_barrier_is_left_out(company: Company, ada: Person, cleo: Person) -> None:
    profile = await company.profile(ada, cleo)
    assert (profile.title, profile.manager) == ("Monteur", "")


async def test_me_is_the_caller(company: Company, ada: Person) -> None:
    mine = await company.calls(ada).GetProfile(GetProfileRequest(name="profiles/me"))
    assert mine.person == ada.name


async def test_behind_a_barrier_is_as_nobody(company: Company, ada: Person, bram: Person) -> None:
    answers = []
    for name in (profile_name(bram), f"profiles/{uuid4()}", "profiles/nobody"):
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await company.calls(ada).GetProfile(GetProfileRequest(name=name))
        assert code(caught) is grpc.StatusCode.NOT_FOUND
        answers.append((reason(caught.value), (caught.value.details() or "").replace(name, "")))
    assert len(set(answers)) == 1


async def test_a_leaver_shows_a_name_and_nothing_else(company: Company, cleo: Person) -> None:
    leaver = await company.hire("Leo", "Laan", title="Monteur", phone="1", email="leo@telwiek.example")
    await company.depart(leaver)
    shown = Profile(name=profile_name(leaver), person=leaver.name, display_name="Leo Laan", former=True)
    assert await company.profile(cleo, leaver) == shown


async def test_a_batch_keeps_its_order_and_leaves_out_the_unseen(
    company: Company, ada: Person, bram: Person, cleo: Person
) -> None:
    names = [profile_name(cleo), profile_name(bram), "profiles/nobody", f"profiles/{uuid4()}", "profiles/me"]
    answer = await company.calls(ada).BatchGetProfiles(BatchGetProfilesRequest(names=names))
    assert [profile.person for profile in answer.profiles] == [cleo.name, ada.name]


async def test_too_many_at_once_are_refused(company: Company, ada: Person) -> None:
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await company.calls(ada).BatchGetProfiles(BatchGetProfilesRequest(names=["profiles/me"] * 201))
    assert code(caught) is grpc.StatusCode.INVALID_ARGUMENT


async def update(company: Company, caller: Person, whose: Person, *paths: str, **fields: Any) -> Profile:
    profile = Profile(name=profile_name(whose), **fields)
    request = UpdateProfileRequest(profile=profile, update_mask=FieldMask(paths=paths))
    return await company.calls(caller).UpdateProfile(request)


async def test_people_tell_about_themselves(company: Company, cleo: Person, bram: Person) -> None:
    told = await update(company, cleo, cleo, headline="Glasvezel", about="Al tien jaar\r\nin de grond.")
    assert (told.headline, told.about) == ("Glasvezel", "Al tien jaar\nin de grond.")
    emptied = await update(company, cleo, cleo, "about", headline="is not in the mask")
    assert (emptied.headline, emptied.about) == ("Glasvezel", "")
    assert await company.profile(bram, cleo) == emptied
    assert emptied.etag != told.etag
    assert emptied.update_time.ToNanoseconds() > told.update_time.ToNanoseconds()


async def test_telling_is_told(company: Company) -> None:
    person = await company.hire("Tess", "Tol")
    await update(company, person, person, headline="Nieuw")
    await update(company, person, person, headline="Nieuw")
    await company.change(person, title="Monteur")
    await company.change(person, phone="1")
    kinds = await company.told(person, "ProfileChanged")
    assert kinds[:2] == ["ProfileCreated", "ProfileChanged"]


async def test_another_field_is_refused(company: Company, ada: Person) -> None:
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await update(company, ada, ada, "headline", "title", title="Directeur")
    assert code(caught) is grpc.StatusCode.INVALID_ARGUMENT
    assert reason(caught.value) == "FIELD_NOT_YOURS"


@pytest.mark.parametrize("fields", [{"headline": "x" * 121}, {"about": "x" * 4001}, {"headline": "\0"}])
async def test_a_text_that_does_not_fit_is_refused(company: Company, ada: Person, fields: dict[str, str]) -> None:
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await update(company, ada, ada, **fields)
    assert code(caught) is grpc.StatusCode.INVALID_ARGUMENT


async def test_nobody_changes_the_profile_of_another(company: Company, ada: Person, cleo: Person) -> None:
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await update(company, ada, cleo, headline="Mine")
    assert code(caught) is grpc.StatusCode.PERMISSION_DENIED


async def test_changing_somebody_behind_a_barrier_is_as_changing_nobody(
    company: Company, ada: Person, bram: Person
) -> None:
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await update(company, ada, bram, headline="Mine")
    assert code(caught) is grpc.StatusCode.NOT_FOUND


async def test_of_two_changes_at_once_one_wins(company: Company, ada: Person) -> None:
    for attempt in range(5):
        etag = (await company.profile(ada, ada)).etag
        both = [update(company, ada, ada, headline=f"{attempt} {who}", etag=etag) for who in ("one", "other")]
        won, lost = sorted(await asyncio.gather(*both, return_exceptions=True), key=lambda x: isinstance(x, Exception))
        assert isinstance(won, Profile)
        assert isinstance(lost, grpc.aio.AioRpcError)
        assert lost.code() is grpc.StatusCode.ABORTED
        assert (await company.profile(ada, ada)).headline == won.headline


async def test_without_a_token_nobody_is_seen(company: Company, ada: Person) -> None:
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await company.calls(None).GetProfile(GetProfileRequest(name=profile_name(ada)))
    assert code(caught) is grpc.StatusCode.UNAUTHENTICATED
