"""Whatever somebody asks, the answer is what the rules say, worked out here once more in plain words."""

import random
from collections.abc import Awaitable
from dataclasses import dataclass, field
from typing import Any

import pytest
from plein.blog.v1 import articles_pb2, blog_pb2
from plein.moderation.v1 import events_pb2 as moderation_pb2

from chassis.testing import World
from tests.blog.caller import Caller, Meet, leave, new_group, refused, walked

KINDS = ["EMPLOYEE", "EXTERNAL", "FREELANCER"]


@dataclass
class Somebody:
    """A person of the model."""

    caller: Caller
    kind: str
    segment: str
    groups: set[str] = field(default_factory=set)

    def meets(self, other: "Somebody") -> bool:
        """Network and retail are kept apart."""
        return {self.segment, other.segment} != {"network", "retail"}


@dataclass
class Root:
    """A blog or an article of the model."""

    name: str
    owner: Somebody
    kinds: list[str]
    group: str
    organisation: bool = False
    blog: "Root | None" = None
    slug: str = ""
    state: str = ""

    def is_seen_by(self, reader: Somebody) -> bool:
        """Deny wins: what is above it, moderation, the group, the barrier, the kind."""
        if (self.blog is not None and not self.blog.is_seen_by(reader)) or self.state == "removed":
            return False
        if self.group and self.group not in reader.groups:
            return False
        if not self.organisation and not reader.meets(self.owner):
            return False
        meant = not self.kinds or reader.kind in self.kinds
        return reader is self.owner or (meant and self.state != "hidden")


async def people(meet: Meet) -> list[Somebody]:
    found = []
    for number, segment in enumerate(["", "network", "retail", "", "network", "retail"]):
        kind = KINDS[number % 3]
        access = {"kind": kind, "segments": [segment] if segment else [], "roles": ["editor"] if number < 2 else []}
        [caller] = await meet(f"p{number}", **access)
        found.append(Somebody(caller, kind, segment))
    return found


async def written(chance: random.Random, everybody: list[Somebody], tag: str) -> list[Root]:
    """Blogs with an article or two each."""
    roots: list[Root] = []
    for owner in everybody * 2:
        group = chance.choice([*sorted(owner.groups), "", ""])
        kinds = chance.choice([[], [], chance.sample(KINDS, 2)])
        kind = "ORGANISATION" if "p0" in owner.caller.person.handle and not roots else "TEAM"
        made = await owner.caller.begin_blog(kind=kind, kinds=kinds, group=group)
        blog = Root(made.name, owner, kinds, group, organisation=kind == "ORGANISATION")
        roots.append(blog)
        for _ in range(2):
            fewer = chance.choice([kinds, kinds[:1] or chance.sample(KINDS, 2)])
            article = await owner.caller.write(blog.name, text=f"Words #{tag}", kinds=fewer, group=group)
            roots.append(Root(article.name, owner, fewer, group, blog=blog, slug=article.slug))
    return roots


def asked_for(api: Caller, root: Root) -> list[Awaitable[Any]]:
    """Every way to get one root."""
    if root.blog is None:
        return [api.read_blog(root.name)]
    return [api.read(root.name), api.articles.LookUpArticle(articles_pb2.LookUpArticleRequest(slug=root.slug))]


async def compare(everybody: list[Somebody], roots: list[Root], tag: str) -> None:
    """Asks for everything by every method, as everybody."""
    articles = [root for root in roots if root.blog]
    for reader in everybody:
        api, seen = reader.caller, {root.name for root in roots if root.is_seen_by(reader)}
        assert set(await api.listed(tag=f"tags/{tag}")) == {root.name for root in articles} & seen
        batch = articles_pb2.BatchGetArticlesRequest(names=[root.name for root in articles])
        assert {one.name for one in (await api.articles.BatchGetArticles(batch)).articles} == seen & set(batch.names)
        listed = {blog.name for blog in await walked(api.blogs.ListBlogs, blog_pb2.ListBlogsRequest())}
        assert listed & {root.name for root in roots} == {root.name for root in roots if not root.blog} & seen
        for root in random.Random(7).sample(roots, 8):
            for call in asked_for(api, root):
                if root.name in seen:
                    assert (await call).name == root.name
                else:
                    assert (await refused(call)).code == "NOT_FOUND"


@pytest.mark.parametrize("seed", [1, 2])
async def test_every_method_says_what_the_rules_say(world: World, meet: Meet, seed: int) -> None:
    chance = random.Random(seed)
    everybody = await people(meet)
    groups = [await new_group(world, *(one.caller for one in everybody[first::2])) for first in (0, 1)]
    for number, one in enumerate(everybody):
        one.groups.add(groups[number % 2])
    roots = await written(chance, everybody, f"world{seed}")
    await world.bar(("network", "retail"))
    await compare(everybody, roots, f"world{seed}")
    leaver = chance.choice(everybody)
    for group in list(leaver.groups):
        await leave(world, group, leaver.caller)
    leaver.groups.clear()
    for root in chance.sample(roots, 8):
        root.state = chance.choice(["hidden", "removed"])
        event = moderation_pb2.SubjectHidden if root.state == "hidden" else moderation_pb2.SubjectRemoved
        await world.tell(root.name, event(subject=root.name), source="moderation")
    await compare(everybody, roots, f"world{seed}")
    await world.bar()
