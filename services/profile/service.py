"""Profile on the chassis."""

from plein.profile.v1 import profile_pb2, profile_pb2_grpc

from chassis.service import Service
from services.profile.neighbours import CALLS
from services.profile.reactions import Colleagues
from services.profile.rpc import Profiles
from services.profile.settings import ProfileSettings

SERVICE = Service(
    name="profile",
    api=profile_pb2.DESCRIPTOR.services_by_name["ProfileService"],
    servicer=Profiles,
    register=profile_pb2_grpc.add_ProfileServiceServicer_to_server,
    settings=ProfileSettings,
    calls=CALLS,
    follows=(Colleagues,),
)
