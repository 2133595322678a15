#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Each mode boots and is the one that was asked for, as the kernel itself says.
# LAB_OPTIONS: options for every run, for example --unpatched.
set -u
cd "$(dirname "$0")/../.." || exit
hyptrace=$(realpath "${O:-build}")/hyptrace
command -v qemu-system-aarch64 >/dev/null || {
	echo "qemu-system-aarch64 is not installed"
	exit 77
}
failed=0

boots() {
	mode=$1 says=$2
	# shellcheck disable=SC2086 # words
	found=$("$hyptrace" lab --time-limit 120 --mode "$mode" ${LAB_OPTIONS:-} dmesg </dev/null |
		grep -o '[^:]*VHE mode initialized')
	[ "$found" = " $says mode initialized" ] && return
	echo "--mode $mode: the kernel says '$found'"
	failed=1
}

boots nvhe 'Hyp nVHE'
boots vhe 'VHE'
boots hvhe 'Hyp hVHE'
boots protected 'Protected hVHE'
exit $failed
