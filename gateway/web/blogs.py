"""The pages of blogs and series, what the reader follows of them, and the own Atom addresses."""

import asyncio
from typing import Any
from uuid import uuid4

from plein.blog.v1 import blog_pb2
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from gateway.web.answers import SEE_OTHER, back, member, next_page, page
from gateway.web.articles import people_in
from gateway.web.blog_neighbours import MOST

TARGETS = ("blogs", "people", "tags")


async def blogs(request: Request) -> Response:
    state = request.app.state
    listed, own = await asyncio.gather(state.blogs.blogs(request.query_params.get("page", "")), state.blogs.own())
    people = await state.profile.profiles_of([one.owner for one in listed.blogs])
    values = {"blogs": listed.blogs, "own": own, "request_id": str(uuid4()), "error": "", "title": ""}
    return await page(request, "blogs.html", people=people, next_page=next_page(request, listed), **values)


async def begin(request: Request) -> Response:
    """Begins a blog and shows it."""
    form = await request.form()
    blog = blog_pb2.Blog(title=str(form.get("title", "")).strip(), description=str(form.get("description", "")))
    kind = str(form.get("kind", "1"))
    blog.kind = blog_pb2.BlogKind.ValueType(int(kind) if kind in ("1", "2", "3") else 1)
    begun = await request.app.state.blogs.begin(blog, str(form.get("request_id", "")))
    return RedirectResponse(f"/{begun.name}", SEE_OTHER)


async def blog(request: Request) -> Response:
    name = f"blogs/{request.path_params['blog']}"
    state = request.app.state
    found, series, listed, subscribed = await asyncio.gather(
        state.blogs.blog(name),
        state.blogs.series_of(name),
        state.articles.listed(parent=name, page_token=request.query_params.get("page", "")),
        state.blogs.is_subscribed(name),
    )
    people = await people_in(request, listed.articles, [found.owner])
    values: dict[str, Any] = {"blog": found, "series": series, "articles": listed.articles, "subscribed": subscribed}
    values |= {"people": people, "next_page": next_page(request, listed), "request_id": str(uuid4())}
    return await page(request, "blog.html", **values)


async def change(request: Request) -> Response:
    """Changes what a blog is called, and says of itself."""
    form = await request.form()
    name = f"blogs/{request.path_params['blog']}"
    blog = blog_pb2.Blog(name=name, etag=str(form.get("etag", "")))
    blog.title, blog.description = str(form.get("title", "")).strip(), str(form.get("description", ""))
    await request.app.state.blogs.change(blog, "title", "description")
    return RedirectResponse(f"/{name}", SEE_OTHER)


async def series(request: Request) -> Response:
    """The articles of a series in their order."""
    name = request.url.path.removeprefix("/")
    state = request.app.state
    found, blog = await asyncio.gather(
        state.blogs.series(name), state.blogs.blog(f"blogs/{request.path_params['blog']}")
    )
    articles = await state.articles.batch(list(found.articles))
    people = await people_in(request, articles)
    return await page(request, "series.html", series=found, blog=blog, articles=articles, people=people)


async def subscribe(request: Request) -> Response:
    form = await request.form()
    await request.app.state.blogs.subscribe(_target(form.get("target")), form.get("subscribe") == "yes")
    return RedirectResponse(back(str(form.get("back", "/"))), SEE_OTHER)


async def atom(request: Request) -> Response:
    """The addresses at which programs read in the reader's name."""
    addresses = await request.app.state.blogs.atom_addresses()
    authors = [address.target for address in addresses if address.target.startswith("people/")]
    listed, people = await asyncio.gather(
        request.app.state.blogs.blogs("", page_size=MOST), request.app.state.profile.profiles_of(authors)
    )
    titles = {blog.name: blog.title for blog in listed.blogs}
    return await page(request, "atom.html", addresses=addresses, titles=titles, people=people)


async def make_atom(request: Request) -> Response:
    form = await request.form()
    await request.app.state.blogs.make_atom_address(_target(form.get("target")), str(form.get("request_id", "")))
    return RedirectResponse("/atom", SEE_OTHER)


async def revoke_atom(request: Request) -> Response:
    await request.app.state.blogs.revoke_atom_address(f"atomAddresses/{request.path_params['address']}")
    return RedirectResponse("/atom", SEE_OTHER)


def _target(sent: object) -> str:
    return str(sent) if str(sent).startswith(tuple(f"{sort}/" for sort in TARGETS)) else ""


ROUTES = [
    Route("/blogs", member(blogs)),
    Route("/blogs", member(begin), methods=["POST"]),
    Route("/blogs/{blog}", member(blog)),
    Route("/blogs/{blog}/change", member(change), methods=["POST"]),
    Route("/blogs/{blog}/series/{series}", member(series)),
    Route("/subscriptions", member(subscribe), methods=["POST"]),
    Route("/atom", member(atom)),
    Route("/atom", member(make_atom), methods=["POST"]),
    Route("/atom/{address}/revoke", member(revoke_atom), methods=["POST"]),
]
