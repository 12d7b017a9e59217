"""Moderation on the chassis."""

from plein.moderation.v1 import moderation_pb2, moderation_pb2_grpc

from chassis.service import Api, Service
from services.moderation.neighbours import CALLS
from services.moderation.reactions import People
from services.moderation.rpc import Moderation
from services.moderation.settings import ModerationSettings

API = moderation_pb2.DESCRIPTOR.services_by_name["ModerationService"]

SERVICE = Service(
    name="moderation",
    apis=[Api(API, Moderation, moderation_pb2_grpc.add_ModerationServiceServicer_to_server)],
    settings=ModerationSettings,
    calls=CALLS,
    follows=(People,),
)
