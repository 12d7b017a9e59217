"""The files that Envoy reads.

Routes, clusters and the filters that know the API are files of their own, which Envoy watches: another version of the
API or another process is taken in without a restart, and a broken file leaves the old one serving.
"""

import hashlib
from pathlib import Path

import yaml

from gateway.edge.bootstrap import whole
from gateway.edge.clusters import KEYS
from gateway.edge.plan import EdgePlan
from gateway.edge.xds import Config, typed

BOOTSTRAP = "envoy.yaml"
WATCHED_FILTERS = ("strict", "transcoder")


def write_configuration(directory: Path, plan: EdgePlan) -> Path:
    """Writes the configuration of an edge, also over that of a running one; answers the file to start Envoy with."""
    directory = directory.resolve()
    directory.mkdir(parents=True, exist_ok=True)
    configuration = whole(plan, _descriptors(directory, plan.descriptors))
    resources = _taken_out(configuration, directory)
    for name, resource in resources.items():
        _write(directory / name, resource)
    return _write(directory / BOOTSTRAP, configuration)


def write_static(directory: Path, plan: EdgePlan) -> Path:
    """Writes the same in one file, for `envoy --mode validate`, which does not follow watched files."""
    directory.mkdir(parents=True, exist_ok=True)
    return _write(directory / "static.yaml", whole(plan, _descriptors(directory, plan.descriptors)))


def _taken_out(configuration: Config, directory: Path) -> dict[str, Config]:
    """Replaces what is watched by where it is found; answers the files, in an order in which none misses another."""
    static = configuration["static_resources"]
    # The listeners ask for the keys before anything that is watched has been read.
    watched = [cluster for cluster in static["clusters"] if cluster["name"] != KEYS]
    static["clusters"] = [cluster for cluster in static["clusters"] if cluster["name"] == KEYS]
    taken = {"clusters.yaml": _resources("envoy.config.cluster.v3.Cluster", watched)}
    configuration["dynamic_resources"] = {"cds_config": _watch(directory / "clusters.yaml")}
    for listener in static["listeners"]:
        manager = listener["filter_chains"][0]["filters"][0]["typed_config"]
        for place, found in enumerate(manager["http_filters"]):
            if (name := found["name"]) in WATCHED_FILTERS:
                taken[f"{name}.yaml"] = _resources("envoy.config.core.v3.TypedExtensionConfig", [found])
                kinds = [found["typed_config"]["@type"]]
                source = {"config_source": _watch(directory / f"{name}.yaml"), "type_urls": kinds}
                manager["http_filters"][place] = {"name": name, "config_discovery": source}
        routes = manager.pop("route_config")
        file = f"routes.{routes['name']}.yaml"
        taken[file] = _resources("envoy.config.route.v3.RouteConfiguration", [routes])
        manager["rds"] = {"route_config_name": routes["name"], "config_source": _watch(directory / file)}
    return taken


def _resources(kind: str, resources: list[Config]) -> Config:
    return {"resources": [typed(kind, **resource) for resource in resources]}


def _watch(file: Path) -> Config:
    return {"path_config_source": {"path": str(file)}, "resource_api_version": "V3"}


def _descriptors(directory: Path, descriptors: Path) -> Path:
    """Envoy does not watch the descriptor set, so another content gets another name; the old one stays until then."""
    content = descriptors.read_bytes()
    copy = directory.resolve() / f"api-{hashlib.sha256(content).hexdigest()[:12]}.binpb"
    copy.write_bytes(content)
    return copy


def _write(file: Path, content: Config) -> Path:
    fresh = file.with_suffix(".fresh")
    fresh.write_text(yaml.dump(content, Dumper=_Plain, sort_keys=False, width=120))
    # Envoy notices a file that is moved into place, and never reads a half.
    return fresh.replace(file)


class _Plain(yaml.SafeDumper):
    """Writes what occurs twice twice, for whoever reads the file."""

    def ignore_aliases(self, data: object) -> bool:
        return True
