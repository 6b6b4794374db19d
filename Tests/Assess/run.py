#!/usr/bin/env python3
# The finished program's assessments against what other programs say: runs the checks and tells which failed.
# SPDX-License-Identifier: Apache-2.0
#
#   run.py PROGRAMS [CHECK...]   PROGRAMS: the folder with the built programs; default: all checks
# Prints one line PASS or FAIL per claim. Exit status 0 if all hold, else 1.
import pathlib
import sys
import time

import check_conditioning
import check_cutoffs
import check_ent
import check_iid
import check_noniid
import check_profile
import check_restart
import check_rngtest
import check_schema
import check_sp80022
from support import Run

CHECKS = {
    "noniid": check_noniid,
    "iid": check_iid,
    "restart": check_restart,
    "sp80022": check_sp80022,
    "conditioning": check_conditioning,
    "cutoffs": check_cutoffs,
    "ent": check_ent,
    "rngtest": check_rngtest,
    "profile": check_profile,
    "schema": check_schema,
}


def main():
    if len(sys.argv) < 2:
        sys.exit(f"usage: {sys.argv[0]} PROGRAMS [CHECK...], checks: {' '.join(CHECKS)}")
    names = sys.argv[2:] or list(CHECKS)
    unknown = [name for name in names if name not in CHECKS]
    if unknown:
        sys.exit(f"no such check: {' '.join(unknown)}; there are: {' '.join(CHECKS)}")
    began = time.monotonic()
    with Run(pathlib.Path(sys.argv[1]).resolve()) as run:
        for name in names:
            run.perform(name, CHECKS[name].check)
    seconds = time.monotonic() - began
    if run.failures:
        print(f"assess: {run.failures} of {run.claims} claims FAILED, {seconds:.0f} s")
        sys.exit(1)
    print(f"assess: all {run.claims} claims hold, {seconds:.0f} s")


main()
