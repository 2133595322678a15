#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# The record command on this machine's kernel, with getppid() calls as exits:
# exit statuses, endings, loss, a full disk, and what is in the trace.
tools='babeltrace2 jq'
. "$(dirname "$0")/lib.sh"

# check_status WHAT EXPECTED GOT
check_status() {
	[ "$2" = "$3" ] || fail "$1: exit status $3, not $2"
}

# check_says WHAT PATTERN: the recorder's standard error is one line that matches.
check_says() {
	[ "$(wc -l <"$work/err")" = 1 ] || fail "$1: not one line: $(cat "$work/err")"
	grep -Eq "$2" "$work/err" || fail "$1: says '$(cat "$work/err")', not '$2'"
}

# Starts with nothing; `record ARGUMENT...` leaves the status in $status.
record() {
	rm -rf "$work/t"
	"$recorder" -o "$work/t" "$@" >"$work/out" 2>"$work/err"
	status=$?
}

# read_trace: text, and babeltrace2's warnings, of the trace.
read_trace() {
	babeltrace2 "$work/t" >"$work/txt" 2>"$work/warnings" || fail "$1: babeltrace2 fails"
}

count_records() {
	grep -Ec ' (start|exit|continuation): ' "$work/txt"
}

end_event() {
	sed -n 's/.* end: .*{ records = \(.*\), lost = \(.*\), clamped = \(.*\), torn = \([0-9]*\), pause_runs = .*/\1 \2 \3 \4/p' \
		"$work/txt"
}

every_call_is_recorded() {
	record -- "$loop" 200 2000 1000
	check_status loop 0 "$status"
	read_trace loop
	calls=$(cat "$work/out")
	[ -s "$work/warnings" ] && fail "loop: $(cat "$work/warnings")"
	[ "$(end_event)" = "$calls 0 0 0" ] || fail "loop: $calls calls, end: $(end_event)"
	check_says loop "^hyptrace record: [0-9,]+ records? of 1 vCPU, [0-9.]+ .B, lost 0, in "
	[ "$(count_records)" = "$calls" ] || fail "loop: not $calls events"
	# Numbered without gaps, in the order of time.
	sed -n 's/.* seq = \([0-9]*\),.*/\1/p' "$work/txt" | awk '$1 != NR - 1 { exit 1 }' ||
		fail 'loop: the sequence has gaps'
	grep -q ' start: .* seq = 0, ' "$work/txt" || fail 'loop: the first record is no start'
	# Stage i takes 10 + i ticks; those of untouched ones are the next touched one's.
	grep -q ' seq = 1024, .* th_first = 10, sr_save_gp = 11, sr_transit_eret = 369 ' "$work/txt" ||
		fail "loop: $(grep ' seq = 1024,' "$work/txt")"
	grep -q ' seq = 4095, .* sr_transit_eret = 4294967640 ' "$work/txt" ||
		fail "loop: no wide twin: $(grep ' seq = 4095,' "$work/txt")"
}

children_are_followed() {
	record -- sh -c "$loop 10 1000 100 & $loop 10 1000 100 & wait"
	read_trace children
	calls=$(awk '{ sum += $1 } END { print sum }' "$work/out")
	recorded=$(grep -E ' (exit|continuation): ' "$work/txt" | wc -l)
	# Each shell calls getppid() once by itself.
	[ "$recorded" -ge $((calls - 2)) ] || fail "children: $recorded of $calls calls"
	[ "$(grep -c ' vcpu: .* vm = "getppid_loop"' "$work/txt")" = 2 ] ||
		fail "children: $(grep ' vcpu: ' "$work/txt")"
}

