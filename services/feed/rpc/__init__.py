"""Feed's methods, by resource."""

from plein.feed.v1 import feed_pb2_grpc

from services.feed.rpc.follows import Follows
from services.feed.rpc.imports import Imports
from services.feed.rpc.polls import Polls
from services.feed.rpc.posts import Posts
from services.feed.rpc.reactions import Reactions
from services.feed.rpc.reshares import Reshares
from services.feed.rpc.revisions import Revisions
from services.feed.rpc.timelines import Timelines


class Feed(
    Posts, Reshares, Revisions, Polls, Timelines, Reactions, Follows, Imports, feed_pb2_grpc.FeedServiceServicer
):
    """All methods together."""
