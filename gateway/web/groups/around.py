"""What all pages of one group show, and how its forms come back."""

from collections.abc import Awaitable, Callable
from typing import Any

import grpc
from plein.groups.v1 import groups_pb2
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from gateway.web.answers import SEE_OTHER, back, page
from gateway.web.groups.words import KEEPER, OWNER

# What a form is shown again for, with what is wrong.
WRONG = (
    grpc.StatusCode.INVALID_ARGUMENT,
    grpc.StatusCode.FAILED_PRECONDITION,
    grpc.StatusCode.RESOURCE_EXHAUSTED,
    grpc.StatusCode.ABORTED,
)


def name_of(request: Request) -> str:
    return f"groups/{request.path_params['group']}"


async def group_of(request: Request) -> groups_pb2.Group:
    """The group of the path, by its id or a handle."""
    group: groups_pb2.Group = await request.app.state.groups.group(name_of(request))
    return group


async def group_page(
    request: Request, template: str, group: groups_pb2.Group, status_code: int = 200, **values: Any
) -> Response:
    """A page of a group: what every one of them shows, and its own."""
    role = group.viewer.role
    values.setdefault("people", {})
    values.setdefault("next_page", "")
    around = {"group": group, "keeps": role >= KEEPER, "owns": role == OWNER, "belongs": bool(role)}
    if "about" not in values:
        around["about"] = await request.app.state.group_pages.page(group.name)
    return await page(request, template, status_code, **around, **values)


async def posted(request: Request) -> Callable[[str], str]:
    """What a form brought, by the names of its fields."""
    form = await request.form()
    return lambda field: str(form.get(field, "")).strip()


async def back_to(request: Request, otherwise: str) -> Response:
    """Where the form stood."""
    return RedirectResponse(back(str((await request.form()).get("back", "")) or otherwise), SEE_OTHER)


def done(does: Callable[[Request, str], Awaitable[None]], after: str = "") -> Callable[[Request], Awaitable[Response]]:
    """A form of a group that does one thing and leads back to the group, or to one of its pages."""

    async def answered(request: Request) -> Response:
        name = name_of(request)
        await does(request, name)
        return await back_to(request, f"/{name}{after}")

    return answered
