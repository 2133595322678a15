#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# With CAP_BPF and CAP_PERFMON and nothing else, without tracefs; what happens
# without each; what of it is left once it records; and under sudo.
tools='setpriv unshare babeltrace2 jq'
. "$(dirname "$0")/lib.sh"

[ "$(id -u)" = 0 ] || skip 'only root can give capabilities away'
chmod 777 "$work"
cp "$recorder" "$loop" "$work/"
recorder=$work/recorder loop=$work/getppid_loop
cd "$work" || exit 1

# with CAPABILITIES COMMAND...: as nobody, with exactly these, and no tracefs.
with() {
	all=-all${1:+,$1}
	shift
	# shellcheck disable=SC2016 # for the inner shell
	unshare -m sh -c 'umount -ql /sys/kernel/tracing /sys/kernel/debug; exec "$@"' sh \
		setpriv --reuid 65534 --regid 65534 --clear-groups --bounding-set "$all" \
		--inh-caps "$all" --ambient-caps "$all" "$@" 2>err
}

# The modes and owners of all in the trace.
owners() {
	find t -printf '%m %U %G\n' | sort -u | tr '\n' ' '
}

# capabilities STATUS-FILE SET
capabilities() {
	sed -n "s/^$2:[[:space:]]*//p" "$1"
}

enough() {
	rm -rf t
	with +bpf,+perfmon "$recorder" -o t -- sh -c "cat /proc/self/status >command; $loop 10 1000 300 >calls"
	expect 'BPF and PERFMON: status' $? 0
	babeltrace2 t 2>&1 | grep -q ' exit: ' || fail "no exits recorded: $(cat err)"
	expect 'the trace is his alone' "$(owners)" '600 65534 65534 700 65534 65534 '
	for set in CapInh CapPrm CapEff CapAmb; do
		expect "COMMAND: $set" "$(capabilities command $set)" 0000000000000000
	done
	with +bpf,+perfmon "$recorder" stat --json -- "$loop" 10 1000 300 >out
	expect 'stat: status' $? 0
	with +sys_admin "$recorder" stat -- true >out
	expect 'SYS_ADMIN stands for both: status' $? 0
}

# lacks CAPABILITIES NAMED NOT-NAMED
lacks() {
	for command in '-o t' stat; do
		rm -rf t
		# shellcheck disable=SC2086 # words
		with "$1" "$recorder" $command -- touch ran >out
		expect "with '$1': status" $? 1
		grep -Eq "this process lacks $2.*sudo" err || fail "with '$1': $(cat err)"
		grep -q "$3" err && fail "with '$1': $(cat err)"
		[ ! -e ran ] || fail "with '$1': COMMAND ran"
		[ ! -e t ] || fail "with '$1': the directory is left"
	done
}

# status_of RECORDER: while it records all, in the file of that name.
status_of() {
	while_recording -a "$@"
}

# while_recording WORDS RECORDER
while_recording() {
	words=$1
	shift
	rm -rf t
	# shellcheck disable=SC2086 # words
	"$@" -o t $words 2>err &
	pid=$!
	tries=0
	while [ ! -s t/metadata ] && [ "$tries" -lt 200 ]; do
		sleep 0.05
		tries=$((tries + 1))
	done
	sleep 0.5
	cat "/proc/$pid/status" >status
	kill -TERM "$pid"
	wait "$pid" || fail "$*: status $?"
}

