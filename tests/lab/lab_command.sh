#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# What `hyptrace lab` promises to COMMAND: its bytes, its status, its folder.
# LAB_OPTIONS: options for every run, for example --unpatched.
emulators=qemu-system-aarch64
. "$(dirname "$0")/lib-lab.sh"

lab() {
	# shellcheck disable=SC2086 # words
	"$hyptrace" lab --smp 1 --time-limit 120 ${LAB_OPTIONS:-} "$@"
}

# Both streams, binary and longer than any buffer, apart; input; the share, both ways.
head -c 300000 /dev/urandom >bytes
lab --share "$share" -- sh -c 'pwd >where; tee copy <bytes >/dev/stderr; cat; exit 3' \
	<bytes >out 2>err
is 'status of the command' 3 $?
cmp bytes out && cmp bytes err && cmp bytes copy || failed=1
is 'folder' /share "$(cat where)"

# The machine: the mode by default, what the counter is worth, a writable /tmp, the file systems.
lab sh -c 'cat /proc/cmdline; touch /tmp/x; ls /sys/fs/bpf /sys/kernel/tracing/README /dev/kvm; id -u
	touch /usr/x 2>/dev/null || echo read-only' >out 2>err
is 'status of the look around' 0 $?
grep -q 'hyptrace.lab=emulated.*kvm-arm.mode=nvhe' out || is 'kernel command line' ... "$(cat out)"
is 'look around' '/dev/kvm /sys/kernel/tracing/README 0 read-only' \
	"$(sed 1d out | grep -v '^$' | grep -v : | tr '\n' ' ' | sed 's/ $//')"
is 'errors of the look around' '' "$(cat err)"

lab --icount grep -o 'hyptrace.lab=[a-z]*' /proc/cmdline >out 2>err
is 'icount' 'hyptrace.lab=icount' "$(cat out)"

lab sh -c 'kill -USR1 $$'
is 'status of signal 10' 138 $?

lab nosuchcommand >out 2>err
is 'status of a missing command' 127 $?
is 'sentence about it' 'hyptrace: lab: nosuchcommand: command not found on the emulated host' "$(cat err)"

# What is left behind neither holds up the run nor prints for ever.
lab sh -c 'sleep 1000 & while :; do echo x; done & sleep 1; exit 5' >out 2>err
is 'status with children left' 5 $?

begin=$(date +%s)
lab --time-limit 5 sleep 1000 >out 2>err
is 'status at the time limit' 124 $?
grep -q 'ended after 5 s' err || is 'sentence about the time limit' ... "$(cat err)"
grep -q '(sleep) S .* in .*nanosleep' err || is 'what the host was at' ... "$(cat err)"
took=$(($(date +%s) - begin))
[ $took -lt 30 ] || is 'seconds to the time limit' 5 $took

lab --cpu cortex-a57 --mode vhe true >out 2>err
is 'status without the mode asked for' 126 $?
grep -q 'does not give the KVM mode' err || is 'sentence about the mode' ... "$(cat err)"

lab --cpu nosuchcpu true >out 2>err
is 'status without a machine' 1 $?
grep -q 'nosuchcpu' err || is 'sentence about the machine' ... "$(cat err)"

lab --append rdinit=/nosuchinit true >out 2>err
is 'status of a panic' 1 $?
grep -qi 'panic' err || is 'sentence about the panic' ... "$(cat err)"

# Ctrl-C: the emulated machine is gone before we are.
lab sh -c 'echo ready; sleep 1000' >out 2>err &
pid=$!
until grep -q ready out; do sleep 0.2; done
kill -INT "$(pgrep -P $pid -x hyptrace || echo $pid)"
wait $pid
is 'status of an interrupt' 130 $?

exit $failed
