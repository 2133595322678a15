#!/bin/sh
# Every BPF object for x86 hosts loads on Debian's own kernels, with less than 100,000
# verified instructions a program.
arch=x86
. "$(dirname "$0")/lib.sh"
. tests/lab/lib-verified.sh

for version in 6.12 6.1; do
	check "Debian's x86 kernel, $version" 'x86 generic' --kernel $version
done
