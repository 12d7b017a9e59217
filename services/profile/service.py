"""Profile on the chassis."""

from plein.profile.v1 import profile_pb2, profile_pb2_grpc

from chassis.service import Api, Service
from services.profile.neighbours import CALLS
from services.profile.reactions import Colleagues, Decisions
from services.profile.rpc import Profiles, subject
from services.profile.settings import ProfileSettings

API = profile_pb2.DESCRIPTOR.services_by_name["ProfileService"]

SERVICE = Service(
    name="profile",
    apis=[Api(API, Profiles, profile_pb2_grpc.add_ProfileServiceServicer_to_server)],
    settings=ProfileSettings,
    calls=CALLS,
    follows=(Colleagues, Decisions),
    subjects=subject,
)
