"""The files that are written, and how a running edge takes in new ones."""

import asyncio
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
import yaml
from google.protobuf.descriptor_pb2 import FileDescriptorSet

from gateway.edge import EdgePlan, write_configuration
from gateway.edge.__main__ import SAMPLE, validated
from gateway.edge.methods import public_methods
from gateway.edge.plan import DESCRIPTORS
from gateway.edge.routes import SIGN_INS
from tests.conftest import free_address
from tests.edge.stack import START_SECONDS, Edge, error_of

PLAN = EdgePlan(
    port=8080,
    grpc_port=8081,
    admin_port=9901,
    services=dict(service.split("=") for service in SAMPLE),
    web="web:8000",
    issuer="https://plein.test",
)


def test_envoy_takes_the_configuration() -> None:
    assert validated(replace(PLAN, origins=("https://intranet.example",), trusted_proxies=1)) == 0


def test_envoy_refuses_a_configuration_that_is_not_right() -> None:
    assert validated(replace(PLAN, port=70_000)) != 0


def test_the_methods_with_limits_of_their_own_exist() -> None:
    described = FileDescriptorSet.FromString(DESCRIPTORS.read_bytes())
    assert {method.path for method in public_methods(described, PLAN.services)} >= SIGN_INS


def test_nobody_but_this_machine_reaches_the_administration(tmp_path: Path) -> None:
    bootstrap = yaml.safe_load(write_configuration(tmp_path, replace(PLAN, bind="0.0.0.0")).read_text())  # noqa: S104
    assert bootstrap["admin"]["address"]["socket_address"]["address"] == "127.0.0.1"


def test_the_descriptor_set_is_named_by_its_content(tmp_path: Path) -> None:
    write_configuration(tmp_path, PLAN)
    [descriptors] = tmp_path.glob("api-*.binpb")
    assert descriptors.read_bytes() == DESCRIPTORS.read_bytes()
    assert str(descriptors) in (tmp_path / "transcoder.yaml").read_text()


async def test_a_running_edge_takes_in_another_plan(edge: Edge, api: httpx.AsyncClient) -> None:
    services = {name: address for name, address in edge.plan.services.items() if name != "clock"}
    away = free_address()
    await written(edge, replace(edge.plan, services=services, web=away))
    try:
        page = await edge.until("/", 503, headers={"accept": "text/html"})
        assert "Plein is away for a moment" in page.text
        await edge.until("/v1/clock:tick", 404)
        assert error_of(await api.get("/")) == (503, 14, "SERVICE_AWAY")
        assert (await api.get("/v1/posts/1")).status_code == 200
    finally:
        await written(edge, edge.plan)
        await edge.until("/", 200)
        await edge.until("/v1/clock:tick", 200)


@pytest.mark.parametrize("file", ["routes.public.yaml", "transcoder.yaml", "clusters.yaml"])
async def test_a_broken_file_leaves_the_old_one_serving(edge: Edge, api: httpx.AsyncClient, file: str) -> None:
    before = (edge.configuration / file).read_text()
    (edge.configuration / "broken").write_text(before.replace("name:", "nome:"))
    refused = edge.complaints.count("update rejected")
    (edge.configuration / "broken").replace(edge.configuration / file)
    try:
        async with asyncio.timeout(START_SECONDS):
            while edge.complaints.count("update rejected") == refused:
                await api.get("/healthz")
        assert (await api.get("/v1/posts/1")).status_code == 200
    finally:
        await written(edge, edge.plan)


async def written(edge: Edge, plan: EdgePlan) -> None:
    """Writes another configuration, while the services behind the edge go on answering its health checks."""
    await asyncio.to_thread(write_configuration, edge.configuration, plan)
