"""The edge's own errors, in the form that the services' errors have over JSON: google.rpc.Status with one ErrorInfo."""

from typing import Any

from gateway.edge.xds import Config

# HTTP status: google.rpc.Code, reason, sentence. %LOCAL_REPLY_BODY% is what Envoy itself says, such as a parameter.
ERRORS = {
    400: (3, "BAD_REQUEST", "The request is not right. %LOCAL_REPLY_BODY%"),
    401: (16, "TOKEN_REFUSED", "This needs a valid access token. %LOCAL_REPLY_BODY%."),
    404: (5, "NO_SUCH_ADDRESS", "There is nothing at this address, or not for this HTTP method."),
    408: (4, "REQUEST_TOO_SLOW", "The request took too long to arrive."),
    413: (8, "BODY_TOO_LARGE", "The body is too large: 8 MiB is the most."),
    429: (8, "TOO_MANY_REQUESTS", "That is too often. Try again after the seconds in Retry-After."),
    431: (3, "HEADERS_TOO_LARGE", "The headers are too large: 16 KiB is the most."),
    500: (13, "INTERNAL", "Something went wrong on our side."),
    502: (14, "BAD_ANSWER", "A service answered in a way that the edge does not understand."),
    503: (14, "SERVICE_AWAY", "The service is away for the moment. Try again shortly."),
    504: (4, "TOO_SLOW", "It took too long."),
}
OTHER = (2, "OTHER", "%LOCAL_REPLY_BODY%")
# Where the strict filter leaves the name of a field that it does not know.
UNKNOWN_FIELD = ("edge", "unknown_field")
PAGE = """<!doctype html><html lang="nl"><meta charset="utf-8"><title>Plein</title>
<p>Plein is er even niet. Probeer het zo nog eens.</p>
<p lang="en">Plein is away for a moment. Please try again shortly.</p>
"""


def local_replies() -> Config:
    """How the public port writes its own errors; what services and web answer is left alone."""
    mappers = [_mapper([_is_error(), _for_a_browser()], _page()), _mapper([_has_unknown_field()], _unknown_field())]
    # Envoy says FORBIDDEN of a token for another audience. It is a token that does not hold, like any other.
    mappers.append(_mapper([_status_is("EQ", 403), _not_grpc()], _status(*ERRORS[401])) | {"status_code": 401})
    mappers += [_mapper([_status_is("EQ", status), _not_grpc()], _status(*error)) for status, error in ERRORS.items()]
    return {"mappers": [*mappers, _mapper([_is_error(), _not_grpc()], _status(*OTHER))]}


def _mapper(filters: list[Config], body: Config) -> Config:
    condition = filters[0] if len(filters) == 1 else {"and_filter": {"filters": filters}}
    return {"filter": condition, "body_format_override": body}


def _status(code: int, reason: str, message: str, *more: Config, **facts: str) -> Config:
    detail = {
        "@type": "type.googleapis.com/google.rpc.ErrorInfo",
        "reason": reason,
        "domain": "edge",
        "metadata": facts or {"cause": "%RESPONSE_CODE_DETAILS%"},
    }
    return {"json_format": {"code": code, "message": message, "details": [detail, *more]}}


def _unknown_field() -> Config:
    field = "%DYNAMIC_METADATA({}:{})%".format(*UNKNOWN_FIELD)
    sentence = f"There is no field {field}."
    violations = {
        "@type": "type.googleapis.com/google.rpc.BadRequest",
        "fieldViolations": [{"field": field, "description": sentence}],
    }
    return _status(3, "UNKNOWN_FIELD", sentence, violations, field=field)


def _has_unknown_field() -> Config:
    filter_name, key = UNKNOWN_FIELD
    found = {"filter": filter_name, "path": [{"key": key}], "value": {"present_match": True}}
    return {"metadata_filter": {"matcher": found, "match_if_key_not_found": False}}


def _page() -> Config:
    return {"text_format_source": {"inline_string": PAGE}, "content_type": "text/html; charset=utf-8"}


def _is_error() -> Config:
    return _status_is("GE", 400)


def _status_is(compared: str, status: int) -> Config:
    value = {"default_value": status, "runtime_key": f"edge.errors.{status}"}
    return {"status_code_filter": {"comparison": {"op": compared, "value": value}}}


def _not_grpc() -> Config:
    # A local reply to a gRPC call is a grpc-message, and JSON would end up inside it. A transcoded request looks like
    # a gRPC call by then; the header of the transcoder tells them apart.
    plain = _header("content-type", {"string_match": {"prefix": "application/grpc"}}, invert_match=True)
    return {"or_filter": {"filters": [plain, _header("x-envoy-original-path", {"present_match": True})]}}


def _for_a_browser() -> Config:
    api = {"safe_regex": {"regex": r"/(v1|\.well-known|healthz|plein\.).*"}}
    wants_page = _header("accept", {"string_match": {"contains": "text/html"}})
    return {"and_filter": {"filters": [wants_page, _header(":path", {"string_match": api}, invert_match=True)]}}


def _header(name: str, match: Config, **more: Any) -> Config:
    # A missing header counts as an empty one, so that "is not gRPC" holds without a content type too.
    absent = {"treat_missing_header_as_empty": True} if "string_match" in match else {}
    return {"header_filter": {"header": {"name": name, **match, **absent, **more}}}
