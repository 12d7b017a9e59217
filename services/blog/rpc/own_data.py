"""What blog keeps of people."""

from plein.blog.v1 import own_data_pb2_grpc

from services.blog.rpc.erasures import Erasures
from services.blog.rpc.exports import Exports


class PersonalRecords(Exports, Erasures, own_data_pb2_grpc.OwnDataServiceServicer):
    """All methods together."""
