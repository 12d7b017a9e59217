"""All of Plein on one machine. `processes` is the architecture: what runs, on what it stands and whom it asks."""

import json
import os
import random
import socket
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import services
from deploy import envoy, postgres, valkey
from deploy.secrets import Secrets
from deploy.supervisor import Process
from gateway.edge import EdgePlan

SERVICES = Path(services.__file__).parent
ISSUER = "https://plein.local"
DRAIN_SECONDS = "1"

# Each service, and whom it calls or follows.
NEIGHBOURS = {
    "identity": [],
    "profile": ["identity", "moderation"],
    "feed": ["identity", "groups", "blog", "moderation"],
    "groups": ["identity", "feed", "moderation"],
    "blog": ["identity", "feed", "groups", "moderation"],
    "moderation": ["identity", "profile", "feed", "groups", "blog"],
}
# The services that may not change their own tables, since they keep what nobody is to change afterwards.
OWNED_APART = ("moderation",)
# Below the ports that the kernel gives to outgoing connections, one of which could take the port of a dead process.
INTERNAL_PORTS = range(15_000, 30_000)


@dataclass(frozen=True)
class Plan:
    """What the processes of one stack share. `addresses` maps the names of processes to where they listen."""

    home: Path
    port: int
    secrets: Secrets
    addresses: Mapping[str, str]
    services: tuple[str, ...]

    @property
    def public_url(self) -> str:
        return f"http://localhost:{self.port}"

    @property
    def neighbours(self) -> dict[str, str]:
        return {name: self.addresses[name] for name in self.services}

    @property
    def owned_apart(self) -> list[str]:
        """The services whose database is not their own."""
        return [name for name in self.services if name in OWNED_APART]


def plan(home: Path, port: int) -> Plan:
    """The stack of a home, with every service that there is."""
    found = tuple(name for name in NEIGHBOURS if (SERVICES / name / "service.py").is_file())
    inside = ("postgres", "valkey", *found, "web", "envoy-admin")
    addresses = {name: f"127.0.0.1:{port}" for name, port in zip(inside, free_ports(len(inside)), strict=True)}
    return Plan(home, port, Secrets(home / "secrets"), addresses, found)


def processes(plan: Plan) -> list[Process]:
    """Everything that runs, in the order in which it is started."""
    home, secrets, addresses = plan.home, plan.secrets, plan.addresses
    server = postgres.prepared(home, addresses["postgres"], secrets.superuser_password)
    return [
        server.process(
            {name: secrets.database_password(name) for name in plan.services},
            {name: secrets.owner_password(name) for name in plan.owned_apart},
        ),
        valkey.process(home / "valkey", addresses["valkey"], secrets.valkey_password),
        *(service(plan, name) for name in plan.services),
        web(plan),
        envoy.process(home / "envoy", edge(plan), after=("web",)),
    ]


def service(plan: Plan, name: str) -> Process:
    """One service: its own database, the cache, and the neighbours that it asks."""
    address, secrets = plan.addresses[name], plan.secrets
    environment = {
        "DATABASE_URL": f"postgresql+psycopg://{name}@{plan.addresses['postgres']}/{name}",
        "DATABASE_PASSWORD_FILE": str(secrets.database_password(name)),
        "REDIS_URL": f"redis://{plan.addresses['valkey']}/0",
        "REDIS_PASSWORD_FILE": str(secrets.valkey_password),
        "SERVICE_JWKS_FILE": str(secrets.service_jwks),
        "SIGNING_KEYS_DIR": str(secrets.signing_keys) if name == "identity" else "",
        "VAPID_KEY_FILE": str(secrets.vapid_key),
        "MEDIA_URL": (plan.home / "media").as_uri(),
        "AUDIT_CHECKPOINT_URL": (plan.home / "audit").as_uri(),
        "AUDIT_KEY_FILE": str(secrets.audit_key),
        "ISSUER": ISSUER,
        "DRAIN_SECONDS": DRAIN_SECONDS,
    }
    if name in plan.owned_apart:
        owner = postgres.owner_of(name)
        environment |= {
            "DATABASE_OWNER_URL": f"postgresql+psycopg://{owner}@{plan.addresses['postgres']}/{name}",
            "DATABASE_OWNER_PASSWORD_FILE": str(secrets.owner_password(name)),
        }
    # Every service knows itself too: identity asks itself for the keys that it signs with.
    environment |= shared(plan, name, [name, *NEIGHBOURS[name]])
    command = [sys.executable, "-P", "-m", "services", name]
    return Process(name, command, address, f"grpc://{address}", environment, after=("postgres", "valkey"))


def web(plan: Plan) -> Process:
    """The site, which asks the services and has no state of its own."""
    address = plan.addresses["web"]
    command = [sys.executable, "-P", "-m", "gateway.web"]
    return Process(
        "web", command, address, f"http://{address}/healthz", shared(plan, "web", plan.services), after=plan.services
    )


def edge(plan: Plan) -> EdgePlan:
    """The only door: pages and JSON on the public port, gRPC on the next."""
    return EdgePlan(
        port=plan.port,
        grpc_port=plan.port + 1,
        admin_port=int(plan.addresses["envoy-admin"].rpartition(":")[2]),
        services=plan.neighbours,
        web=plan.addresses["web"],
        issuer=ISSUER,
    )


def shared(plan: Plan, name: str, neighbours: list[str] | tuple[str, ...]) -> dict[str, str]:
    """What every process of ours is told, on top of what whoever starts the stack has set."""
    known = {neighbour: plan.neighbours[neighbour] for neighbour in neighbours if neighbour in plan.neighbours}
    return os.environ | {
        "PYTHONOPTIMIZE": "2",  # without docstrings, which are seven megabytes a process
        "PYTHONDONTWRITEBYTECODE": "",  # compiling everything anew is more than half of a service's start
        "LISTEN_ADDRESS": plan.addresses[name],
        "NEIGHBOURS": json.dumps(known),
        "SERVICE_KEY_FILE": str(plan.secrets.service_key(name)),
        "SEALING_KEY_FILE": str(plan.secrets.sealing_key),
        "PUBLIC_URL": plan.public_url,
    }


def free_ports(count: int) -> list[int]:
    """Ports of this machine that nobody listens on."""
    found: list[int] = []
    for port in random.sample(INTERNAL_PORTS, len(INTERNAL_PORTS)):
        with socket.socket() as listener:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            if listener.connect_ex(("127.0.0.1", port)) != 0:
                found.append(port)
        if len(found) == count:
            break
    return found
