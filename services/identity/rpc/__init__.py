"""Identity's methods, by resource."""

from plein.identity.v1 import identity_pb2_grpc

from services.identity.rpc.accounts import Accounts
from services.identity.rpc.barriers import Barriers
from services.identity.rpc.imports import Imports
from services.identity.rpc.links import Links
from services.identity.rpc.people import People
from services.identity.rpc.sessions import Sessions
from services.identity.rpc.sign_in import SignIn
from services.identity.rpc.standing import Standing

__all__ = ["Accounts", "Identity"]


class Identity(People, Standing, Imports, Links, SignIn, Sessions, Barriers, identity_pb2_grpc.IdentityServiceServicer):
    """All methods together."""
