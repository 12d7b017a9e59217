"""How often one person or one address may ask. Every value of what is counted has a bucket of its own."""

from typing import Any

from gateway.edge.plan import Limit
from gateway.edge.xds import Config, typed

# Set from the verified token, removed before the services: they read the token themselves.
PERSON_HEADER = "x-plein-person"
COUNTED_AT_ONCE = 50_000
UNLIMITED = {"max_tokens": 1_000_000_000, "tokens_per_fill": 1_000_000_000, "fill_interval": "1s"}
ALWAYS = {"default_value": {"numerator": 100, "denominator": "HUNDRED"}}


def per_address(limit: Limit) -> Config:
    return _limiter("address", {"remote_address": {}}, "remote_address", limit)


def per_person(limit: Limit) -> Config:
    action = {"request_headers": {"header_name": PERSON_HEADER, "descriptor_key": "person"}}
    return _limiter("person", action, "person", limit)


def _limiter(name: str, action: Config, key: str, limit: Limit) -> Config:
    # An entry without a value stands for every value; what has no such entry falls to the unlimited bucket.
    bucket = {
        "max_tokens": limit.burst,
        "tokens_per_fill": limit.requests,
        "fill_interval": f"{limit.seconds}s",
    }
    settings: dict[str, Any] = {
        "stat_prefix": f"{name}_limit",
        "token_bucket": UNLIMITED,
        "filter_enabled": ALWAYS,
        "filter_enforced": ALWAYS,
        "rate_limits": [{"actions": [action]}],
        "descriptors": [{"entries": [{"key": key}], "token_bucket": bucket}],
        "max_dynamic_descriptors": COUNTED_AT_ONCE,
        "always_consume_default_token_bucket": False,
        "rate_limited_as_resource_exhausted": True,
        "response_headers_to_add": [{"header": {"key": "retry-after", "value": str(_seconds_to_wait(limit))}}],
    }
    return typed("envoy.extensions.filters.http.local_ratelimit.v3.LocalRateLimit", **settings)


def _seconds_to_wait(limit: Limit) -> int:
    return -(-limit.seconds // limit.requests)