what_is_left() {
	printf '#!/bin/sh\ntrap "exit 0" TERM\nfor i in $(seq 100); do sleep 0.1; done\nexit 3\n' >command
	chmod 755 command
	status_of setpriv --reuid 65534 --clear-groups --inh-caps +bpf,+perfmon \
		--ambient-caps +bpf,+perfmon "$recorder"
	expect 'nobody keeps' "$(capabilities status CapPrm)" 0000000000000000
	status_of "$recorder"
	expect 'root keeps' "$(capabilities status CapPrm)" 0000000000000000
	# One that is another user's by then: it ends well only if it is told to.
	while_recording '-- setpriv --reuid 65534 --clear-groups ./command' "$recorder"
	expect 'root with a COMMAND keeps KILL' "$(capabilities status CapPrm)" 0000000000000020
	status_of env SUDO_UID=65534 SUDO_GID=65533 "$recorder"
	expect 'under sudo it keeps' "$(capabilities status CapPrm)" 0000000000000000
	expect 'under sudo it is' "$(capabilities status Uid)" "$(printf '65534\t65534\t65534\t65534')"
}

under_sudo() {
	rm -rf t
	# shellcheck disable=SC2016 # for the inner shell
	SUDO_UID=65534 SUDO_GID=65533 "$recorder" -o t -- sh -c \
		'id >id; echo $USER >>id; cat /proc/self/status >command' 2>err
	expect 'sudo: status' $? 0
	expect 'sudo: the trace' "$(owners)" '600 65534 65533 700 65534 65533 '
	grep -q 'uid=65534(nobody) gid=65533 groups=65533' id || fail "sudo: COMMAND is $(cat id)"
	expect 'sudo: USER' "$(tail -n 1 id)" nobody
	for set in CapInh CapPrm CapEff CapAmb; do
		expect "sudo: COMMAND: $set" "$(capabilities command $set)" 0000000000000000
	done
	# Not where the invoking user may not write.
	mkdir -m 755 roots
	SUDO_UID=65534 SUDO_GID=65533 "$recorder" -o roots/t -- touch ran 2>err
	expect "sudo: a folder of root's" $? 1
	grep -q "cannot create the directory 'roots/t': Permission denied" err || fail "sudo: $(cat err)"
	[ ! -e ran ] || fail 'sudo: COMMAND ran without a recording'
	# These two variables are root's to be believed.
	SUDO_UID=0 SUDO_GID=0 "$recorder" stat -- sh -c 'id -u >id' >out 2>err
	expect 'sudo by root' "$(cat id)" 0
	SUDO_UID=x SUDO_GID=0 "$recorder" stat -- sh -c 'id -u >id' >out 2>err
	expect 'SUDO_UID is garbage' "$(cat id)" 0
}

# where_proc_hides COMMAND...: as nobody, who does not see root's processes.
where_proc_hides() {
	# shellcheck disable=SC2016 # for the inner shell
	unshare -m sh -c 'mount -t proc -o hidepid=2 proc /proc && exec "$@"' sh setpriv --reuid 65534 \
		--regid 65534 --clear-groups --inh-caps +bpf,+perfmon --ambient-caps +bpf,+perfmon "$@" 2>err
}

# They are there nevertheless, and what is counted stays theirs.
hidden() {
	"$loop" 10 1000 3000 >calls &
	where_proc_hides "$recorder" stat --json -a --duration 2s >out
	expect 'hidepid: status' $? 0
	wait $!
	expect 'hidepid: vCPUs of the process' "$(jq '[.vcpus[] | select(.vm == "getppid_loop")] | length' out)" 1
	where_proc_hides "$recorder" -o hidden -a --duration 100ms
	expect 'hidepid: record' $? 0
	grep -q '^hyptrace record: /proc hides .*hidepid' err || fail "hidepid: says $(cat err)"
	unshare --pid --fork "$recorder" -o inside -a --duration 100ms 2>err
	expect 'a PID namespace: record' $? 0
	grep -q '^hyptrace record: in a PID namespace' err || fail "a PID namespace: says $(cat err)"
}

enough
hidden
lacks +perfmon 'CAP_BPF ' CAP_PERFMON
lacks +bpf 'CAP_PERFMON ' CAP_BPF
lacks '' 'CAP_BPF .*and CAP_PERFMON' CAP_SYS_ADMIN
what_is_left
under_sudo
[ "$failures" = 0 ] && echo 'PASS: capabilities'
exit $((failures > 0))
