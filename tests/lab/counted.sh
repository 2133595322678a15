#!/bin/sh
# The counted guest: what the report says is what the guest did, to the exit.
. "$(dirname "$0")/lib.sh"
n=${COUNT:-10000}

# count FILTER: records of the reasons that a jq filter selects.
count() {
	jq "[.reasons[] | select($1) | .count] | add // 0" "$json"
}

for mode in nvhe vhe; do
	trace=$share/trace-$mode json=$share/report-$mode.json truth=$share/truth-$mode
	echo "-- $mode"
	lab --mode $mode -- ./hyptrace record --mem-ring 32M -o "trace-$mode" -- ./hyptrace-vmm --cpu 1 \
		--truth "truth-$mode" guest hypercall="$n" gicd="$n" mmio="$n" wfi="$n" ||
		fail "$mode: recording"
	"$O/hyptrace" report --json "$trace" >"$json" || fail "$mode: report"

	expect "hypercalls" "$(count '.class == "hvc" and (.detail | startswith("0x4b000000"))')" "$n"
	expect "GICD_IIDR reads" \
		"$(count '.class == "mmio" and (.detail | startswith("0x8000008 read")) and .handled == "kernel"')" "$n"
	expect "UARTFR reads" \
		"$(count '.class == "mmio" and (.detail | startswith("0x9000018 read")) and .handled == "user"')" "$n"
	expect "WFIs" "$(count '.class == "wfi"')" "$n"
	expect "WFIs that KVM counted" "$(truth "$truth" wfi_exit_stat)" "$n"
	expect "user-space exits" "$(count '.handled == "user"')" "$(truth "$truth" kvm_run_returns)"
	for what in lost clamped torn; do
		expect "$what" "$(jq ".exits.$what" "$json")" 0
	done
	jq -r '.reasons[] | select(.class == "irq" or .class == "stage2") |
		"printed, not asserted: \(.name): \(.count)"' "$json"

	babeltrace2 "$trace" >"$share/text" 2>"$share/warnings" || fail "babeltrace2 cannot read $trace"
	[ ! -s "$share/warnings" ] || fail "babeltrace2 warns: $(head -n 3 "$share/warnings")"
	expect "exits that babeltrace2 reads" "$(grep -c ' exit: {' "$share/text")" \
		"$(jq '.exits.total' "$json")"
	rm -f "$share/text"
done
