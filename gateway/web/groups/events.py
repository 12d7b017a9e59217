"""What a group does together: planned, answered, changed, called off; and the reader's calendar of all groups."""

from datetime import UTC, datetime
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

import grpc
from google.protobuf.timestamp_pb2 import Timestamp
from plein.groups.v1 import gatherings_pb2
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from gateway.web.answers import SEE_OTHER, member, next_page, page
from gateway.web.groups.around import WRONG, group_of, group_page, name_of, posted
from gateway.web.groups.words import KEEPER

WRITTEN = ("title", "description", "place", "link", "start_time", "end_time", "limit")
FORM_TIME = "%Y-%m-%dT%H:%M"


async def events(request: Request) -> Response:
    group, past = await group_of(request), request.query_params.get("past") == "yes"
    listed = await request.app.state.gatherings.events(group.name, past, request.query_params.get("page", ""))
    values: dict[str, Any] = {"events": listed.events, "past": past, "next_page": next_page(request, listed)}
    return await group_page(request, "group_events.html", group, **values)


async def event(request: Request) -> Response:
    """An event, the reader's answer, and who comes."""
    group, name = await group_of(request), _name(request)
    shown = await request.app.state.gatherings.event(name)
    listed = await request.app.state.gatherings.attendances(name, request.query_params.get("page", ""))
    people = await request.app.state.profile.profiles_of([shown.organiser, *(one.person for one in listed.attendances)])
    changes = shown.organiser == request.state.session.person or group.viewer.role >= KEEPER
    over = shown.end_time.ToDatetime(tzinfo=UTC) <= datetime.now(UTC)
    values: dict[str, Any] = {"event": shown, "attendances": listed.attendances, "people": people, "over": over}
    values |= {"changes": changes and not over, "next_page": next_page(request, listed)}
    return await group_page(request, "group_event.html", group, **values)


async def plan(request: Request) -> Response:
    """The form with which an event is planned, and what it does."""
    if request.method == "GET":
        values: dict[str, Any] = {"event": gatherings_pb2.GroupEvent(), "start": "", "end": "", "error": ""}
        values["request_id"] = str(uuid4())
        return await group_page(request, "group_plan.html", await group_of(request), **values)
    group, field = name_of(request), await posted(request)
    try:
        made = await request.app.state.gatherings.plan(group, await _event(request), field("request_id"))
    except grpc.aio.AioRpcError as error:
        return await _plan_again(request, error)
    return RedirectResponse(f"/{made.name}", SEE_OTHER)


async def change(request: Request) -> Response:
    name = _name(request)
    if request.method == "GET":
        shown = await request.app.state.gatherings.event(name)
        start, end = (_local(request, moment) for moment in (shown.start_time, shown.end_time))
        values: dict[str, Any] = {"event": shown, "start": start, "end": end, "request_id": "", "error": ""}
        return await group_page(request, "group_plan.html", await group_of(request), **values)
    event = await _event(request)
    event.name, event.etag = name, (await posted(request))("etag")
    try:
        await request.app.state.gatherings.change(event, *WRITTEN)
    except grpc.aio.AioRpcError as error:
        return await _plan_again(request, error, event)
    return RedirectResponse(f"/{name}", SEE_OTHER)


async def _plan_again(
    request: Request, error: grpc.aio.AioRpcError, event: gatherings_pb2.GroupEvent | None = None
) -> Response:
    """The form as it was filled in, and what is wrong with it."""
    if error.code() not in WRONG:
        raise error
    field = await posted(request)
    values: dict[str, Any] = {"start": field("start"), "end": field("end"), "request_id": field("request_id")}
    values |= {"event": event or await _event(request), "error": error.details() or ""}
    return await group_page(request, "group_plan.html", await group_of(request), 400, **values)


async def _event(request: Request) -> gatherings_pb2.GroupEvent:
    field = await posted(request)
    event = gatherings_pb2.GroupEvent(title=field("title"), description=field("description"))
    event.place, event.link = field("place"), field("link")
    event.limit = int(field("limit")) if field("limit").isdecimal() and len(field("limit")) < 7 else 0
    for moment, name in ((event.start_time, "start"), (event.end_time, "end")):
        if written := _moment(request, field(name)):
            moment.FromDatetime(written)
    return event


def _moment(request: Request, text: str) -> datetime | None:
    """A time as a form has it, which is the organisation's."""
    try:
        local = datetime.strptime(text[:16], FORM_TIME)  # noqa: DTZ007  # its zone is the next line's
    except ValueError:
        return None
    return local.replace(tzinfo=ZoneInfo(request.app.state.settings.organisation_time_zone)).astimezone(UTC)


def _local(request: Request, moment: Timestamp) -> str:
    zone = ZoneInfo(request.app.state.settings.organisation_time_zone)
    return moment.ToDatetime(tzinfo=UTC).astimezone(zone).strftime(FORM_TIME)


async def answer(request: Request) -> Response:
    given = (await posted(request))("answer")
    await request.app.state.gatherings.answer(_name(request), int(given) if given.isdecimal() else 0)
    return RedirectResponse(f"/{_name(request)}", SEE_OTHER)


async def cancel(request: Request) -> Response:
    await request.app.state.gatherings.cancel(_name(request))
    return RedirectResponse(f"/{_name(request)}", SEE_OTHER)


async def calendar_entry(request: Request) -> Response:
    body = await request.app.state.gatherings.calendar_entry(_name(request))
    headers = {"content-disposition": 'attachment; filename="plein.ics"'}
    return Response(body.data, media_type=body.content_type, headers=headers)


async def calendar(request: Request) -> Response:
    """The events of the reader's groups, and where a calendar program finds them."""
    return await _calendar(request)


async def _calendar(request: Request, url: str = "") -> Response:
    listed = await request.app.state.gatherings.mine(request.query_params.get("page", ""))
    groups = await request.app.state.groups.several("/".join(one.name.split("/")[:2]) for one in listed.events)
    values: dict[str, Any] = {"events": listed.events, "groups": groups, "url": url}
    values |= {"link": await request.app.state.gatherings.calendar_link(), "next_page": next_page(request, listed)}
    return await page(request, "calendar.html", **values)


async def change_calendar(request: Request) -> Response:
    """Makes the address, which is shown this once, or lets it lead nowhere."""
    if (await posted(request))("do") == "revoke":
        await request.app.state.gatherings.revoke_calendar_link()
        return RedirectResponse("/calendar", SEE_OTHER)
    return await _calendar(request, (await request.app.state.gatherings.reset_calendar_link()).url)


def _name(request: Request) -> str:
    return f"{name_of(request)}/events/{request.path_params['event']}"


ROUTES = [
    Route("/calendar", member(calendar)),
    Route("/calendar", member(change_calendar), methods=["POST"]),
    Route("/groups/{group}/events", member(events)),
    Route("/groups/{group}/events/plan", member(plan), methods=["GET", "POST"]),
    Route("/groups/{group}/events/{event}", member(event)),
    Route("/groups/{group}/events/{event}/change", member(change), methods=["GET", "POST"]),
    Route("/groups/{group}/events/{event}/answer", member(answer), methods=["POST"]),
    Route("/groups/{group}/events/{event}/cancel", member(cancel), methods=["POST"]),
    Route("/groups/{group}/events/{event}/calendar.ics", member(calendar_entry)),
]
