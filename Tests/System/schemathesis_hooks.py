"""What schemathesis must not do: delete the token that it comes with, for then all else would be 401."""

import os

import schemathesis

NOBODY = "00000000-0000-4000-8000-000000000000"


@schemathesis.hook
def before_call(context, case, kwargs):
    parameters = case.path_parameters
    if parameters and case.path.startswith("/api/v1/tokens/") and parameters.get("id") == os.environ["AIFW_OWN_TOKEN"]:
        parameters["id"] = NOBODY
