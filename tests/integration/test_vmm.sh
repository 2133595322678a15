#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# `record --vmm` on this machine's kernel: a program that calls KVM_RUN on a file
# that is no vCPU tells what it does; what ends the recording ends LTTng too.
tools='babeltrace2 lttng-sessiond'
. "$(dirname "$0")/lib.sh"

chmod 755 "$work"
cp "$recorder" "$build"/tests/integration/fake_vmm "$build"/hyptrace-preload.so \
	"$build"/hyptrace-ust.so "$build"/hyptrace-ust-session "$work/"
mkdir "$work/tmp" "$work/bin"
chmod 1777 "$work/tmp"
export TMPDIR="$work/tmp"

# record ARGUMENT...: status in $status.
record() {
	rm -rf "$work/t"
	"$work/recorder" -o "$work/t" --vmm "$@" >"$work/out" 2>"$work/err"
	status=$?
}

# check WHAT STATUS
check() {
	[ "$status" = "$2" ] || fail "$1: status $status, not $2: $(cat "$work/err")"
	nothing_left "$1"
}

# The daemon of the session that runs.
daemon() {
	cat "$work"/tmp/hyptrace-*/.lttng/lttng-sessiond.pid
}

nothing_left() {
	for _ in 1 2 3 4 5 6 7 8 9 10; do
		[ -n "$(ls "$work/tmp")" ] || break
		sleep 0.5
	done
	[ -z "$(ls "$work/tmp")" ] || fail "$1: left in TMPDIR: $(ls "$work/tmp")"
	! pgrep -f "hyptrace-ust-session $work" >/dev/null || fail "$1: a session is left"
	[ "$(echo "$work"/t.ust*)" = "$work/t.ust*" ] || fail "$1: left: $(echo "$work"/t.ust*)"
}

# says WHAT PATTERN: on standard error, and in the trace.
says() {
	grep -q "$2" "$work/err" || fail "$1: says $(cat "$work/err")"
	grep -q "vmm_side = .*$2" "$work/t/metadata" || fail "$1: $(grep vmm_side "$work/t/metadata")"
}

a_vmm_tells() {
	record -- "$work/fake_vmm" 1000
	check tells 7
	[ "$(cat "$work/out")" = good ] || fail "tells: the VMM saw: $(cat "$work/out")"
	grep -q 'vmm_side = "lttng-ust"' "$work/t/metadata" || fail 'tells: not in the metadata'
	babeltrace2 "$work/t" >"$work/one" 2>"$work/warnings" || fail 'tells: babeltrace2 on the trace'
	babeltrace2 "$work/t" "$work/t/ust" >"$work/both" 2>>"$work/warnings" ||
		fail 'tells: babeltrace2 on both'
	[ ! -s "$work/warnings" ] || fail "tells: $(head -n 3 "$work/warnings")"
	grep -q hyptrace_vmm "$work/one" && fail 'tells: the VMM is in the trace alone'
	stays=$(grep -c ' hyptrace_vmm:stay: .* result = -25, ' "$work/both")
	[ "$stays" = 999 ] || fail "tells: $stays stays of 999"
	[ "$(grep -c ' hyptrace_vmm:lock: ' "$work/both")" -gt 50 ] || fail 'tells: no waits for the lock'
	[ "$(stat -c %u "$work/t/ust/ust")" = "$(stat -c %u "$work/t")" ] || fail 'tells: whose trace?'
}

without_a_session() {
	# The build's own compiler makes one.
	printf 'int main(void) { return 3; }' | cc -static -x c -o "$work/static" - || exit 1
	record -- "$work/static"
	check static 3
	says static "is a static program"
	cp "$work/fake_vmm" "$work/setuid"
	chmod u+s "$work/setuid"
	record -- "$work/setuid" 1
	check setuid 7
	says setuid "is setuid"
	sleep 1 &
	record -p $!
	check pid 0
	says pid "cannot be preloaded"
	mv "$work/hyptrace-ust-session" "$work/away"
	record -- true
	check absent 0
	says absent "hyptrace-ust-session is not"
	mv "$work/away" "$work/hyptrace-ust-session"
}

# fake_daemon TEXT: what lttng-sessiond is, until `real_daemon`.
fake_daemon() {
	printf '#!/bin/sh\n%s\n' "$1" >"$work/bin/lttng-sessiond"
	chmod 755 "$work/bin/lttng-sessiond"
}

a_bad_daemon() {
	path=$PATH PATH=$work/bin:$PATH
	fake_daemon 'exec sleep 1000'
	record -- "$work/fake_vmm" 1
	check hangs 7
	says hangs "has not come up within"
	fake_daemon 'exit 1'
	record -- "$work/fake_vmm" 1
	check dies 7
	says dies "ended at once"
	PATH=$path
}

