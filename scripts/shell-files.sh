#!/bin/sh
# Lists the shell scripts of the repository, for lint: every tracked file that begins with a shell's #! line.
# SPDX-License-Identifier: Apache-2.0
set -eu
cd "$(dirname "$0")/.."
git grep -lE '^#!.*[/ ](ba|da)?sh( |$)' -- ':!*.md' ':!*.swift' | while read -r file; do
    head -n 1 "$file" | grep -qE '^#!.*[/ ](ba|da)?sh( |$)' && printf '%s\n' "$file"
done || true
