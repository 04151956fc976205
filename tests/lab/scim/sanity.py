"""Checks a service provider with scim-sanity: sanity.py URL, with the bearer token in SCIM_TOKEN.

Prints its report in JSON, and ends with 1 if anything failed. The tool adds a member that is nobody, and expects
success; here the member is a person who is there.
"""

import os
import sys

from scim_sanity.http_client import SCIMClient
from scim_sanity.payload_factory import make_user
from scim_sanity.probe import tests
from scim_sanity.probe.runner import run_probe

url, token = sys.argv[1], os.environ["SCIM_TOKEN"]
person = SCIMClient(url, token=token).post("/Users", make_user()).json()["id"]
make_patch = tests.make_patch


def with_somebody(operations):
    for operation in operations:
        if operation["op"] == "add" and operation["path"] == "members":
            operation["value"] = [{"value": person}]
    return make_patch(operations)


tests.make_patch = with_somebody
sys.exit(run_probe(url, token=token, json_output=True, accept_side_effects=True))
