#!/bin/sh
# A device that takes 0, 50 and 500 us in the VMM: the differences appear in user
# space, and with --vmm in the VMM's work. On a host without icount, where idle
# time would race past every time-out of LTTng's.
. "$(dirname "$0")/lib.sh"
n=${COUNT:-2000}

for file in hyptrace-preload.so hyptrace-ust.so hyptrace-ust-session; do
	ln -f "$O/arm64/$file" "$share/"
done
cat >"$share/run.sh" <<'INSIDE'
for spin in 0 50 500; do
	for option in '' --vmm; do
		./hyptrace record $option -o /tmp/t -- ./hyptrace-vmm --cpu 1 --spin $spin \
			guest mmio="$1" || exit 1
		./hyptrace report --json /tmp/t >"report$option-$spin.json" || exit 1
		[ $spin != 50 ] || [ -z "$option" ] || cp -r /tmp/t trace || exit 1
		rm -rf /tmp/t
	done
done
INSIDE
lab --time-limit 900 -- sh run.sh "$n" || fail "recording"

# value FILE FILTER
value() {
	jq "$2" "$share/report$1.json"
}

user=.ledger.groups.io_emulation.accounts.user.p50
work=.ledger.groups.io_emulation.accounts.vmm_work.p50

# within WHAT NS WANTED: a difference is as much as the spins', within 10 %.
within() {
	expect_true "$1: ns" "$2 >= 0.9 * $3 && $2 <= 1.1 * $3"
}

# A spin of 0 is no work at all: 50 us come with a lock and readings of a clock, which
# an emulated host takes long for.
# differences WHAT NONE SOME MUCH: what an access takes with a spin of 0, 50 and 500 us.
differences() {
	within "$1, 500 us more than nothing" $(($4 - $2)) 500000
	within "$1, 500 us more than 50 us" $(($4 - $3)) 450000
	expect_true "$1, 50 us more than nothing: ns" "$3 - $2 > 45000 && $3 - $2 < 75000"
	over "$1" $(($3 - $2))
}

# over WHAT NS: how much 50 us are over 50 us.
over() {
	echo "note: $1, 50 us more than nothing: $2 ns, $((($2 - 50000) / 500)) % over"
}

# The device's row has the sum of all its accesses, each of which spins. Those that the
# machine below holds an emulated CPU up in take milliseconds: their mean is told, and has
# no upper bound that holds.
device='[.devices[] | select(.handled == "user")] | map(.ns) as $ns | map(.reads + .writes) as $n |
	($ns | add) / ($n | add) | floor'
for row in "$user|" "$work|--vmm"; do
	filter=${row%|*} option=${row#*|} with=${row#*|}
	with="an access${with:+ with }$with"
	none=$(value "$option-0" "$filter") some=$(value "$option-50" "$filter")
	differences "$with" "$none" "$some" "$(value "$option-500" "$filter")"
	for spin in 0 50 500; do
		mean=$(value "$option-$spin" "$device")
		expect_true "$with with $spin us, its device's row: mean ns" "$mean >= 0.9 * $spin * 1000"
		[ $spin != 0 ] || none=$mean
		[ $spin != 50 ] || over "$with, its device's row" $((mean - none))
	done
done
joined=$(value --vmm-50 .vmm_side.stays_joined)
expect_true "ways through user space joined" "$joined >= 9 * $n / 10"
babeltrace2 "$share/trace" "$share/trace/ust" >"$share/text" 2>"$share/warnings" ||
	fail "babeltrace2 cannot read both traces"
[ ! -s "$share/warnings" ] || fail "babeltrace2 warns: $(head -n 3 "$share/warnings")"
expect_true "stays in the VMM's trace" "$(grep -c hyptrace_vmm:stay "$share/text") >= $joined"

# The VMM's clock says a second more than it should: the join goes by the counter that
# both have, not by what it is called.
cp -r "$share/trace" "$share/shifted"
find "$share/shifted/ust" -name metadata -exec perl -pi -e \
	's/(?<=\toffset = )(\d{16,})/$1 + 1000000000/ge' {} +
! cmp -s "$(find "$share/trace/ust" -name metadata)" "$(find "$share/shifted/ust" -name metadata)" ||
	fail "the offset in the VMM's metadata was not found"
babeltrace2 "$share/shifted" "$share/shifted/ust" >"$share/text" 2>"$share/warnings" ||
	fail "babeltrace2 cannot read the shifted traces"
for trace in trace shifted; do
	"$O/hyptrace" report --json "$share/$trace" |
		jq -S '{ vmm_side, ledger, devices }' >"$share/$trace.json" || fail "report of $trace"
done
cmp "$share/trace.json" "$share/shifted.json" || fail "a shifted clock makes another report"
expect "joined with a clock that is 1 s off" "$(jq .vmm_side.stays_joined "$share/shifted.json")" "$joined"
