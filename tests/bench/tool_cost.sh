#!/bin/sh
# Is the tool's cost that the report states the one that a clock outside sees?
# Measured: the VMM's time (for the Linux guest: CPU time) recorded less
# unrecorded, an exit. Stated: the report's tool_cost. Under icount, split mode and VHE; they may differ by 20 %.
# MODES, BARRIERS and BOUND (per cent) may be set.
set -eu
cd "$(dirname "$0")/../.."
O=${O:-build}
modes=${MODES:-nvhe vhe}
barriers=${BARRIERS:-plain synchronised}
bound=${BOUND:-20}
share=$O/arm64/tool-cost
rm -rf "$share"
mkdir -p "$share"
for file in hyptrace hyptrace-vmm guest linux-guest.cpio; do
	ln -f "$O/arm64/$file" "$share/"
done
cp tests/bench/tool_cost_inside.sh "$share/"
# shellcheck disable=SC2086 # words
image=$("$O/hyptrace" lab --build-only ${LAB_OPTIONS:-} | sed -n 's/^image=//p')
cp "$image" "$share/Image"
: >"$share/samples"

for mode in $modes; do
	# shellcheck disable=SC2086 # words
	"$O/hyptrace" lab --share "$share" --icount --memory 2048 --time-limit 1800 \
		--mode "$mode" ${LAB_OPTIONS:-} -- bash tool_cost_inside.sh "$mode" $barriers
done

sample() {
	awk -v key="$1 $2 $3" '$1 " " $2 " " $3 == key { value = $4 } END { print value + 0 }' \
		"$share/samples"
}

# stated MODE GUEST BARRIERS: "EXITS NS-AN-EXIT LOST" of the report
stated() {
	[ ! -e "$share/trace-$1-$2-$3" ] || "$O/hyptrace" report --json "$share/trace-$1-$2-$3" |
		jq -r '"\(.exits.total) \(.tool_cost.ns_per_exit) \(.exits.lost)"'
}

echo "instructions an exit that recording adds"
for mode in $modes; do
	for guest in hypercall mmio linux; do
		for barrier in $barriers; do
			echo "$mode $guest $barrier $(sample "$mode" $guest none)" \
				"$(sample "$mode" $guest "$barrier") $(stated "$mode" $guest "$barrier")"
		done
	done
done | awk -v bound="$bound" '
	BEGIN { printf "%-5s %-10s %-13s %9s %8s %10s %10s %7s\n", "mode", "guest", "barriers",
		"exits", "slower", "measured", "stated", "ratio" }
	NF < 8 || !$4 || !$5 || !$6 {
		printf "%-5s %-10s %-13s not measured\n", $1, $2, $3
		absent++
		next
	}
	{
		measured = ($5 - $4) / $6
		ratio = measured ? $7 / measured : 0
		wrong = ratio < 1 - bound / 100 || ratio > 1 + bound / 100 || $8
		printf "%-5s %-10s %-13s %9d %6.1f %% %10.1f %10.1f %7.3f%s\n", $1, $2, $3, $6,
			100 * ($5 - $4) / $4, measured, $7, ratio, $8 ? "  " $8 " lost" : wrong ? "  over " bound " %" : ""
		bad += wrong
	}
	END { exit bad || absent ? 1 : 0 }'
