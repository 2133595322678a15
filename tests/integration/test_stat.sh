#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# The stat command on this machine's kernel, with getppid() calls as exits: what
# it counts, at intervals too, how it ends, and what it refuses.
tools=jq
. "$(dirname "$0")/lib.sh"

# stat ARGUMENT...: standard output in out, standard error in err.
stat() {
	"$recorder" stat "$@" >"$work/out" 2>"$work/err"
	status=$?
}

# says WHAT STATUS PATTERN: the last stat failed so, with one line.
says() {
	expect "$1: status" "$status" "$2"
	expect "$1: lines" "$(wc -l <"$work/err")" 1
	grep -Eq -e "$3" "$work/err" || fail "$1: says '$(cat "$work/err")', not '$3'"
}

# The command's own output goes to a file, what is left is JSON.
counted() {
	jq -s 'map(.exits.total + .exits.starts) | add' "$work/out"
}

lost() {
	jq -s 'map(.exits.lost) | add' "$work/out"
}

counts_are_exact() {
	stat --json -- sh -c "$loop 200 2000 500 >$work/calls; exit 3"
	expect 'the status' "$status" 3
	# The shell calls getppid() once by itself.
	more=$(($(counted) - $(cat "$work/calls")))
	[ "$more" -ge 0 ] && [ "$more" -le 1 ] || fail "$more exits more than calls"
	expect 'lost' "$(jq .exits.lost "$work/out")" 0
	expect 'the VM' "$(jq -r '[.vms[].name] | contains(["getppid_loop"])' "$work/out")" true
	expect 'accounts add up to the time' \
		"$(jq '[.ledger.groups[].ns] | add' "$work/out")" "$(jq .ledger.wall_ns "$work/out")"
}

intervals_add_up() {
	stat -I 100 --json -- sh -c "$loop 50 2000 1500 >$work/calls"
	expect '-I: status' "$status" 0
	lines=$(wc -l <"$work/out")
	[ "$lines" -ge 3 ] || fail "-I 100: $lines lines in 1.5 s"
	expect '-I: one object a line' "$(jq -c . "$work/out" | wc -l)" "$lines"
	jq .at_ns "$work/out" | sort -nc || fail '-I: time runs backwards'
	more=$(($(counted) - $(cat "$work/calls")))
	[ "$more" -ge 0 ] && [ "$more" -le 1 ] || fail "-I: $more exits more than calls"
}

text_is_for_people() {
	stat -I 200 -- "$loop" 20 2000 500
	[ "$(grep -Ec '^after [0-9.]+ .?s: [0-9,]+ exits$' "$work/out")" -ge 2 ] || fail "-I as text: $(cat "$work/out")"
	stat --by vcpu --duration 200ms -- "$loop" 20 2000 100
	grep -q '^getppid_loop ' "$work/out" || fail "--by vcpu: $(cat "$work/out")"
	grep -q '^accounts' "$work/out" && fail '--by vcpu: other tables too'
	stat --by class --duration 200ms -- "$loop" 20 2000 100
	grep -Eq '^transit_eret +[1-9][0-9,]* ' "$work/out" || fail "--by class: $(cat "$work/out")"
}

# Slots of vCPUs that are gone are used again; what they counted stays.
vcpus_come_and_go() {
	stat --json -- sh -c "i=0; while [ \$i -lt 90 ]; do $loop 10 0 5 >>$work/calls.90; sleep 0.02; i=\$((i + 1)); done"
	got=$(jq '[.vcpus[].records] | add' "$work/out")
	# The shell calls getppid() once by itself.
	expect 'come and go' "$got" "$(awk '{ sum += $1 } END { print sum + 1 }' "$work/calls.90")"
	expect 'come and go: lost' "$(jq .exits.lost "$work/out")" 0
	expect 'come and go: one of them' "$(jq -r '.vcpus[60].vm' "$work/out")" getppid_loop
}

# Those that ended first are added up; what they counted is no later interval's.
intervals_add_up_as_vcpus_go() {
	stat -I 100 --json -- sh -c "i=0; while [ \$i -lt 170 ]; do $loop 10 0 3 >>$work/calls.170; i=\$((i + 1)); done"
	# The shell calls getppid() once by itself.
	expect '-I, come and go' "$(counted)" "$(awk '{ sum += $1 } END { print sum + 1 }' "$work/calls.170")"
	expect '-I, come and go: by reason' "$(jq -s 'map(.reasons[].count) | add' "$work/out")" \
		"$(counted)"
	expect '-I, come and go: lost' "$(lost)" 0
}

