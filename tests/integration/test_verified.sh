#!/bin/sh
# Every BPF object that this machine's kernel has the types for loads, with less
# than 100,000 verified instructions a program.
cd "$(dirname "$0")/../.." || exit 1
O=${O:-build}
[ "$(id -u)" -eq 0 ] || {
	echo "loading BPF programs needs root"
	exit 77
}
"$O/verified"
