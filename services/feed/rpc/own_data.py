"""What feed keeps of people, and whether it adds up."""

from plein.feed.v1 import own_data_pb2_grpc

from services.feed.rpc.erasures import Erasures
from services.feed.rpc.exports import Exports
from services.feed.rpc.rebuilding import Rebuilding


class PersonalRecords(Exports, Erasures, Rebuilding, own_data_pb2_grpc.OwnDataServiceServicer):
    """All methods together."""
