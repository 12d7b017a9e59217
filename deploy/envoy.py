"""Envoy as the door of this machine's stack, with the configuration that gateway.edge writes."""

from pathlib import Path

from deploy.programs import ENVOY
from deploy.supervisor import Process
from gateway.edge import EdgePlan, write_configuration


def process(folder: Path, plan: EdgePlan, after: tuple[str, ...]) -> Process:
    """Writes the configuration into `folder`; one worker thread is plenty for one machine."""
    configuration = write_configuration(folder, plan)
    return Process(
        "envoy",
        [
            ENVOY,
            "-c",
            configuration,
            "--disable-hot-restart",
            "--concurrency",
            "1",
            "--log-level",
            "warning",
        ],
        address=f"{plan.bind}:{plan.port}",
        probe=f"http://127.0.0.1:{plan.admin_port}/ready",
        after=after,
    )
