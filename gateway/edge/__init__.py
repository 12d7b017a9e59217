"""Envoy's configuration, generated from the descriptor set: JSON and pages on one port, gRPC on another."""

from gateway.edge.files import write_configuration
from gateway.edge.plan import EdgePlan, Limit

__all__ = ["EdgePlan", "Limit", "write_configuration"]