# Beyond 64 vCPUs exits are only counted, each in one interval.
others_are_counted() {
	for interval in '' '-I 100'; do
		# shellcheck disable=SC2086 # words
		stat $interval --json -- sh -c "for i in \$(seq 80); do $loop 10 20000 600 & done >$work/calls; wait"
		calls=$(awk '{ sum += $1 } END { print sum }' "$work/calls")
		kept=$(counted) lost=$(lost)
		[ "$lost" -gt 0 ] || fail "80 vCPUs $interval: all have a place"
		more=$((kept + lost - calls))
		[ "$more" -ge 0 ] && [ "$more" -le 81 ] ||
			fail "80 vCPUs $interval: $kept and $lost, of $calls calls"
	done
}

# start ARGUMENT...: in the background; returns once it has printed some exits.
start() {
	"$recorder" stat -I 400 --json "$@" >"$work/out" 2>"$work/err" &
	pid=$! tries=0
	until grep -q '"total":[1-9]' "$work/out" || [ $tries -ge 200 ]; do
		sleep 0.05
		tries=$((tries + 1))
	done
}

# ends WHAT STATUS: what came since the last line is printed.
ends() {
	wait "$pid"
	expect "$1: status" $? "$2"
	[ "$(wc -l <"$work/out")" -gt 1 ] || fail "$1: prints nothing at the end"
	jq -e .exits.total "$work/out" >/dev/null || fail "$1: the last line is cut off"
}

signals() {
	start -a
	kill -INT "$pid"
	ends 'SIGINT' 0
	start -a
	kill -HUP "$pid"
	ends 'SIGHUP' 0
	signal_with_command TERM 143
	signal_with_command INT 130
}

# signal_with_command NAME STATUS. INT is ignored by what runs in the background, unless it
# is told otherwise.
signal_with_command() {
	start -- env --default-signal=INT "$loop" 10 1000 5000
	kill "-$1" "$pid"
	ends "SIG$1" "$2"
	start -- env --default-signal=INT sh -c "trap '' $1; $loop 10 1000 2000 >/dev/null"
	kill "-$1" "$pid"
	sleep 0.3
	kill -0 "$pid" 2>/dev/null || fail "one SIG$1: does not wait for the command"
	kill "-$1" "$pid"
	ends "the second SIG$1" "$2"
	[ -z "$(pgrep -f "^$loop 10 1000 2000")" ] && fail "the second SIG$1: waits for the command"
}

killed() {
	"$loop" 10 1000 8000 >"$work/calls" &
	loop_pid=$!
	start -p $loop_pid
	kill -9 "$pid"
	wait "$pid" 2>/dev/null
	wait $loop_pid || fail 'kill -9: the process did not run on'
	[ -s "$work/calls" ] || fail 'kill -9: the process was disturbed'
}

refusals() {
	stat
	says 'no target' 2 'Give -p PID, -a, or -- COMMAND'
	stat -a -p 1
	says 'two targets' 2 'only one of'
	stat -I 5 -a
	says 'a short interval' 2 '-I MS must be a whole number from 10'
	stat -I 9ms -a
	says 'a short interval with its unit' 2 "from 10 to .*, not '9ms'"
	stat -I garbage -a
	says 'an interval of garbage' 2 "not 'garbage'"
	stat --by nothing -a
	says 'no such table' 2 "no table 'nothing'.*account, group, reason, class, vcpu, device, preempter or irq"
	stat --frobnicate -a
	says 'no such option' 2 "'--frobnicate'.*--help"
	stat --json --by reason -a
	says 'JSON of one table' 2 'leave --by out'
	stat -p 2147483647
	says 'no such process' 1 'there is no process 2147483647'
	stat -- "$work/no-such-command"
	says 'no such command' 127 "cannot run '$work/no-such-command'"
	[ ! -s "$work/out" ] || fail "no such command: prints $(head -n 1 "$work/out")"
	"$recorder" stat --duration 100 -a >/dev/full 2>"$work/err"
	status=$?
	says 'a full disk' 1 'cannot write the totals: No space left'
}

counts_are_exact
intervals_add_up
text_is_for_people
vcpus_come_and_go
intervals_add_up_as_vcpus_go
others_are_counted
signals
killed
refusals
[ "$failures" = 0 ] && echo 'PASS: stat'
exit $((failures > 0))
