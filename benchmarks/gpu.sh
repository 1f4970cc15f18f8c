#!/usr/bin/env bash
# Measures dapt on this machine's GPU: what is installed, the tests on the device, then figures beside Transformers + PEFT.
#
#   mvn -DskipTests -Pgpu package && benchmarks/gpu.sh                what a card does, within 8 minutes
#   mvn -DskipTests package && benchmarks/gpu.sh --device cpu         the same with tiny models on the processor, to rehearse
#
# --help lists the options. PYTHON names the Python (3.11 or newer; torch, transformers and peft for the other side),
# DAPT, DAPT_JAVA and DAPT_TEST_CLASSPATH what runs dapt and its tests where they lie elsewhere: see benchmarks/README.md.
set -euo pipefail
here=$(dirname -- "$(readlink -f -- "${BASH_SOURCE[0]}")")
exec "${PYTHON:-python3}" "$here/gpu.py" "$@"
