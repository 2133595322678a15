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
# A spin of 0 is no work at all: 50 us come with a lock and readings of a clock, which
# an emulated host takes long for.
for row in "$user|" "$work|--vmm"; do
	filter=${row%|*} option=${row#*|}
	none=$(value "$option-0" "$filter") some=$(value "$option-50" "$filter")
	expect_true "50 us${option:+ with }$option: ns more than nothing" "$some - $none > 45000"
	expect_true "500 us${option:+ with }$option: ns more than 50 us" \
		"$(value "$option-500" "$filter") - $some > 405000 && \
		$(value "$option-500" "$filter") - $some < 495000"
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