exit_statuses() {
	record -- sh -c 'exit 42'
	check_status 'exit 42' 42 "$status"
	record -- sh -c 'kill -KILL $$'
	check_status 'a killed command' 137 "$status"
	record -- "$work/no-such-command"
	check_status 'no such command' 127 "$status"
	check_says 'no such command' "^hyptrace: cannot run '$work/no-such-command': No such file"
	[ -e "$work/t" ] && fail 'no such command: the directory is left'
	record -- "$work/out"
	check_status 'no program' 126 "$status"
	check_says 'no program' "^hyptrace: cannot run '$work/out': Permission denied"
	[ -e "$work/t" ] && fail 'no program: the directory is left'
}

refusals() {
	mkdir "$work/there"
	"$recorder" -o "$work/there" -- touch "$work/ran" 2>"$work/err"
	check_status 'an existing directory' 1 $?
	check_says 'an existing directory' "'$work/there' exists; remove it, or choose another"
	[ -e "$work/ran" ] && fail 'an existing directory: the command was run'
	record -p 2147483647
	check_status 'no such process' 1 "$status"
	check_says 'no such process' 'there is no process 2147483647'
	[ -e "$work/t" ] && fail 'no such process: the directory is left'
	record
	check_status 'no target' 2 "$status"
	record -a -p 1
	check_status 'two targets' 2 "$status"
	record --mem-ring 5000 -a
	check_status 'an odd ring' 2 "$status"
}

# A plain user gets a sentence, and no directory.
without_privileges() {
	chmod 777 "$work"
	rm -rf "$work/t"
	cp "$recorder" "$work/copy"
	setpriv --reuid 65534 --clear-groups "$work/copy" -o "$work/t" -a 2>"$work/err"
	check_status 'without privileges' 1 $?
	check_says 'without privileges' 'lacks CAP_BPF .* and CAP_PERFMON .* run it with sudo'
	[ -e "$work/t" ] && fail 'without privileges: the directory is left'
}

# wait_for FILE: it exists within 10 s.
wait_for() {
	tries=0
	while [ ! -e "$1" ] && [ "$tries" -lt 200 ]; do
		sleep 0.05
		tries=$((tries + 1))
	done
	[ -e "$1" ] || fail "$1 does not appear"
}

# start_recording ARGUMENT...: in the background; returns once the trace exists.
start_recording() {
	rm -rf "$work/t"
	"$recorder" -o "$work/t" "$@" >/dev/null 2>"$work/err" &
	pid=$!
	wait_for "$work/t/vcpus"
	sleep 0.4
}

process_ends() {
	"$loop" 100 1000 1500 >"$work/calls" &
	loop_pid=$!
	start_recording -p "$loop_pid"
	wait "$pid"
	check_status 'the process ends' 0 $?
	read_trace 'the process ends'
	[ -n "$(end_event)" ] || fail 'the process ends: no end event'
	grep -q " vcpu: .* pid = $loop_pid, .* vm = \"getppid_loop\"[, ]" "$work/txt" ||
		fail "the process ends: $(grep ' vcpu: ' "$work/txt")"
}

ctrl_c() {
	start_recording -a
	kill -INT "$pid"
	wait "$pid"
	check_status 'SIGINT' 0 $?
	read_trace 'SIGINT'
	[ -n "$(end_event)" ] || fail 'SIGINT: no end event'
}

# A signal that came to the recorder alone is passed on, and COMMAND's end awaited. INT is
# ignored by what runs in the background, unless it is told otherwise.
signal_with_command() {
	for signal in TERM INT; do
		start_recording -- env --default-signal=INT sh -c \
			"trap 'sleep 0.3; exit 7' $signal; $loop 100 1000 400; $loop 100 1000 5000"
		kill -$signal "$pid"
		wait "$pid"
		check_status "SIG$signal" 7 $?
		read_trace "SIG$signal"
		[ -n "$(end_event)" ] || fail "SIG$signal: no end event"
	done
}

