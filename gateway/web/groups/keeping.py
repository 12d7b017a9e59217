"""What keepers look after: who asks to be let in, who is invited, links, and who may not come in."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

from plein.groups.v1 import invitations_pb2
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from gateway.web.answers import member, next_page
from gateway.web.groups.around import done, group_of, group_page, posted

LONGEST_DAYS = 365


async def entrance(request: Request) -> Response:
    """Requests, invitations, links and bans; for keepers, as the service sees to."""
    group, asked = await group_of(request), request.app.state.entrance
    requests = await asked.requests(group.name, request.query_params.get("page", ""))
    invitations = (await asked.invitations(group.name)).invitations
    links = (await asked.links(group.name)).invite_links
    bans = (await request.app.state.members.bans(group.name)).bans
    named = [one.person for one in [*requests.requests, *invitations, *bans]]
    people = await request.app.state.profile.profiles_of([*named, *(link.creator for link in links)])
    return await group_page(
        request,
        "group_entrance.html",
        group,
        requests=requests.requests,
        invitations=invitations,
        links=links,
        bans=bans,
        people=people,
        public_url=request.app.state.settings.public_url.rstrip("/"),
        request_id=str(uuid4()),
        next_page=next_page(request, requests),
    )


async def decide(request: Request, group: str) -> None:
    field = await posted(request)
    await request.app.state.entrance.decide(f"{group}/requests/{field('person')}", field("accept") == "yes")


async def revoke_invitation(request: Request, group: str) -> None:
    person = (await posted(request))("person")
    await request.app.state.entrance.revoke_invitation(f"{group}/invitations/{person}")


async def create_link(request: Request, group: str) -> None:
    field = await posted(request)
    uses, days = (int(field(name)) if field(name).isdecimal() else 0 for name in ("uses", "days"))
    link = invitations_pb2.InviteLink(most_uses=min(uses, 1000))
    if days:
        link.expire_time.FromDatetime(datetime.now(UTC) + timedelta(days=min(days, LONGEST_DAYS), minutes=-1))
    await request.app.state.entrance.create_link(group, link, field("request_id"))


async def revoke_link(request: Request, group: str) -> None:
    await request.app.state.entrance.revoke_link(f"{group}/inviteLinks/{(await posted(request))('link')}")


async def lift_ban(request: Request, group: str) -> None:
    await request.app.state.members.lift_ban(f"{group}/bans/{(await posted(request))('person')}")


ROUTES = [
    Route("/groups/{group}/entrance", member(entrance)),
    *(
        Route(f"/groups/{{group}}/entrance/{path}", member(done(does, "/entrance")), methods=["POST"])
        for path, does in (
            ("decide", decide),
            ("revoke-invitation", revoke_invitation),
            ("create-link", create_link),
            ("revoke-link", revoke_link),
            ("lift-ban", lift_ban),
        )
    ),
]
