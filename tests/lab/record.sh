#!/bin/sh
# The ways to say what is recorded: all VMs until Ctrl-C, one process until it
# ends, a command whose children run the VM; and a progress line on a terminal.
. "$(dirname "$0")/lib.sh"
n=500

hypercalls() {
	"$O/hyptrace" report --json "$1" | jq '[.reasons[] | select(.class == "hvc" and
		(.detail | startswith("0x4b000000"))) | .count] | add // 0'
}

lab -- sh -c "
	./hyptrace record -a -o all 2>all.err & hyptrace=\$!
	while ! [ -s all/metadata ] && kill -0 \$hyptrace; do sleep 0.2; done
	./hyptrace-vmm --cpu 0 guest hypercall=$n >/dev/null 2>&1 & first=\$!
	./hyptrace-vmm --cpu 0,1 --vcpus 2 guest hypercall=$n >/dev/null 2>&1 || exit 2
	wait \$first
	sleep 0.2
	kill -INT \$hyptrace
	wait \$hyptrace || exit 3

	./hyptrace-vmm guest wfi=6000 hypercall=$n >/dev/null 2>&1 & vmm=\$!
	./hyptrace record -p \$vmm -o one 2>one.err || exit 4

	./hyptrace record -o child -- sh -c './hyptrace-vmm guest hypercall=$n >/dev/null 2>&1; exit 5' 2>child.err
	[ \$? -eq 5 ] || exit 6

	script -qefc './hyptrace record -o progress -- ./hyptrace-vmm guest wfi=1000' screen >/dev/null || exit 7
" || fail "recording, status $?"
cat "$share"/*.err

expect "-a: hypercalls of two VMs with three vCPUs" "$(hypercalls "$share/all")" $((3 * n))
expect "-a: VMs" "$("$O/hyptrace" report --json "$share/all" | jq '.vms | length')" 2
expect "-a: vCPUs" "$("$O/hyptrace" report --json "$share/all" | jq '[.vms[].vcpus] | add')" 3
expect "-p: hypercalls until the process ended" "$(hypercalls "$share/one")" $n
expect "a command's child: hypercalls" "$(hypercalls "$share/child")" $n
tr '\r' '\n' <"$share/screen" | grep -qE '^ +[0-9,]+ exits +[0-9.]+ [KM]?B +lost 0 ' ||
	fail "no progress line: $(cat "$share/screen")"
for trace in all one child progress; do
	babeltrace2 "$share/$trace" >/dev/null 2>"$share/warnings" || fail "babeltrace2 cannot read $trace"
	[ ! -s "$share/warnings" ] || fail "babeltrace2 warns on $trace: $(head -n 3 "$share/warnings")"
done
echo "ok: babeltrace2 reads all four without a warning"
