"""Greetings on the chassis."""

from plein.greetings.v1 import greetings_pb2, greetings_pb2_grpc

from chassis.audience import AccessReactions
from chassis.service import Api, Service
from services.greetings.rpc import Greetings

API = greetings_pb2.DESCRIPTOR.services_by_name["GreetingsService"]

SERVICE = Service(
    name="greetings",
    apis=[Api(API, Greetings, greetings_pb2_grpc.add_GreetingsServiceServicer_to_server)],
    follows=(AccessReactions,),
)