# second_signal NAME STATUS
second_signal() {
	start_recording -- env --default-signal=INT sh -c "trap '' $1; $loop 10 1000 2000"
	kill "-$1" "$pid"
	sleep 0.3
	kill -0 "$pid" 2>/dev/null || fail "one SIG$1: does not wait for the command"
	kill "-$1" "$pid"
	wait "$pid"
	check_status "the second SIG$1" "$2" $?
	[ -z "$(pgrep -f "^$loop 10 1000 2000")" ] && fail "the second SIG$1: waits for the command"
	read_trace "the second SIG$1"
	[ -n "$(end_event)" ] || fail "the second SIG$1: no end event"
}

# More vCPUs than there are slots, one after another: each has its totals.
vcpus_come_and_go() {
	record --sample 3 -- sh -c "i=0; while [ \$i -lt 90 ]; do $loop 10 0 5; sleep 0.02; i=\$((i + 1)); done"
	read_trace 'come and go'
	# The shell calls getppid() once by itself.
	wanted="91 $(awk '{ sum += $1 } END { print sum + 1 }' "$work/out")"
	"$hyptrace" report --json "$work/t" >"$work/json" || fail 'come and go: report fails'
	got=$(jq -r '"\([.vms[].vcpus | length] | add) \(.exits.total + .exits.starts)"' "$work/json")
	[ "$got" = "$wanted" ] || fail "come and go: vCPUs and records $got, not $wanted"
}

# Rings of one page: what is lost is counted, nothing else.
loss_is_counted() {
	record --mem-ring "$(getconf PAGESIZE)" -- "$loop" 2000 1000 500
	check_status loss 0 "$status"
	read_trace loss
	end_event | {
		read -r records lost clamped torn
		[ "$lost" -gt 0 ] || fail 'loss: none, in rings of one page'
		[ $((records + lost)) = "$(cat "$work/out")" ] ||
			fail "loss: $records + $lost are not $(cat "$work/out") calls"
		[ "$clamped $torn" = '0 0' ] || fail "loss: clamped $clamped, torn $torn"
		warned=$(sed -n 's/.*Tracer discarded \([0-9]*\) events\{0,1\} .*/\1/p' "$work/warnings" |
			awk '{ sum += $1 } END { print sum }')
		[ "$warned" = "$lost" ] || fail "loss: babeltrace2 counts $warned, not $lost"
		"$hyptrace" report --json "$work/t" >"$work/json" || fail 'loss: report fails'
		[ "$(jq '.exits.total + .exits.starts' "$work/json")" = "$(cat "$work/out")" ] ||
			fail "loss: the totals are not exact: $(jq -c .exits "$work/json")"
		[ "$(jq .exits.lost "$work/json")" = "$lost" ] || fail 'loss: report counts other ones'
		exit $((failures > 0))
	} || failures=$((failures + 1))
}

# Whether as records or by the kernel's sums: each exit is in the figures, once. Call
# n, from 0 on, has 1000 + n % 100 ns of guest before it, but for the first.
sums_are_exact() {
	for how in '--budget 99' '--sample 5' '--slower-than 1s' "--mem-ring $(getconf PAGESIZE)"; do
		# shellcheck disable=SC2086 # two words
		record $how -- "$loop" 5000 0 1
		"$hyptrace" report --json "$work/t" >"$work/json" || fail "sums, $how: report fails"
		calls=$(cat "$work/out")
		[ "$(jq '.exits.total + .exits.starts' "$work/json")" = "$calls" ] ||
			fail "sums, $how: not $calls calls: $(jq -c .exits "$work/json")"
		guest=$(awk -v calls="$calls" 'BEGIN {
			for (n = 1; n < calls; n++) sum += 1000 + n % 100
			print sum }')
		[ "$(jq .ledger.groups.guest.ns "$work/json")" = "$guest" ] ||
			fail "sums, $how: guest $(jq .ledger.groups.guest.ns "$work/json"), not $guest"
		stages=$(jq '.ledger.groups | .save_restore.ns + .trap_handling.ns + .host.ns' "$work/json")
		echo "$calls $stages" >>"$work/sums"
	done
	# Of equal numbers of calls the stages take equally long.
	awk 'seen[$1] && seen[$1] != $2 { exit 1 } { seen[$1] = $2 }' "$work/sums" ||
		fail "sums: stages differ: $(tr '\n' ';' <"$work/sums")"
}

