#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# What goes wrong while it records, with getppid() calls as exits: each fault leaves
# a readable trace and a sentence, and the recorded process runs on.
tools='babeltrace2 jq'
. "$(dirname "$0")/lib.sh"

# says WHAT PATTERN [FILE]: the recorder does, in a line.
says() {
	grep -Eq -e "$2" "${3:-$work/err}" || fail "$1: says '$(cat "${3:-$work/err}")', not '$2'"
}

# reads WHAT [TRACE]: babeltrace2 does, without a warning; the records in $records.
reads() {
	babeltrace2 "${2:-$work/t}" >"$work/txt" 2>"$work/warnings" || fail "$1: babeltrace2 fails"
	[ -s "$work/warnings" ] && fail "$1: $(head -n 3 "$work/warnings")"
	records=$(grep -Ec ' (start|exit|continuation): ' "$work/txt")
}

is_complete() {
	grep -q ' end: ' "$work/txt" || fail "$1: the trace has no end"
}

# wait_for FILE: it has something in it, within 10 s.
wait_for() {
	tries=0
	while [ ! -s "$1" ] && [ "$tries" -lt 200 ]; do
		sleep 0.05
		tries=$((tries + 1))
	done
	[ -s "$1" ] || fail "$1 does not appear"
}

# start_loop MS: a process to record, which tells at its end what it did.
start_loop() {
	"$loop" 100 1000 "$1" >"$work/calls" &
	loop_pid=$!
}

# record_loop MS: a recorder of such a process, which has begun.
record_loop() {
	start_loop "$1"
	rm -rf "$work/t"
	"$recorder" -o "$work/t" -p $loop_pid 2>"$work/err" &
	pid=$!
	wait_for "$work/t/vcpus"
}

# sums_up WHAT: one line on standard error, of a recording without a fault.
sums_up() {
	expect "$1: lines" "$(wc -l <"$work/err")" 1
	says "$1" '^hyptrace record: [0-9,]+ records of [0-9]+ vCPUs?, .* lost 0, in '
}

# runs_on WHAT: the recorded process was not disturbed.
runs_on() {
	wait "$loop_pid" || fail "$1: the process ended with $?"
	[ -s "$work/calls" ] || fail "$1: the process did not run on"
}

a_full_disk() {
	mkdir "$work/disk"
	dd if=/dev/zero of="$work/image" bs=1M count=16 2>"$work/err"
	mke2fs -q -F -t ext4 "$work/image" 2>"$work/err" &&
		mount -o loop "$work/image" "$work/disk" 2>"$work/err" || {
		skip_part "a full disk: no disk of 16 MB here: $(tail -n 1 "$work/err")"
		return
	}
	dd if=/dev/zero of="$work/disk/other" bs=1M count=10 2>"$work/err"
	"$recorder" -o "$work/disk/t" -- "$loop" 5000 1000 1500 >"$work/calls" 2>"$work/err"
	expect 'a full disk: status' $? 1
	says 'a full disk' "no space left on '$work/disk/t'; [0-9,]+ records written"
	says 'a full disk' "recording has stopped; '$loop' runs on"
	[ -s "$work/calls" ] || fail 'a full disk: the command did not run on'
	reads 'a full disk' "$work/disk/t"
	said=$(sed -n 's/.*; \([0-9,]*\) records written.*/\1/p' "$work/err" | tr -d ,)
	expect 'a full disk: records' "$records" "$said"
	[ "$records" -gt 10000 ] || fail "a full disk: $records records in 4 MB"
	umount "$work/disk"
}

the_process_is_killed() {
	record_loop 10000
	sleep 0.3
	kill -9 $loop_pid
	wait $pid
	expect 'the process is killed: status' $? 0
	sums_up 'the process is killed'
	reads 'the process is killed'
	is_complete 'the process is killed'
	rm -rf "$work/t"
	"$recorder" -o "$work/t" -- sh -c "$loop 100 1000 300; kill -9 \$\$" >"$work/calls" 2>"$work/err"
	expect 'COMMAND is killed: status' $? 137
	sums_up 'COMMAND is killed'
	reads 'COMMAND is killed'
	is_complete 'COMMAND is killed'
}

# hang_up MS ARGUMENT...: the recorder leads the session of a terminal that is closed then.
hang_up() {
	ms=$1
	shift
	rm -rf "$work/t"
	"$build/tests/integration/hang_up" "$ms" /bin/sh -c 'err=$1; shift; exec "$@" 2>"$err"' sh \
		"$work/err" "$recorder" -o "$work/t" "$@" </dev/null >"$work/out"
	status=$?
}

