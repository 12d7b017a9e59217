"""Reporting what is not right, from where it is shown."""

from typing import Any
from uuid import uuid4

import grpc
from plein.moderation.v1 import moderation_pb2
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from gateway.web.answers import back, member, page

REASONS = {
    moderation_pb2.REPORT_REASON_HARASSMENT: "Somebody is bullied or insulted",
    moderation_pb2.REPORT_REASON_HATE: "It stirs up hatred, or discriminates",
    moderation_pb2.REPORT_REASON_THREAT: "It threatens somebody",
    moderation_pb2.REPORT_REASON_SEXUAL: "It is of a sexual nature",
    moderation_pb2.REPORT_REASON_PRIVACY: "It tells what is private of somebody",
    moderation_pb2.REPORT_REASON_CONFIDENTIAL: "It tells what the organisation keeps confidential",
    moderation_pb2.REPORT_REASON_IMPERSONATION: "Somebody pretends to be somebody else",
    moderation_pb2.REPORT_REASON_SELF_HARM: "I worry about somebody",
    moderation_pb2.REPORT_REASON_FALSEHOOD: "It is untrue and does harm",
    moderation_pb2.REPORT_REASON_SPAM: "Unwanted advertising",
    moderation_pb2.REPORT_REASON_ILLEGAL: "The law forbids it",
    moderation_pb2.REPORT_REASON_OTHER: "Something else, which I describe below",
}
# What is said of a subject by the first part of its name.
SUBJECTS = {
    "posts": "Report this post",
    "groups": "Report this group",
    "people": "Report this profile",
    "articles": "Report this article",
    "comments": "Report this comment",
    "blogs": "Report this blog",
}
# What the service refuses, so that the sentence is there in every language.
REFUSALS = ("It is your own: you can change or delete it.", "Tell what is wrong with it.")
WRONG = (
    grpc.StatusCode.INVALID_ARGUMENT,
    grpc.StatusCode.FAILED_PRECONDITION,
    grpc.StatusCode.RESOURCE_EXHAUSTED,
)


async def report(request: Request) -> Response:
    """The form with which something is reported, and what it does."""
    if request.method == "GET":
        asked = request.query_params
        return await _form(request, asked.get("subject", ""), asked.get("back", "/"), str(uuid4()))
    form = await request.form()
    subject, note, way_back, request_id = (
        str(form.get(field, "")).strip() for field in ("subject", "note", "back", "request_id")
    )
    reason = int(text) if (text := str(form.get("reason", ""))).isdecimal() else 0
    try:
        made = await request.app.state.moderation.report(subject, reason, note, request_id)
    except grpc.aio.AioRpcError as error:
        if error.code() not in WRONG:
            raise
        wrong = error.details() or ""
        return await _form(request, subject, way_back, request_id, 400, reason=reason, note=note, error=wrong)
    return await page(request, "reported.html", report=made, back=back(way_back))


async def _form(
    request: Request,
    subject: str,
    way_back: str,
    request_id: str,
    status_code: int = 200,
    *,
    reason: int = 0,
    note: str = "",
    error: str = "",
) -> Response:
    values: dict[str, Any] = {"subject": subject, "back": back(way_back), "request_id": request_id, "reasons": REASONS}
    values["heading"] = SUBJECTS.get(subject.partition("/")[0], "Report this")
    return await page(request, "report.html", status_code, reason=reason, note=note, error=error, **values)


ROUTES = [Route("/report", member(report), methods=["GET", "POST"])]