# A busy ring gets its share of a turn, the others theirs before it gets more.
turns_are_bounded() {
	turns=$("$recorder" --turns 40000 | tr '\n' ' ')
	[ "$turns" = '16384 16384 7232 ' ] || fail "turns: $turns"
}

# While the recorder sleeps, its rings fill with several turns' worth.
backlog_is_drained() {
	record --mem-ring 16M -- sh -c "kill -STOP \$PPID; $loop 40000 0 1; (sleep 0.3; kill -CONT \$PPID) &"
	check_status backlog 0 "$status"
	read_trace backlog
	more=$(($(count_records) - $(cat "$work/out")))
	# The shells call getppid() too.
	[ "$more" -ge 0 ] && [ "$more" -le 4 ] || fail "backlog: $more records more than calls"
}

# The writer's limit on file size stands for a full disk where mount is not allowed.
limited_files() {
	rm -rf "$work/t"
	(ulimit -f 400 && exec "$recorder" -o "$work/t" -- "$loop" 1000 5000 1000) \
		>"$work/out" 2>"$work/err"
	check_status 'a file limit' 1 $?
	tail -n 1 "$work/err" | grep -Eq "cannot write to '$work/t': File too large; [0-9,]+ records written" ||
		fail "a file limit: says '$(cat "$work/err")'"
	[ -s "$work/out" ] || fail 'a file limit: the command did not run on'
	read_trace 'a file limit'
	[ -s "$work/warnings" ] && fail "a file limit: $(cat "$work/warnings")"
}

full_disk() {
	mkdir "$work/disk"
	mount -t tmpfs -o size=1m tmpfs "$work/disk" 2>/dev/null || {
		skip_part 'a full disk: none without mount'
		return
	}
	"$recorder" -o "$work/disk/t" -- "$loop" 1000 5000 1000 >"$work/out" 2>"$work/err"
	check_status 'a full disk' 1 $?
	tail -n 1 "$work/err" | grep -Eq "no space left on '$work/disk/t'; [0-9,]+ records written" ||
		fail "a full disk: says '$(cat "$work/err")'"
	grep -q "recording has stopped; '$loop' runs on" "$work/err" ||
		fail "a full disk: says '$(cat "$work/err")'"
	[ -s "$work/out" ] || fail 'a full disk: the command did not run on'
	babeltrace2 "$work/disk/t" >"$work/txt" 2>"$work/warnings" || fail 'a full disk: babeltrace2 fails'
	[ -s "$work/warnings" ] && fail "a full disk: $(cat "$work/warnings")"
	said=$(sed -n "s/.*; \([0-9,]*\) records written.*/\1/p" "$work/err" | tr -d ,)
	[ "$(count_records)" = "$said" ] || fail "a full disk: not $said records"
}

progress_on_a_terminal() {
	rm -rf "$work/t"
	script -qefc "$recorder -o $work/t -- $loop 100 1000 900" "$work/typescript" >/dev/null
	lines=$(tr '\r' '\n' <"$work/typescript" |
		grep -Ec '^  [0-9,]+ exits  [0-9.]+ .?B  lost 0  [0-9.]+ s *$')
	[ "$lines" -ge 3 ] || fail "progress: $lines lines in 0.9 s"
	grep -q 'hyptrace record: ' "$work/typescript" || fail 'progress: no summary'
}

every_call_is_recorded
children_are_followed
exit_statuses
refusals
without_privileges
process_ends
ctrl_c
signal_with_command
second_signal TERM 143
second_signal INT 130
vcpus_come_and_go
loss_is_counted
sums_are_exact
turns_are_bounded
backlog_is_drained
limited_files
full_disk
progress_on_a_terminal
[ "$failures" = 0 ] && echo 'PASS: record'
exit $((failures > 0))
