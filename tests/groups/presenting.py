"""People as they say what their group is about, in the words that the tests use."""

from google.protobuf.field_mask_pb2 import FieldMask
from plein.groups.v1 import pages_pb2, pages_pb2_grpc

from tests.groups.caller import Caller

Page = pages_pb2.GroupPage


class Presenter:
    """Somebody who reads and writes pages of groups, by the names of the groups."""

    def __init__(self, caller: Caller) -> None:
        self.api = pages_pb2_grpc.GroupPageServiceStub(caller.channel)

    async def page(self, group: str) -> Page:
        return await self.api.GetGroupPage(pages_pb2.GetGroupPageRequest(name=f"{group}/page"))

    async def write(
        self,
        group: str,
        *paths: str,
        description: str = "",
        rules: str = "",
        tags: tuple[str, ...] = (),
        etag: str = "",
    ) -> Page:
        page = Page(name=f"{group}/page", description=description, rules=rules, tags=tags, etag=etag)
        request = pages_pb2.UpdateGroupPageRequest(group_page=page, update_mask=FieldMask(paths=paths))
        return await self.api.UpdateGroupPage(request)

    async def put_up(self, group: str, picture: bytes) -> Page:
        request = pages_pb2.SetGroupCoverRequest(name=f"{group}/page")
        request.file.data = picture
        return await self.api.SetGroupCover(request)

    async def take_down(self, group: str) -> Page:
        return await self.api.RemoveGroupCover(pages_pb2.RemoveGroupCoverRequest(name=f"{group}/page"))

    async def cover(self, group: str, size: str = "large") -> bytes:
        name = f"{group}/page/cover/sizes/{size}"
        answer = await self.api.GetGroupCoverContent(pages_pb2.GetGroupCoverContentRequest(name=name))
        return bytes(answer.data)

    async def pin(self, group: str, post: str) -> list[str]:
        return list((await self.api.PinPost(pages_pb2.PinPostRequest(name=f"{group}/page", post=post))).pinned_posts)

    async def unpin(self, group: str, post: str) -> list[str]:
        request = pages_pb2.UnpinPostRequest(name=f"{group}/page", post=post)
        return list((await self.api.UnpinPost(request)).pinned_posts)
