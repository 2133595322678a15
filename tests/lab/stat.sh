#!/bin/sh
# stat counts what the guest did, at intervals too; and of one run that stat and
# record watch at the same time, both say the same.
. "$(dirname "$0")/lib.sh"
n=${COUNT:-300}

# guest NAME [OPERATION...]: the COMMAND, whose own output goes to a file.
guest() {
	name=$1
	shift
	echo "sh -c './hyptrace-vmm --cpu 1 --truth truth-$name guest hypercall=$n $* >guest.out'"
}
all="gicd=$n mmio=$n wfi=$n"

# counted FILE: what the guest knows of, of all intervals added up.
counted() {
	jq -sc '[.[].reasons[]] |
		def sum(f): map(select(f) | .count) | add // 0;
		[ sum(.class == "hvc" and (.detail | startswith("0x4b000000"))),
		  sum(.class == "mmio" and (.detail | startswith("0x8000008 read")) and .handled == "kernel"),
		  sum(.class == "mmio" and (.detail | startswith("0x9000018 read")) and .handled == "user"),
		  sum(.class == "wfi"), sum(.handled == "user")]' "$1"
}

# groups FILE: how long records were in each group: how many, and the medians.
groups() {
	jq -r '.ledger.groups | to_entries[] | select(.value.lengths) |
		"\(.key) \(.value.lengths.count) \(.value.lengths.p50) \(.value.lengths.max)"' "$1"
}

# agreed FILE: what two observers of one run see alike. Each one's programs see the
# begin of a pause at another time, so the accounts that pauses are taken out of are
# left out; and totals do not tell a run that turned back at the last moment from an exit.
agreed() {
	jq -S '{ exits: (.exits | del(.from_totals)), wall: .ledger.wall_ns, vms: [.vms[].vcpus],
		guest: .ledger.groups.guest.ns,
		counts: [.ledger.groups[].accounts | del(.preempted, .irq) | map_values(.count?)],
		classes: (.classes.rows | map_values(del(.exit) | map_values(.count?))),
		reasons: [.reasons[] | [.name, .handled, .count, .ns.sum]] | sort, devices }' "$1"
}

echo "exec ./hyptrace stat --json -- $(guest both "$all") >both.json" >"$share/both.sh"

for mode in nvhe vhe; do
	lab --mode $mode -- sh -c "
		./hyptrace stat --json -- $(guest all "$all") >all.json || exit 1
		./hyptrace stat -I 100 --json -- $(guest parts "$all") >parts.json || exit 2
		./hyptrace record -o trace-$mode -- ./hyptrace stat --json --by group -- sh both.sh >groups.json || exit 3
		./hyptrace stat --by reason -- $(guest text) >text || exit 4
		./hyptrace stat --barriers synchronised --json -- $(guest barriers) >barriers.json || exit 5
		./hyptrace record -o plain -- ./hyptrace stat --barriers synchronised -- true 2>refused && exit 6
		exit 0" 2>"$share/err" ||
		fail "$mode: status $?: $(cat "$share/err")"
	for run in all parts both; do
		expect "$mode: $run: hypercalls, GICD, MMIO, WFIs, user-space exits" "$(counted "$share/$run.json")" \
			"[$n,$n,$n,$n,$(truth "$share/truth-$run" kvm_run_returns)]"
	done
	expect_true "$mode: intervals" "$(wc -l <"$share/parts.json") > 2"
	expect "$mode: lost" "$(jq .exits.lost "$share/all.json")" 0
	expect "$mode: the accounts' sum" "$(jq '[.ledger.groups[].ns] | add' "$share/all.json")" \
		"$(jq .ledger.wall_ns "$share/all.json")"
	"$O/hyptrace" report --json "$share/trace-$mode" >"$share/report.json" || fail "$mode: report"
	agreed "$share/both.json" >"$share/of-stat"
	agreed "$share/report.json" >"$share/of-report"
	diff "$share/of-stat" "$share/of-report" || fail "$mode: stat and report disagree"
	# Buckets are 6 % wide.
	groups "$share/groups.json" >"$share/groups-of-stat"
	groups "$share/report.json" >"$share/groups-of-report"
	expect "$mode: groups" "$(wc -l <"$share/groups-of-stat")" 6
	expect "$mode: groups: records" "$(cut -d ' ' -f 1,2 "$share/groups-of-stat")" \
		"$(cut -d ' ' -f 1,2 "$share/groups-of-report")"
	paste -d ' ' "$share/groups-of-stat" "$share/groups-of-report" | awk '
		{ far = ($3 > $7 ? $3 - $7 : $7 - $3) / $7; if (!(far < 0.07)) { print "far: " $0; status = 1 } }
		END { exit status }' || fail "$mode: medians by group"
	expect "$mode: groups of a stat without" "$(groups "$share/both.json")" ''
	echo "ok: $mode: stat and the report of a recording agree on $(jq -c .exits.total "$share/both.json") exits"
	expect "$mode: barriers" "$(jq -r .host.barriers "$share/barriers.json" "$share/all.json" | tr '\n' ' ')" \
		'synchronised plain '
	grep -q 'another recording runs without --barriers synchronised' "$share/refused" || fail "$(cat "$share/refused")"
	rm -rf "$share/plain"
	hypercalls=$(sed -n 's/^HVC 0x4b000000 *kernel *\([0-9,]*\) .*/\1/p' "$share/text" | tr -d ,)
	expect "$mode: --by reason: hypercalls" "$hypercalls" "$n"
done
