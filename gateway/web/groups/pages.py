"""Finding and founding groups, the page of each, and its members."""

from typing import Any
from uuid import uuid4

import grpc
from google.api import httpbody_pb2
from plein.groups.v1 import groups_pb2
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from gateway.web.answers import SEE_OTHER, member, newer_page, next_page, page, people_of, picture
from gateway.web.groups.around import WRONG, group_of, group_page, name_of, posted
from gateway.web.groups.words import KEEPER, LISTS, MEMBER, OPEN


async def groups(request: Request) -> Response:
    """The reader's groups and invitations, or others to find."""
    query, token = request.query_params.get("q", "").strip(), request.query_params.get("page", "")
    chosen = request.query_params.get("list", "mine")
    chosen = chosen if chosen in LISTS else "mine"
    found = request.app.state.groups
    listed = await (found.search(query, token) if query else getattr(found, chosen)(token))
    reasons = {one.found.group.name: one for one in getattr(listed, "suggestions", ())}
    shown = [one.found for one in reasons.values()] or list(getattr(listed, "groups", ()))
    values: dict[str, Any] = {"query": query, "chosen": "" if query else chosen, "found": shown, "reasons": reasons}
    first = chosen == "mine" and not query and not token
    invitations, inviting = await _invitations(request) if first else ([], {})
    inviters = [invitation.inviter for invitation in invitations]
    fellows = [person for reason in reasons.values() for person in reason.fellows]
    values |= {"invitations": invitations, "inviting": inviting, "next_page": next_page(request, listed)}
    people = await request.app.state.profile.profiles_of([*inviters, *fellows])
    return await page(request, "groups.html", people=people, **values)


async def _invitations(request: Request) -> tuple[list[Any], dict[str, groups_pb2.Group]]:
    """Invitations of the reader's to groups that are still there, and these by their names."""
    listed = await request.app.state.entrance.own_invitations()
    inviting = await request.app.state.groups.several(_group_in(one.name) for one in listed.invitations)
    return [one for one in listed.invitations if _group_in(one.name) in inviting], inviting


def _group_in(name: str) -> str:
    return "/".join(name.split("/")[:2])


async def found(request: Request) -> Response:
    """The form with which a group is founded, and what it does."""
    if request.method == "GET":
        values: dict[str, Any] = {"title": "", "visibility": OPEN, "description": "", "request_id": str(uuid4())}
        return await page(request, "group_found.html", error="", **values)
    field = await posted(request)
    visibility = int(field("visibility")) if field("visibility").isdecimal() else 0
    group = groups_pb2.Group(title=field("title"), visibility=groups_pb2.GroupVisibility.ValueType(visibility))
    try:
        made = await request.app.state.groups.found(group, field("request_id"))
        if field("description"):
            about = await request.app.state.group_pages.page(made.name)
            about.description = field("description")
            await request.app.state.group_pages.change(about)
    except grpc.aio.AioRpcError as error:
        if error.code() not in WRONG:
            raise
        values = {name: field(name) for name in ("title", "description", "request_id")} | {"visibility": visibility}
        return await page(request, "group_found.html", 400, error=error.details(), **values)
    return RedirectResponse(f"/{made.name}", SEE_OTHER)


async def group(request: Request) -> Response:
    """What a group is about, and what is written in it."""
    shown, token = await group_of(request), request.query_params.get("page", "")
    about = await request.app.state.group_pages.page(shown.name)
    values: dict[str, Any] = {"request_id": str(uuid4()), "text": "", "error": "", "about": about}
    listed = await request.app.state.groups.posts(shown.name, token)
    pinned = await request.app.state.groups.pinned(about.pinned_posts) if not token else []
    at_head = {post.name for post in pinned}
    posts = [post for post in listed.posts if post.name not in at_head]
    people = await people_of(request, [*posts, *pinned], also=[shown.viewer.invited_by])
    values |= {"next_page": next_page(request, listed), "newer_page": newer_page(request, listed)}
    pins = list(about.pinned_posts) if shown.viewer.role >= KEEPER and not shown.HasField("archive_time") else None
    values |= {"posts": posts, "pinned": pinned, "people": people, "pins": pins, "here_group": shown.name}
    return await group_page(request, "group.html", shown, **values)


async def members(request: Request) -> Response:
    """Who is in a group, and, for who may invite, whom to invite."""
    shown, query = await group_of(request), request.query_params.get("q", "").strip()
    listed = await request.app.state.members.members(shown.name, request.query_params.get("page", ""))
    profile = request.app.state.profile
    people = await profile.profiles_of(one.person for one in listed.memberships)
    invites = shown.viewer.role > MEMBER or (shown.viewer.role == MEMBER and shown.visibility == OPEN)
    candidates = (await profile.search(query, "")).profiles if query and invites else []
    values: dict[str, Any] = {"query": query, "invites": invites, "candidates": candidates, "people": people}
    values |= {"memberships": listed.memberships, "next_page": next_page(request, listed)}
    return await group_page(request, "group_members.html", shown, **values)


async def cover(request: Request) -> Response:
    """The picture at the head of a group."""
    body: httpbody_pb2.HttpBody = await request.app.state.group_pages.cover(
        name_of(request), request.path_params["size"]
    )
    return picture(body)


async def invited(request: Request) -> Response:
    """Where an invite link leads: the group, and the way in. Its secret is in the query, which no log has."""
    if request.method == "POST":
        membership = await request.app.state.entrance.use_link((await posted(request))("link"))
        return RedirectResponse(f"/{_group_in(membership.name)}", SEE_OTHER)
    secret = request.query_params.get("link", "")
    shown = await request.app.state.entrance.behind(secret)
    return await page(request, "group_link.html", group=shown, secret=secret)


ROUTES = [
    Route("/groups", member(groups)),
    Route("/found-group", member(found), methods=["GET", "POST"]),
    Route("/join", member(invited), methods=["GET", "POST"]),
    Route("/groups/{group}", member(group)),
    Route("/groups/{group}/members", member(members)),
    Route("/groups/{group}/cover/{size}", member(cover)),
]
