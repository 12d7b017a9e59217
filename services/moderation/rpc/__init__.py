"""Moderation's methods, by resource."""

from plein.moderation.v1 import cases_pb2_grpc, moderation_pb2_grpc

from services.moderation.rpc.cases import Cases
from services.moderation.rpc.decisions import Decisions
from services.moderation.rpc.notes import Unmaskings
from services.moderation.rpc.reports import Reports
from services.moderation.rpc.statements import Statements


class Moderation(Reports, Statements, moderation_pb2_grpc.ModerationServiceServicer):
    """The methods that are for everybody."""


class CaseWork(Cases, Decisions, Unmaskings, cases_pb2_grpc.CaseServiceServicer):
    """The methods that are for moderators."""
