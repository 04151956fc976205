"""Checks a service provider with scim2-tester: tester.py URL, with the bearer token in SCIM_TOKEN.

Prints each check that is no success, and how many were. Ends with 1 if any failed: a deviation from what the RFCs
recommend is a failure too.
"""

import os
import sys

from httpx2 import Client
from scim2_client.engines.httpx2 import SyncSCIMClient
from scim2_tester import Status, check_server

http = Client(base_url=sys.argv[1], headers={"Authorization": f"Bearer {os.environ['SCIM_TOKEN']}"}, timeout=30)
results = check_server(SyncSCIMClient(http))
good = (Status.SUCCESS, Status.COMPLIANT, Status.ACCEPTABLE)
passed = [result for result in results if result.status in good]
failed = [result for result in results if result.status not in (*good, Status.SKIPPED)]
for result in results:
    if result.status != Status.SUCCESS:
        print(result.status.name, result.title, result.resource_type or "", result.reason, result.data)
print(f"{len(passed)} passed, {len(failed)} failed")
sys.exit(1 if failed else 0)
