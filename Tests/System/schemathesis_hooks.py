"""What schemathesis must not do: delete the token that it comes with, for then all else would be 401, and listen to a
stream that never ends."""

import os

import schemathesis

NOBODY = "00000000-0000-4000-8000-000000000000"


@schemathesis.hook
def before_call(context, case, kwargs):
    parameters = case.path_parameters
    if parameters and case.path.startswith("/api/v1/tokens/") and parameters.get("id") == os.environ["AIFW_OWN_TOKEN"]:
        parameters["id"] = NOBODY
    if case.path == "/api/v1/events" and (case.query or {}).get("follow", True) in (True, "true"):
        case.query = dict(case.query or {}) | {"follow": "false"}
