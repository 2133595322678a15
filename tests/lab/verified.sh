#!/bin/sh
# Every BPF object loads where the kernel has the types for it, on both kernel
# series and on Debian's own kernel, with less than 100,000 verified instructions
# a program.
. "$(dirname "$0")/lib.sh"
. tests/lab/lib-verified.sh

check 'series for 6.12' 'patched stock'
check 'series for 6.1' 'patched stock' --kernel 6.1
check "Debian's arm64 kernel" stock --stock
