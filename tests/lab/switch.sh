#!/bin/sh
# SIGUSR2 switches recording off and on below tier patched: what a guest does while it
# is off is not counted, and the time is nobody's.
. "$(dirname "$0")/lib.sh"
. tests/lab/lib-switch.sh

# hypercalls TRACE: by the report.
hypercalls() {
	"$O/hyptrace" report --json "$1" | jq '[.reasons[] | select(.class == "hvc" and
		(.detail | startswith("0x4b000000"))) | .count] | add // 0'
}

host=--unpatched
switched stock "" "hypercall=$n" 'wfi_us=1000 wfi=100000000'
