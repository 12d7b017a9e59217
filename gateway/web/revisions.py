"""What a draft looks like to its readers, who else may look at it, and what it said before."""

import asyncio
from typing import Any

import grpc
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from gateway.web.answers import SEE_OTHER, member, next_page, page
from gateway.web.writing import article_in

WRITERS_ALONE = (grpc.StatusCode.NOT_FOUND, grpc.StatusCode.PERMISSION_DENIED)


async def preview(request: Request) -> Response:
    """A draft as it would be published, for its writers and those whom they named."""
    state, name = request.app.state, article_in(request)
    asked = request.query_params.get("with", "").strip()
    article = await state.drafts.preview(name)
    shares = await _shares(request)
    found = (await state.profile.search(asked, "")).profiles[:10] if asked and shares is not None else []
    people = await state.profile.profiles_of([article.author, *(share.person for share in shares or ())])
    values = {"article": article, "shares": shares, "found": found, "asked": asked, "people": people}
    return await page(request, "preview.html", **values)


async def _shares(request: Request) -> Any:
    """With whom a draft is shared; None for those who may only look at it."""
    try:
        return await request.app.state.drafts.shares(article_in(request))
    except grpc.aio.AioRpcError as error:
        if error.code() in WRITERS_ALONE:
            return None
        raise


async def share(request: Request) -> Response:
    """Lets a person look at a draft, or no longer."""
    form = await request.form()
    person, drafts = str(form.get("person", "")), request.app.state.drafts
    if form.get("share") == "yes":
        await drafts.share(article_in(request), person)
    else:
        await drafts.unshare(article_in(request), person)
    return RedirectResponse(f"/{article_in(request)}/preview#shares", SEE_OTHER)


async def revisions(request: Request) -> Response:
    state, name = request.app.state, article_in(request)
    draft, listed = await asyncio.gather(
        state.drafts.draft(name), state.drafts.revisions(name, request.query_params.get("page", ""))
    )
    people = await state.profile.profiles_of([draft.person, *(one.person for one in listed.revisions)])
    values = {"draft": draft, "article": name, "revisions": listed.revisions, "people": people}
    return await page(request, "revisions.html", next_page=next_page(request, listed), **values)


async def revision(request: Request) -> Response:
    """What a draft said before, and how that differs from what it says now."""
    state, name = request.app.state, request.url.path.removeprefix("/")
    found, differences, draft = await asyncio.gather(
        state.drafts.revision(name), state.drafts.differences(name), state.drafts.draft(article_in(request))
    )
    people = await state.profile.profiles_of([found.person])
    values = {"revision": found, "differences": differences, "draft": draft, "article": article_in(request)}
    return await page(request, "revision.html", people=people, **values)


async def restore(request: Request) -> Response:
    form, name = await request.form(), request.url.path.removeprefix("/").removesuffix("/restore")
    await request.app.state.drafts.restore(name, str(form.get("etag", "")))
    return RedirectResponse(f"/{article_in(request)}/write", SEE_OTHER)


ROUTES = [
    Route("/articles/{article}/preview", member(preview)),
    Route("/articles/{article}/shares", member(share), methods=["POST"]),
    Route("/articles/{article}/revisions", member(revisions)),
    Route("/articles/{article}/revisions/{revision}", member(revision)),
    Route("/articles/{article}/revisions/{revision}/restore", member(restore), methods=["POST"]),
]
