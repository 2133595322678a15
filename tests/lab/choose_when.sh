#!/bin/sh
# When and where records are written, on an emulated nVHE host: switched off and
# on, in parts, from memory, and within a budget, counted against the guest.
. "$(dirname "$0")/lib.sh"
n=3000

lab --mode nvhe -- sh -c "
	vmm() {
		./hyptrace-vmm --cpu 1 guest \"\$@\" >/dev/null 2>&1
	}
	until_said() {
		until grep -q \"\$1\" off.err; do sleep 0.1; done
	}
	./hyptrace record -a -o off 2>off.err & hyptrace=\$!
	until [ -e off/vcpus ]; do sleep 0.1; done
	sleep 0.5
	vmm hypercall=$n || exit 2
	kill -USR2 \$hyptrace; until_said 'recording is off'
	vmm hypercall=$n || exit 3
	kill -USR2 \$hyptrace; until_said 'recording is on'
	vmm hypercall=$n || exit 4
	kill -INT \$hyptrace; wait \$hyptrace || exit 5

	./hyptrace record -o parts --rotate 256K -- ./hyptrace-vmm --cpu 1 guest hypercall=$n 2>parts.err || exit 6
	./hyptrace record -o flight --flight 256K -- ./hyptrace-vmm --cpu 1 guest hypercall=$n 2>flight.err || exit 7
	./hyptrace record -o budget --budget 1 -- ./hyptrace-vmm --cpu 1 guest hypercall=30000 2>budget.err || exit 8
" >/dev/null || fail "recording, status $?"
cat "$share"/*.err

# hypercalls TRACE OPTION...: by the report.
hypercalls() {
	"$O/hyptrace" report --json "$@" | jq '[.reasons[] | select(.class == "hvc" and
		(.detail | startswith("0x4b000000"))) | .count] | add // 0'
}

expect "off: hypercalls of two of three guests" "$(hypercalls "$share/off")" $((2 * n))
expect "off: lost" "$("$O/hyptrace" report --json "$share/off" | jq .exits.lost)" 0
expect "off: times" "$("$O/hyptrace" report "$share/off" | grep -c 'switched off: 1;')" 1

records=0 parts=0
for part in "$share"/parts/part-*; do
	babeltrace2 "$part" >/dev/null 2>"$share/warnings" || fail "babeltrace2 cannot read $part"
	[ ! -s "$share/warnings" ] || fail "babeltrace2 warns: $(head -n 3 "$share/warnings")"
	records=$((records + $(hypercalls "$part")))
	parts=$((parts + 1))
done
expect_true "parts" "$parts >= 2"
expect "parts: hypercalls in all of $parts" "$records" $n

found=$(hypercalls "$share/flight/dump-000001")
expect_true "flight: hypercalls in 256K: $found" "$found > 50 && $found < $n"
expect "flight: lost" "$("$O/hyptrace" report --json "$share/flight/dump-000001" | jq .exits.lost)" 0

expect "budget: hypercalls by totals" "$(hypercalls "$share/budget")" 30000
steps=$(babeltrace2 "$share/budget" | sed -n 's/.* choice: .*{ what = \(.\), one_of = \([0-9]*\), .*/\1,\2/p' | tr '\n' ' ')
expect "budget: the first step" "${steps%% *}" 2,10
echo "budget: steps $steps"
found=$(hypercalls "$share/budget" --records)
expect_true "budget: hypercalls with a record: $found" "$found < 30000"
expect "budget: lost" "$("$O/hyptrace" report --json "$share/budget" | jq .exits.lost)" 0