a_killed_daemon() {
	"$work/recorder" -o "$work/killed" --vmm -- "$work/fake_vmm" 8000 >"$work/out" 2>"$work/err" &
	recorder=$!
	sleep 2.5
	kill -9 "$(daemon)" || fail 'killed: no daemon to kill'
	wait $recorder
	status=$?
	check killed 7
	grep -q 'lttng-sessiond ended early' "$work/err" || fail "killed: $(cat "$work/err")"
	reads_both killed "$work/killed"
}

# One signal ends the recording, which waits for LTTng; a second one does not.
a_second_signal() {
	"$work/recorder" -o "$work/second" --vmm -- "$work/fake_vmm" 20000 >"$work/out" 2>"$work/err" &
	recorder=$!
	sleep 2.5
	kill -STOP "$(daemon)" || fail 'second signal: no daemon to stop'
	kill -TERM $recorder
	sleep 1
	kill -0 $recorder 2>/dev/null || fail 'second signal: the first one does not let LTTng finish'
	before=$(date +%s)
	kill -TERM $recorder
	wait $recorder
	status=$?
	[ $(($(date +%s) - before)) -le 4 ] || fail "second signal: ends after $(($(date +%s) - before)) s"
	check 'second signal' 143
	reads_both 'second signal' "$work/second"
}

a_killed_recorder() {
	"$work/recorder" -o "$work/left" --vmm -- "$work/fake_vmm" 4000 >"$work/out" 2>"$work/err" &
	recorder=$!
	sleep 2
	daemon=$(daemon)
	kill -9 $recorder
	wait $recorder 2>/dev/null
	nothing_left 'killed recorder'
	! kill -0 "$daemon" 2>/dev/null || fail 'killed recorder: lttng-sessiond runs on'
	babeltrace2 "$work/left/ust" >"$work/text" 2>"$work/warnings" || fail 'left: babeltrace2'
	[ -s "$work/text" ] || fail 'left: no events'
}

# refused WHAT STATUS PATTERN: the recording did not begin, and nothing of it is there.
refused() {
	check "$1" "$2"
	grep -q "$3" "$work/err" || fail "$1: says $(cat "$work/err")"
	left=$(find "$work" -path "$work/tmp" -prune -o \( -name t -o -name 't.ust*' \) -print)
	[ -z "$left" ] || fail "$1: left: $left"
}

# reads_both WHAT TRACE: the kernel's side without a warning and the VMM's, and they are reported.
reads_both() {
	babeltrace2 "$2" >"$work/text" 2>"$work/warnings" || fail "$1: babeltrace2 on the trace"
	[ ! -s "$work/warnings" ] || fail "$1: $(head -n 3 "$work/warnings")"
	grep -q ' end: ' "$work/text" || fail "$1: the trace has no end"
	"$hyptrace" report "$2" >"$work/report" 2>"$work/warnings" || fail "$1: report: $(cat "$work/warnings")"
	grep -q fake_vmm "$work/report" || fail "$1: the report lacks the VM: $(head -n 5 "$work/report")"
	babeltrace2 "$2/ust" >"$work/text" 2>"$work/warnings" || fail "$1: babeltrace2 on the VMM's side"
	stays=$(grep -c hyptrace_vmm:stay "$work/text")
	[ "$stays" -gt 500 ] || fail "$1: $stays stays"
}

# Of what can fail before the first record each way in which privileges are held.
a_failed_beginning() {
	record -- "$work/no-such-command"
	refused 'no such command' 127 "cannot run '$work/no-such-command'"
	mkdir -m 1777 "$work/open"
	mkdir -m 755 "$work/roots"
	cd "$work/open" || exit 1
	setpriv --reuid 65534 --clear-groups "$work/recorder" -o t --vmm -- true 2>"$work/err"
	status=$?
	refused 'without privileges' 1 'lacks CAP_BPF'
	SUDO_UID=65534 SUDO_GID=65533 "$work/recorder" -o t --vmm -- "$work/no-such-command" 2>"$work/err"
	status=$?
	refused 'sudo, no such command' 127 "cannot run '$work/no-such-command'"
	SUDO_UID=65534 SUDO_GID=65533 "$work/recorder" -o "$work/roots/t" --vmm -- true 2>"$work/err"
	status=$?
	refused "sudo, a folder of root's" 1 "cannot create the directory '$work/roots/t'"
	cd - >/dev/null || exit 1
}

for part in a_vmm_tells a_failed_beginning without_a_session a_bad_daemon a_killed_daemon a_second_signal a_killed_recorder; do
	$part
	echo "$part: done after $(ps -o etimes= -p $$ | tr -d ' ') s"
done
[ $failures -eq 0 ] && echo 'PASS: the VMM tells, and LTTng ends with the recording'
exit $failures
