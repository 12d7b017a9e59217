"""Comments, put together from what there is to do with them."""

from plein.blog.v1 import comments_pb2_grpc

from services.blog.rpc.comment_reactions import CommentReactions
from services.blog.rpc.comment_reading import CommentReading
from services.blog.rpc.comment_writing import CommentWriting
from services.blog.rpc.discussions import Discussions


class Comments(CommentReading, CommentWriting, CommentReactions, Discussions, comments_pb2_grpc.CommentServiceServicer):
    """All methods of the service."""
