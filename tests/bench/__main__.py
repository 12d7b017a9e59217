"""`make bench`: measures, prints a table, writes bench.json. What does not hold is said, and is no failure."""

import asyncio
import os
from pathlib import Path

from plein.feed.v1 import feed_pb2

from tests.bench import comment_pages, fan_out, figures, memory, post_search, profile_search, streams
from tests.bench.figures import Figure, Figures
from tests.bench.load import NotAnswered, Target, framed, grpc_target, ratio, require_h2load
from tests.bench.stack import CREATE, HOME, Bench, bench

# The goal for pages that come from the database, as a share of constant bytes.
FROM_DATABASE = 0.15
LARGE_BYTES = 100_000


async def main() -> None:
    require_h2load(os.geteuid() == 0)
    found: Figures = {}
    try:
        async with bench() as made:
            await asyncio.to_thread(measure_pages, made, found)
            memory.measure(made.stack, found)
        for part in (fan_out, streams, profile_search, post_search, comment_pages):
            await part.measure(found)
    finally:  # what was measured is told, also when a later part breaks
        figures.show(found)
        figures.write(found, Path("bench.json"))


def measure_pages(made: Bench, found: Figures) -> None:
    """The home timeline and other pages, each way as a share of constant bytes that go the same way."""
    for name, (subject, base, goal) in (_pairs(made) | _page_pairs(made)).items():
        try:
            share, rate, base_rate = ratio(subject, base)
        except NotAnswered as problem:
            print(f"{name}: {problem}")
            continue
        found[f"{name} / constant bytes"] = Figure(share, "ratio", goal)
        found[f"{name}, rate"] = Figure(rate, "1/s")
        found[f"{name}, constant bytes' rate"] = Figure(base_rate, "1/s")


def _pairs(made: Bench) -> dict[str, tuple[Target, Target, float | None]]:
    """What is measured, what it is compared with, and the goal."""
    page = framed(feed_pb2.ListHomePostsRequest().SerializeToString(), made.folder / "list.bin")
    following = feed_pb2.ListHomePostsRequest(page_token=made.home.next_page_token)
    next_page = framed(following.SerializeToString(), made.folder / "next.bin")
    post = feed_pb2.CreatePostRequest(post=feed_pb2.Post(text="Goedemorgen allemaal #koffie"))
    written = framed(post.SerializeToString(), made.folder / "create.bin")

    def home(address: str, body: Path = page) -> Target:
        return grpc_target(address, HOME, made.token, body)

    def create(address: str) -> Target:
        return grpc_target(address, CREATE, made.token, written)

    def json_home(address: str) -> Target:
        headers = (("authorization", f"Bearer {made.token}"),)
        return Target(f"http://{address}/v1/timelines/home/posts", headers, http1=True)

    edge, constant = made.edge, made.constant_edge
    return {
        "home at the service, gRPC": (home(made.stack.neighbours["feed"]), home(made.constant), 0.62),
        "home through Envoy, gRPC": (home(edge.grpc), home(constant.grpc), 0.65),
        "home through Envoy, JSON": (json_home(edge.http), json_home(constant.http), 0.70),
        # Of the first page a process keeps what it fetched; the next is fetched each time.
        "home's next page through Envoy, gRPC": (home(edge.grpc, next_page), home(constant.grpc), None),
        "create post through Envoy, gRPC": (create(edge.grpc), create(constant.grpc), 0.25),
    }


def _page_pairs(made: Bench) -> dict[str, tuple[Target, Target, float | None]]:
    """The pages that come from the database, as programs and browsers ask for them."""
    pairs: dict[str, tuple[Target, Target, float | None]] = {}
    headers = (("authorization", f"Bearer {made.pages_token}"),)
    for number, (name, page) in enumerate(made.pages.items()):
        body = framed(page.request, made.folder / f"page{number}.bin")
        asked = [
            grpc_target(edge.grpc, page.method, made.pages_token, body) for edge in (made.edge, made.constant_edge)
        ]
        # To put a third of a megabyte together takes longer than to pass it on, which as JSON is work too.
        goal = FROM_DATABASE if len(page.answer) < LARGE_BYTES else None
        pairs[f"{name} through Envoy, gRPC"] = (asked[0], asked[1], goal)
        read = [
            Target(f"http://{edge.http}{page.path}", headers, http1=True) for edge in (made.edge, made.constant_edge)
        ]
        pairs[f"{name} through Envoy, JSON"] = (read[0], read[1], FROM_DATABASE)
    return pairs


if __name__ == "__main__":
    asyncio.run(main())
