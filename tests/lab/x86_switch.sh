#!/bin/sh
# SIGUSR2 switches recording off and on on an x86 host, also where only the ends of
# KVM_RUN are seen.
arch=x86
. "$(dirname "$0")/lib.sh"
. tests/lab/lib-switch.sh

# hypercalls TRACE: reads of the port here, which both tiers see.
hypercalls() {
	"$O/hyptrace" report --json "$1" | jq '[.reasons[] | select(.name == "I/O port 0x500 read 1") |
		.count] | add // 0'
}

switched x86 '--tier x86' "pio=$n" 'mmio=4000000000'
switched generic '--tier generic' "pio=$n" 'mmio=4000000000'
