#!/bin/sh
# The dashboard on real totals: of one run that record, stat and live watch at the
# same time, the snapshot that a key saves says what the others say, once the VM
# has ended; the screen says that it ended; and COMMAND's status is passed on.
. "$(dirname "$0")/lib.sh"
n=${COUNT:-300}

# agreed FILE: what several observers of one run see alike; as in stat.sh.
agreed() {
	jq -S '{ exits: (.exits | del(.from_totals)), wall: .ledger.wall_ns, vms: [.vms[].vcpus],
		guest: .ledger.groups.guest.ns,
		counts: [.ledger.groups[].accounts | del(.preempted, .irq) | map_values(.count?)],
		reasons: [.reasons[] | [.name, .handled, .count, .ns.sum]] | sort, devices }' "$1"
}

# rows FILE: name, who, count of each reason on the saved screen.
rows() {
	sed -n '/^exits by reason/,/^$/p' "$1" | tr -d , |
		sed -n 's/^\(.*[^ ]\)  *\(el2\|kernel\|user\)  *\([0-9]*\) .*/\1|\2|\3/p' | sort
}

cat >"$share/watched" <<'END'
#!/bin/sh
# Keys come from here: to the exits, and once the VM has ended, save and quit.
keys() {
	sleep 3
	printf 2
	while [ ! -s "truth-$1" ]; do sleep 0.2; done
	sleep 3
	printf w
	sleep 3
	printf q
}
keys "$1" | script -qefc "stty cols 140 rows 40; TERM=vt100 LC_ALL=C XDG_CONFIG_HOME=/tmp \
	./hyptrace live -o guest.out -- ./hyptrace-vmm --cpu 1 --truth truth-$1 \
	guest hypercall=$2 gicd=$2 mmio=$2 wfi=$2" /dev/null >"screen-$1"
END
chmod +x "$share/watched"

for mode in nvhe vhe; do
	rm -f "$share"/hyptrace-2*
	lab --mode $mode -- sh -c "./hyptrace record -o trace-$mode -- \
		./hyptrace stat --json -- sh -c './watched $mode $n >watched.out 2>&1' >stat.json" 2>"$share/err" ||
		fail "$mode: status $?: $(cat "$share/err" "$share/watched.out")"
	text=$(echo "$share"/hyptrace-2*.txt) json=$(echo "$share"/hyptrace-2*.json)
	[ -s "$json" ] || fail "$mode: nothing was saved: $(cat "$share/screen-$mode")"
	"$O/hyptrace" report --json "$share/trace-$mode" >"$share/report.json" || fail "$mode: report"
	agreed "$json" >"$share/of-live"
	agreed "$share/stat.json" >"$share/of-stat"
	agreed "$share/report.json" >"$share/of-report"
	diff "$share/of-live" "$share/of-stat" || fail "$mode: live and stat disagree"
	diff "$share/of-live" "$share/of-report" || fail "$mode: live and report disagree"
	echo "ok: $mode: live, stat and report agree on $(jq .exits.total "$json") exits"
	jq -r '.reasons[] | "\(.name | gsub(","; ""))|\(.handled)|\(.count)"' "$json" | sort >"$share/of-json"
	rows "$text" | diff - "$share/of-json" || fail "$mode: the saved screen is another"
	expect "$mode: hypercalls" "$(sed -n 's/^HVC 0x4b000000|kernel|//p' "$share/of-json")" "$n"
	grep -q 'VM ended: ' "$text" || fail "$mode: the screen does not say that the VM ended"
done
