"""What people do with a group: coming in, leaving, inviting, and what keepers do with members and posts."""

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from gateway.web.answers import SEE_OTHER, member
from gateway.web.groups.around import done, name_of, posted


async def join(request: Request, group: str) -> None:
    await request.app.state.members.join(group)


async def ask(request: Request, group: str) -> None:
    await request.app.state.entrance.ask(group, (await posted(request))("note"))


async def withdraw(request: Request, group: str) -> None:
    await request.app.state.entrance.withdraw(group)


async def accept(request: Request, group: str) -> None:
    await request.app.state.entrance.answer(group, accepted=True)


async def leave(request: Request) -> Response:
    """Leads to the list, as a group that one left may not be there any more."""
    await request.app.state.members.leave(name_of(request))
    return RedirectResponse("/groups", SEE_OTHER)


async def decline(request: Request) -> Response:
    await request.app.state.entrance.answer(name_of(request), accepted=False)
    return RedirectResponse("/groups", SEE_OTHER)


async def dismiss(request: Request) -> Response:
    await request.app.state.groups.dismiss(name_of(request))
    return RedirectResponse("/groups?list=suggested", SEE_OTHER)


async def invite(request: Request, group: str) -> None:
    await request.app.state.entrance.invite(group, (await posted(request))("person"))


async def change_member(request: Request, group: str) -> None:
    """Gives a member a role, hands the group over, takes the member out or keeps them out."""
    field, person = await posted(request), f"people/{request.path_params['person']}"
    one = f"{group}/members/{request.path_params['person']}"
    members = request.app.state.members
    match field("do"):
        case "remove":
            await members.remove(one)
        case "ban":
            await members.ban(group, person)
        case "hand-over":
            await members.hand_over(group, person)
        case role if role.isdecimal():
            await members.set_role(one, int(role))


async def pin(request: Request, group: str) -> None:
    field = await posted(request)
    await request.app.state.group_pages.pin(group, field("post"), field("pin") == "yes")


ROUTES = [
    Route("/groups/{group}/join", member(done(join)), methods=["POST"]),
    Route("/groups/{group}/ask", member(done(ask)), methods=["POST"]),
    Route("/groups/{group}/withdraw", member(done(withdraw)), methods=["POST"]),
    Route("/groups/{group}/accept", member(done(accept)), methods=["POST"]),
    Route("/groups/{group}/decline", member(decline), methods=["POST"]),
    Route("/groups/{group}/leave", member(leave), methods=["POST"]),
    Route("/groups/{group}/dismiss", member(dismiss), methods=["POST"]),
    Route("/groups/{group}/invite", member(done(invite, "/members")), methods=["POST"]),
    Route("/groups/{group}/members/{person}", member(done(change_member, "/members")), methods=["POST"]),
    Route("/groups/{group}/pin", member(done(pin)), methods=["POST"]),
]
