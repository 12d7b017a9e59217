"""Moderation's methods, by resource."""

from plein.moderation.v1 import moderation_pb2_grpc

from services.moderation.rpc.reports import Reports


class Moderation(Reports, moderation_pb2_grpc.ModerationServiceServicer):
    """The methods that are for everybody."""
