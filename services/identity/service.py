"""Identity as a process."""

from plein.identity.v1 import identity_pb2, identity_pb2_grpc

from chassis.audience import AccessReactions
from chassis.service import Service
from services.identity.rpc import Identity
from services.identity.settings import IdentitySettings

SERVICE = Service(
    name="identity",
    api=identity_pb2.DESCRIPTOR.services_by_name["IdentityService"],
    servicer=Identity,
    register=identity_pb2_grpc.add_IdentityServiceServicer_to_server,
    settings=IdentitySettings,
    follows=(AccessReactions,),
)
