"""Founding groups, and finding them by name."""

from uuid import uuid4

from plein.groups.v1 import groups_pb2

from tests.feed.caller import refused
from tests.groups.caller import UNKNOWN_GROUP, Meet


async def test_who_founds_a_group_owns_it(meet: Meet) -> None:
    ada, bob = await meet("ada", "bob")
    group = await ada.found("Golf  on Fridays", "OPEN")
    assert (group.title, group.handle, group.member_count) == ("Golf on Fridays", "golf-on-fridays", 1)
    assert group.viewer.role == groups_pb2.GROUP_ROLE_OWNER
    assert group.history == groups_pb2.GROUP_HISTORY_ALL
    assert (await bob.group(group.name)).title == "Golf on Fridays"
    assert (await bob.group(group.name)).viewer == groups_pb2.GroupViewer()


async def test_a_group_is_found_by_its_handle(meet: Meet) -> None:
    ada, bob = await meet("ada", "bob")
    group = await ada.found("iPhone", handle="iphone-users")
    assert (await bob.group("groups/iphone-users")).name == group.name
    assert (await bob.group("groups/iPhone-Users")).name == group.name


async def test_founding_again_with_one_request_founds_one_group(meet: Meet) -> None:
    (ada,) = await meet("ada")
    request_id = str(uuid4())
    first, again = [await ada.found("Choir", request_id=request_id) for _ in range(2)]
    assert first == again


async def test_a_secret_group_is_as_one_that_does_not_exist(meet: Meet) -> None:
    ada, bob = await meet("ada", "bob")
    group = await ada.found("Merger", "SECRET", handle="merger")
    assert group.handle == ""
    secret, unknown = await refused(bob.group(group.name)), await refused(bob.group(UNKNOWN_GROUP))
    assert secret.without(group.name) == unknown.without(UNKNOWN_GROUP)
    assert (await refused(bob.group("groups/merger"))).reason == "GROUP_NOT_FOUND"
    assert (await bob.found("Merger", handle="merger")).handle == "merger"
    request = groups_pb2.BatchGetGroupsRequest(names=[group.name, UNKNOWN_GROUP])
    assert list((await bob.groups.BatchGetGroups(request)).groups) == []
    assert [found.title for found in (await ada.groups.BatchGetGroups(request)).groups] == ["Merger"]
