"""How people stand to posts, people, tags and groups."""

from plein.feed.v1 import relations_pb2_grpc

from services.feed.rpc.blocks import Blocks
from services.feed.rpc.bookmarks import Bookmarks
from services.feed.rpc.mutes import Muting
from services.feed.rpc.mutuals import Mutuals
from services.feed.rpc.suggestions import Suggestions
from services.feed.rpc.topics import Topics


class Relations(Topics, Mutuals, Suggestions, Bookmarks, Blocks, Muting, relations_pb2_grpc.RelationServiceServicer):
    """All methods together."""
