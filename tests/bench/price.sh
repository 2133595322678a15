#!/bin/sh
# What tracing costs, in instructions per operation under icount (one vCPU,
# pinned): each way to trace, and each part of hyptrace's way, against the
# unpatched kernel, split mode and VHE. Each operation is one exit. ROUNDS and
# MODES may be set.
set -eu
cd "$(dirname "$0")/../.."
O=${O:-build}
modes=${MODES:-nvhe vhe}
share=$O/arm64/price
rm -rf "$share"
mkdir -p "$share"
for file in hyptrace hyptrace-vmm guest attach-empty; do
	ln -f "$O/arm64/$file" "$share/"
done
cp tests/bench/price.rows tests/bench/price_inside.sh tests/bench/hold.sh "$share/"
: >"$share/samples"

# inside KERNEL MODE LAB-OPTION...
inside() {
	kernel=$1 mode=$2
	shift 2
	# shellcheck disable=SC2086 # words
	"$O/hyptrace" lab --share "$share" --icount --mode "$mode" "$@" ${LAB_OPTIONS:-} -- \
		sh price_inside.sh "$kernel" "$mode" "${ROUNDS:-3}"
}

# How many stamps a hypercall's exit executes: the stages that its record has
# touched, and the one at the vector, where it begins.
count_stamps() {
	stages=$(sed -n 's/.*\<stages = "\([^"]*\)".*/\1/p' "$1/metadata" | head -n 1)
	babeltrace2 "$1" | awk -v stages="$stages" '
		BEGIN { n = split(stages, name, " "); for (i = 1; i <= n; i++) is_stage[name[i]] = 1 }
		/ exit: / && /esr = 0x5[aA]/ {
			touched = 1
			for (i = 1; i < NF; i++)
				if ($(i + 1) == "=" && $i in is_stage)
					touched++
			records[touched]++
		}
		END {
			for (touched in records)
				if (records[touched] > most) {
					most = records[touched]
					typical = touched
				}
			print typical + 0
		}'
}

for mode in $modes; do
	inside unpatched "$mode" --unpatched
	inside patched "$mode"
	[ ! -e "$share/trace-$mode" ] || count_stamps "$share/trace-$mode" >"$share/stamps-$mode"
done
status=0
awk -v modes="$modes" -v folder="$share" -f tests/bench/price.awk tests/bench/price.rows "$share/samples" || status=1
echo "The stock tools run on the unpatched kernel. Barriers cost one instruction under emulation."
exit $status
