#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# The generic tier on this machine's own KVM: each return from KVM_RUN counted. That
# KVM may emulate its guests, whose exits no tracepoint of its own tells.
set -u
cd "$(dirname "$0")/../.." || exit 1
build=${O:-build}
n=1000

skip() {
	echo "$*"
	exit 77
}

[ "$(uname -m)" = x86_64 ] || skip "the generic tier is for x86 hosts, and this is $(uname -m)"
[ -c /dev/kvm ] || skip 'this machine has no /dev/kvm'
[ "$(id -u)" = 0 ] || skip 'loading BPF programs needs root'
command -v jq >/dev/null || skip 'jq is not installed'
[ -x "$build/x86/hyptrace-vmm" ] || skip "$build/x86/hyptrace-vmm is missing: run 'make x86'"
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
vmm="$build/x86/hyptrace-vmm --truth $work/truth $build/x86/guest pio=$n mmio=$n"

$vmm >/dev/null 2>"$work/err" || skip "this machine's KVM does not run the guest: $(tail -n 1 "$work/err")"
# shellcheck disable=SC2086
if ! "$build/hyptrace" stat --tier generic --json -- $vmm >"$work/json" 2>"$work/err"; then
	! grep -Eq 'lacks the tracepoints|does not permit|lacks CAP' "$work/err" || skip "$(tail -n 1 "$work/err")"
	echo "FAIL: stat: $(cat "$work/err")"
	exit 1
fi

# Reads of the port, of memory; all returns.
found=$(jq -c '[([.reasons[] | select(.name == "I/O port 0x500 read 1") | .count] | add),
	([.reasons[] | select(.name == "MMIO 0x10000000 read 4") | .count] | add), .exits.total]' "$work/json")
wanted="[$n,$n,$(sed -n 's/^vcpu=all .*\<kvm_run_returns=\([0-9]*\).*/\1/p' "$work/truth")]"
[ "$found" = "$wanted" ] || {
	echo "FAIL: reads of the port, of memory, all returns: $found, not $wanted"
	exit 1
}
echo "ok: reads of the port, of memory, all returns: $found"
