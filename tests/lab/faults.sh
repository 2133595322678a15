#!/bin/sh
# What goes wrong beside a real guest: the VMM is killed, hyptrace is ended, two of
# them at once, the directory removed, and a VM whose name needs quoting.
. "$(dirname "$0")/lib.sh"

cat >"$share/inside.sh" <<'INSIDE'
mkdir /tmp/work && cp hyptrace hyptrace-vmm guest /tmp/work && cd /tmp/work || exit 9
trap 'mv ./*.err ./*.before vmm-killed command-killed terminated first second again name /share/ 2>/dev/null' EXIT
# One that sleeps most of the time; and not to /share, which is slow and stores other
# bytes of a killed process than it was given.
guest='./hyptrace-vmm --cpu 1 guest wfi=100000000'
begin() {
	$guest >/dev/null 2>&1 &
	vmm=$!
	sleep 0.5
}
# written FILE: it has records, within 30 s.
written() {
	tries=0
	until [ "$(stat -c %s "$1" 2>/dev/null || echo 0)" -gt 8192 ] || [ $tries -ge 300 ]; do
		sleep 0.1
		tries=$((tries + 1))
	done
}

# The VMM is killed, and as COMMAND too.
begin
./hyptrace record -o vmm-killed -p $vmm 2>vmm-killed.err & hyptrace=$!
written vmm-killed/exits_1
kill -9 $vmm
wait $hyptrace || exit 10
./hyptrace record -o command-killed -- sh -c "echo \$\$ >pid; exec $guest" >/dev/null 2>command-killed.err & hyptrace=$!
written command-killed/exits_1
kill -9 "$(cat pid)"
wait $hyptrace
[ $? -eq 137 ] || exit 11

# SIGTERM goes to COMMAND too, whose end is the status.
./hyptrace record -o terminated -- $guest >/dev/null 2>terminated.err & hyptrace=$!
written terminated/exits_1
kill -TERM $hyptrace
wait $hyptrace
[ $? -eq 143 ] || exit 12

# Two at once: the first one's end leaves the other's stamps on.
begin
./hyptrace record --mem-ring 4K -o first -p $vmm 2>first.err & first=$!
./hyptrace record -o second -p $vmm 2>second.err & second=$!
written first/exits_1
written second/exits_1
kill -STOP $first
sleep 1
kill -CONT $first
kill -INT $first
wait $first || exit 13
stat -c %s second/exits_1 >second.before
sleep 1
kill -INT $second
wait $second || exit 14

# The directory goes, the guest stays; and another one can begin.
./hyptrace record -o removed -p $vmm 2>removed.err & hyptrace=$!
written removed/exits_1
rm -rf removed
wait $hyptrace
[ $? -eq 1 ] || exit 15
kill -0 $vmm || exit 16
./hyptrace record -o again --duration 500ms -p $vmm 2>again.err || exit 17
kill -9 $vmm

./hyptrace record -o name -- ./hyptrace-vmm --cpu 1 --name 'a"b' guest hypercall=100 >/dev/null 2>name.err || exit 18
INSIDE

lab --time-limit 300 -- sh inside.sh || fail "step $?: $(tail -n 3 "$share"/*.err)"
for trace in vmm-killed command-killed terminated first second again name; do
	babeltrace2 "$share/$trace" >"$share/text" 2>"$share/warnings" || fail "$trace: babeltrace2"
	grep -q ' end: ' "$share/text" || fail "$trace: is not complete"
	grep -vq 'discarded' "$share/warnings" && fail "$trace: $(head -n 3 "$share/warnings")"
	expect_true "$trace: records" "$(grep -Ec ' (start|exit|continuation): ' "$share/text") > 10"
done
grep -q 'lost [1-9]' "$share/first.err" || fail "the first of two lost nothing: $(cat "$share/first.err")"
grep -q 'lost 0,' "$share/second.err" || fail "the second of two: $(cat "$share/second.err")"
expect_true 'the second of two, when the first was gone: bytes more' \
	"$(wc -c <"$share/second/exits_1") > $(cat "$share/second.before")"
expect 'the second of two: records without a stamp' \
	"$("$O/hyptrace" report --json "$share/second" | jq .exits.incomplete)" 0
grep -q "'removed' was removed while it was recorded into" "$share/removed.err" ||
	fail "removed: $(cat "$share/removed.err")"
expect 'the name' "$("$O/hyptrace" report --json "$share/name" | jq -r '.vms[0].name')" 'a"b'
