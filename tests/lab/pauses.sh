#!/bin/sh
# Who preempts and what interrupts a VM whose two vCPUs share a CPU with a busy loop named
# `burner`, and in which cgroup the VM is: recorded, and by stat.
. "$(dirname "$0")/lib.sh"
n=${COUNT:-5000}

cat >"$share/run.sh" <<'INSIDE'
mode=$1
[ -e /sys/fs/cgroup/cgroup.procs ] || mount -t cgroup2 none /sys/fs/cgroup || exit 2
mkdir /sys/fs/cgroup/fleet /sys/fs/cgroup/fleet/guest-7 || exit 3
cp "$(command -v dash)" /tmp/burner || exit 4
taskset -c 1 /tmp/burner -c 'while :; do :; done' &
burner=$!
sed -n 's/^ *\([0-9]*\):.* arch_timer$/\1/p' /proc/interrupts >timer
# COMMAND: the guest, in that cgroup.
cat >guest.sh <<'GUEST'
echo $$ >/sys/fs/cgroup/fleet/guest-7/cgroup.procs &&
	exec ./hyptrace-vmm --name shared --vcpus 2 --cpu 1,1 --truth truth guest hypercall=$1 >/dev/null
GUEST
taskset -c 0 ./hyptrace record -o "trace-$mode" -- sh guest.sh "$2" || exit 5
taskset -c 0 ./hyptrace stat --json -- sh guest.sh "$2" >"stat-$mode.json" || exit 6
taskset -c 0 ./hyptrace stat --by irq -- sh guest.sh "$2" >"irqs-$mode" || exit 7
kill $burner
INSIDE

# count TABLE FILTER: how often, by the rows of a table in $json that a jq filter selects.
count() {
	jq "[.$1[] | select($2) | .count] | add // 0" "$json"
}

# row FILE NAME: how often the table's row with this name says.
row() {
	sed -n "s/^$2  *\([0-9,]*\) .*/\1/p" "$1" | tr -d ,
}

# pauses WHAT
pauses() {
	expect_true "$1: times that burner preempted" "$(count preempters '.name == "burner"') > 10"
	expect_true "$1: times that the other vCPU did" "$(count preempters '.name == "hyptrace-vmm"') > 0"
	expect_true "$1: times that irq $timer interrupted" \
		"$(count interrupts ".kind == \"irq\" and .number == $timer") > 10"
	expect "$1: VM and cgroup" "$(jq -c '[.vms[] | [.name, .vcpus, .cgroup]]' "$json")" \
		'[["shared",2,"/fleet/guest-7"]]'
}

for mode in nvhe vhe; do
	lab --mode $mode --time-limit 300 -- sh run.sh $mode "$n" 2>"$share/err" ||
		fail "$mode: status $?: $(cat "$share/err")"
	trace=$share/trace-$mode timer=$(cat "$share/timer")
	expect_true "$mode: the arch timer's number" "0$timer > 0"

	json=$share/report.json
	"$O/hyptrace" report --json "$trace" >"$json" || fail "$mode: report"
	pauses "$mode: record"
	"$O/hyptrace" report "$trace" | grep -q 'shared (pid [0-9]*, cgroup /fleet/guest-7): 2 vCPUs' ||
		fail "$mode: the report's header does not name the cgroup"
	"$O/hyptrace" report --by preempter "$trace" >"$share/table" || fail "$mode: report --by preempter"
	expect "$mode: report --by preempter: burner" "$(row "$share/table" burner)" \
		"$(count preempters '.name == "burner"')"
	"$O/hyptrace" report --by irq "$trace" >"$share/table" || fail "$mode: report --by irq"
	expect "$mode: report --by irq: irq $timer arch_timer" \
		"$(row "$share/table" "irq $timer arch_timer")" \
		"$(count interrupts ".kind == \"irq\" and .number == $timer")"
	json=$share/stat-$mode.json
	pauses "$mode: stat"
	expect_true "$mode: stat --by irq: irq $timer arch_timer" \
		"$(row "$share/irqs-$mode" "irq $timer arch_timer")0 > 100"
done
