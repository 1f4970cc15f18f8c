#!/usr/bin/env bash
# Compiles the fake accelerator for the libtorch of the POM, into the tests' resources: build.sh WORK
#
# WORK is a scratch folder, into which the headers of torch's public wheel of that version are unpacked (500 MB). Needs g++ 12 or
# newer, a JDK 17 and python3 with pip on linux-x86_64, and takes about a minute. To be run after a change of fake_accelerator.cpp
# or of pytorch.version; a test refuses a library that was made of another source.
set -euo pipefail
here=$(dirname -- "$(readlink -f -- "${BASH_SOURCE[0]}")")
work=$(readlink -m -- "${1:?the scratch folder}")
root=$here/../../../..
version=$(sed -n 's:.*<pytorch\.version>\([0-9.]*\)-.*:\1:p' "$root/pom.xml")
: "${version:?pom.xml has no pytorch.version}"
mkdir -p "$work"
if [[ ! -d $work/torch ]]; then
  python3 -m pip download -q --no-deps --only-binary=:all: --python-version 3.12 --implementation cp \
    --platform manylinux_2_28_x86_64 -d "$work" "torch==$version"
  unzip -qo "$work/torch-$version"*.whl 'torch/include/*' torch/lib/libtorch_cpu.so torch/lib/libc10.so -d "$work"
  rm -- "$work/torch-$version"*.whl
fi
: "${JAVA_HOME:=$(dirname -- "$(dirname -- "$(readlink -f -- "$(command -v javac)")")")}"
library=$here/../resources/native/libfake_accelerator.so
sha256=$(sha256sum "$here/fake_accelerator.cpp" | cut -d' ' -f1)
# The libraries are named as needed ones because JavaCPP loads libtorch for itself alone. No path of this machine stays inside.
cd "$here"
g++ -std=c++20 -O1 -fPIC -shared -pthread -w -s "-DSOURCE_SHA256=\"$sha256\"" "-ffile-prefix-map=$work=." "-ffile-prefix-map=$here=." \
  -I"$work/torch/include" -I"$work/torch/include/torch/csrc/api/include" -I"$JAVA_HOME/include" -I"$JAVA_HOME/include/linux" \
  fake_accelerator.cpp -o "$library" -L"$work/torch/lib" -Wl,--no-as-needed -ltorch_cpu -lc10 -Wl,--allow-shlib-undefined
ls -l "$library"
