"""Identity as a process."""

from plein.identity.v1 import identity_pb2, identity_pb2_grpc

from chassis.audience import AccessReactions
from chassis.service import Api, Service
from services.identity.rpc import Identity
from services.identity.settings import IdentitySettings

API = identity_pb2.DESCRIPTOR.services_by_name["IdentityService"]

SERVICE = Service(
    name="identity",
    apis=[Api(API, Identity, identity_pb2_grpc.add_IdentityServiceServicer_to_server)],
    settings=IdentitySettings,
    follows=(AccessReactions,),
)
