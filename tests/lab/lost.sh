#!/bin/sh
# A ring of one page, and the collector stopped for 1 s: records are lost, and nothing
# else is. Totals are exact, babeltrace2 warns of each stream's number, and no record
# reaches back over a gap.
. "$(dirname "$0")/lib.sh"
n=${COUNT:-3000}

# The count of the last packet: word 7 of it; in word 6 is its size (struct packet_head).
discarded() {
	od -An -v -tu8 -w512 "$1" | awk 'BEGIN { begin = 1 }
		NR == begin { begin += $7 / 8 / 512; count = $8 }
		END { print count }'
}

# The stages of each record add up to its end; the guest before it began no earlier
# than the vCPU's last record that is there had ended, and later behind a gap.
check_gaps() {
	awk '/ (start|exit|continuation): / {
		fields = split($0, field, /[{},]/)
		delete value
		own = stages = 0
		for (i = 1; i <= fields; i++) {
			if (split(field[i], pair, " = ") != 2)
				continue
			gsub(/ /, "", pair[1])
			if (stages)
				own += pair[2]
			else
				value[pair[1]] = pair[2]
			if (pair[1] == "stages")
				stages = 1
		}
		vcpu = value["vcpu"]
		from = value["begin"] - (/ start: / ? 0 : value["guest"] + value["el2_time"])
		if (records++ && value["seq"] != seq + 1)
			gaps++
		if (records > 1 && (from < end || (value["seq"] != seq + 1 && from == end)))
			spans++
		seq = value["seq"]
		end = value["begin"] + own
	}
	END { printf "%d %d %d\n", records, gaps, spans }' "$1"
}

for mode in nvhe vhe; do
	trace=$share/trace-$mode
	lab --mode $mode --time-limit 300 -- sh -c "
		./hyptrace record --mem-ring 4K -o trace-$mode -- sh -c '
			(sleep 0.5; kill -STOP \$PPID; sleep 1; kill -CONT \$PPID) &
			exec ./hyptrace-vmm --cpu 1 --truth truth-$mode guest hypercall=$n mmio=$n gicd=$n'" \
		>/dev/null 2>"$share/err" || fail "$mode: $(cat "$share/err")"
	"$O/hyptrace" report --json "$trace" >"$share/report.json" || fail "$mode: report"
	lost=$(jq .exits.lost "$share/report.json")
	expect_true "$mode: lost" "$lost > 0"
	expect "$mode: hypercalls, MMIO and GICD accesses, user-space exits" "$(jq -c '[.reasons[]] |
		def sum(f): map(select(f) | .count) | add // 0;
		[ sum(.class == "hvc" and (.detail | startswith("0x4b000000"))),
		  sum(.class == "mmio" and (.detail | startswith("0x9000018 read"))),
		  sum(.class == "mmio" and (.detail | startswith("0x8000008 read"))),
		  sum(.handled == "user")]' "$share/report.json")" \
		"[$n,$n,$n,$(truth "$share/truth-$mode" kvm_run_returns)]"
	expect "$mode: the accounts' sum" "$(jq '[.ledger.groups[].ns] | add' "$share/report.json")" \
		"$(jq .ledger.wall_ns "$share/report.json")"

	babeltrace2 "$trace" >"$share/text" 2>"$share/warnings" || fail "$mode: babeltrace2"
	sum=0
	for stream in "$trace"/exits_*; do
		warned=$(grep -o "discarded [0-9]* events\{0,1\} .*$(basename "$stream")\"" "$share/warnings" |
			awk '{ sum += $2 } END { print sum + 0 }')
		expect "$mode: $(basename "$stream"): discarded, as babeltrace2 warns" "$warned" "$(discarded "$stream")"
		sum=$((sum + warned))
	done
	expect "$mode: discarded in all streams" "$sum" "$lost"
	check_gaps "$share/text" >"$share/gaps"
	read -r records gaps spans <"$share/gaps"
	expect_true "$mode: records, gaps between them" "$records > 0 && $gaps > 0"
	expect "$mode: records that span a gap" "$spans" 0
	rm -f "$share/text"
done
