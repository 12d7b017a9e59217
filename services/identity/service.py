"""Identity as a process."""

from plein.identity.v1 import accounts_pb2, accounts_pb2_grpc, identity_pb2, identity_pb2_grpc

from chassis.audience import AccessReactions
from chassis.service import Api, Service
from services.identity.rpc import Accounts, Identity
from services.identity.settings import IdentitySettings

API = identity_pb2.DESCRIPTOR.services_by_name["IdentityService"]
ACCOUNTS_API = accounts_pb2.DESCRIPTOR.services_by_name["AccountService"]

SERVICE = Service(
    name="identity",
    apis=[
        Api(API, Identity, identity_pb2_grpc.add_IdentityServiceServicer_to_server),
        Api(ACCOUNTS_API, Accounts, accounts_pb2_grpc.add_AccountServiceServicer_to_server),
    ],
    settings=IdentitySettings,
    follows=(AccessReactions,),
)
