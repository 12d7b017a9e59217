"""The methods."""

from typing import Any

from plein.greetings.v1 import greetings_pb2, greetings_pb2_grpc

from chassis.problems import NotFound
from chassis.resources import Resources

GREETINGS = {"greetings/nl": "Goedendag", "greetings/en": "Good day"}


class Greetings(greetings_pb2_grpc.GreetingsServiceServicer):
    """All methods."""

    def __init__(self, resources: Resources) -> None:
        self.database = resources.database

    async def GetGreeting(self, request: greetings_pb2.GetGreetingRequest, context: Any) -> greetings_pb2.Greeting:
        if request.name not in GREETINGS:
            raise NotFound("GREETING_NOT_FOUND", "There is no {name}.", name=request.name)
        return greetings_pb2.Greeting(name=request.name, text=GREETINGS[request.name])