the_terminal_is_closed() {
	start_loop 4000
	hang_up 1000 -p $loop_pid
	kill -0 $loop_pid 2>/dev/null || fail 'a closed terminal: nothing ran on'
	expect 'a closed terminal: status' "$status" 0
	sums_up 'a closed terminal'
	reads 'a closed terminal'
	is_complete 'a closed terminal'
	runs_on 'a closed terminal'
}

# The kernel tells of it who leads the session: COMMAND hears it from the recorder.
the_terminal_of_a_command_is_closed() {
	hang_up 1000 -- "$loop" 100 1000 15000 "$work/log"
	expect 'a closed terminal, COMMAND: status' "$status" 129
	sums_up 'a closed terminal, COMMAND'
	reads 'a closed terminal, COMMAND'
	is_complete 'a closed terminal, COMMAND'
	[ "$records" -gt 100 ] || fail "a closed terminal, COMMAND: $records records"
	hang_up 1000 -- sh -c "trap 'exit 9' HUP; $loop 100 1000 700; $loop 100 1000 700; sleep 15"
	expect 'a closed terminal, a trap: status' "$status" 9
	is_complete 'a closed terminal, a trap'
}

# Each has its own rings and its own loss; one's end is not the other's.
two_at_once() {
	start_loop 3000
	rm -rf "$work/t" "$work/small"
	"$recorder" -o "$work/small" --mem-ring "$(getconf PAGESIZE)" -p $loop_pid 2>"$work/err.small" &
	small=$!
	"$recorder" -o "$work/t" -p $loop_pid 2>"$work/err" &
	pid=$!
	wait_for "$work/small/vcpus"
	wait_for "$work/t/vcpus"
	kill -STOP $small
	sleep 0.4
	kill -CONT $small
	kill -INT $small
	wait $small
	expect 'the first of two: status' $? 0
	sleep 0.3
	wait $pid
	expect 'the second of two: status' $? 0
	says 'the first of two' 'lost [1-9]' "$work/err.small"
	says 'the second of two' 'lost 0,'
	reads 'the second of two'
	# It goes on when the first one is gone, to the last call.
	last=$(sed -n 's/.* seq = \([0-9]*\),.*/\1/p' "$work/txt" | tail -n 1)
	expect 'the second of two: the last call' "$((last + 1))" "$records"
	is_complete 'the second of two'
	runs_on 'two at once'
}

the_directory_is_removed() {
	record_loop 3000
	sleep 0.3
	until rm -rf "$work/t" 2>/dev/null; do :; done # metadata comes anew meanwhile
	wait $pid
	expect 'the directory is removed: status' $? 1
	expect 'the directory is removed: lines' "$(wc -l <"$work/err")" 1
	says 'the directory is removed' "'$work/t' was removed while it was recorded into; nothing"
	kill -0 $loop_pid || fail 'the directory is removed: noticed only at the end'
	runs_on 'the directory is removed'
	"$recorder" -o "$work/t" -- sh -c "until rm -rf $work/t 2>/dev/null; do :; done; $loop 100 1000 300; exit 5" >"$work/calls" 2>"$work/err"
	expect 'COMMAND removes it: status' $? 1
	says 'COMMAND removes it' "recording has stopped; 'sh' runs on"
	[ -s "$work/calls" ] || fail 'COMMAND removes it: it did not run on'
}

# Of a trace whose files are gone nothing is left, though the directory stays.
the_files_are_removed() {
	record_loop 3000
	rm "$work"/t/exits_*
	wait $pid
	expect 'the files are removed: status' $? 1
	says 'the files are removed' "'$work/t' was removed while it was recorded into; nothing"
	runs_on 'the files are removed'
}

a_strange_name() {
	cp "$loop" "$work/a\"b"
	rm -rf "$work/t"
	"$recorder" -o "$work/t" -- "$work/a\"b" 100 1000 200 >"$work/calls" 2>"$work/err"
	expect 'a"b: status' $? 0
	reads 'a"b'
	grep -q ' vcpu: .* vm = "a\\"b"' "$work/txt" || fail "a\"b: $(grep ' vcpu: ' "$work/txt")"
	expect 'a"b in the report' "$("$build/hyptrace" report --json "$work/t" | jq -r '.vms[0].name')" 'a"b'
}

a_full_disk
the_process_is_killed
the_terminal_is_closed
the_terminal_of_a_command_is_closed
two_at_once
the_directory_is_removed
the_files_are_removed
a_strange_name
[ "$failures" = 0 ] && echo 'PASS: faults'
exit $((failures > 0))
