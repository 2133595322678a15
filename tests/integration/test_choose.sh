#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# When and how much is recorded: on this machine's kernel, with getppid() calls
# as exits.
tools='babeltrace2 jq'
. "$(dirname "$0")/lib.sh"

# between WHAT GOT LEAST MOST
between() {
	[ "$2" -ge "$3" ] && [ "$2" -le "$4" ] || fail "$1: $2 is not within $3 to $4"
}

# A loop whose recorder was killed still writes into the file that it has.
clean() {
	rm -rf "$work/t" "$work/out" "$work/calls"
}

# record ARGUMENT...: the status is in $status.
record() {
	clean
	"$recorder" -o "$work/t" "$@" >"$work/out" 2>"$work/err"
	status=$?
}

# wait_for COMMAND...: it succeeds within 10 s.
wait_for() {
	tries=0
	until "$@" >/dev/null 2>&1; do
		tries=$((tries + 1))
		[ "$tries" -lt 200 ] || { fail "waits in vain: $*"; return; }
		sleep 0.05
	done
}

# start ARGUMENT...: in the background, as $pid; returns once the trace exists.
start() {
	clean
	"$recorder" -o "$work/t" "$@" >"$work/out" 2>"$work/err" &
	pid=$!
	wait_for test -e "$work/t"
}

# read_trace WHAT [DIR]: its text, without a warning.
read_trace() {
	babeltrace2 "${2:-$work/t}" >"$work/txt" 2>"$work/warnings" || fail "$1: babeltrace2 fails"
	[ -s "$work/warnings" ] && fail "$1: $(head -n 3 "$work/warnings")"
}

events() {
	grep -cE ' (start|exit|continuation): ' "$work/txt"
}

# How long the records of getppid_loop span [ms].
span_ms() {
	grep ' exit: ' "$work/txt" | sed 's/^\[\([0-9:.]*\)\].*/\1/' | awk -F: '
		{ at = $1 * 3600 + $2 * 60 + $3 } NR == 1 { first = at }
		END { printf "%d", (at - first) * 1000 }'
}

duration_ends_the_recording() {
	record --duration 300ms -- "$loop" 10 1000 1500
	expect 'duration: status' "$status" 0
	grep -q "^hyptrace record: --duration ends the recording; '$loop' runs on" "$work/err" ||
		fail "duration: says '$(cat "$work/err")'"
	read_trace duration
	between 'duration: calls' "$(events)" 1 $(($(cat "$work/out") - 1))
	between 'duration: span' "$(span_ms)" 0 700
}

exits_end_the_recording() {
	record --exits 1000 -- "$loop" 100 1000 500
	expect 'exits: status' "$status" 0
	read_trace exits
	expect 'exits' "$(grep -c ' exit: ' "$work/txt")" 1000
	record --exits 200 --sample 10 -- "$loop" 100 1000 800
	read_trace 'exits of a sample'
	expect 'exits of a sample: records' "$(grep -c ' exit: ' "$work/txt")" 200
	report_json
	[ "$(records_of_report)" -gt 1000 ] || fail 'exits of a sample: it ends before 200 records'
}

delay_leaves_out_the_beginning() {
	record --delay 500ms -- sh -c "$loop 100 1000 900"
	expect 'delay: status' "$status" 0
	read_trace delay
	between 'delay: calls' "$(events)" 1 $(($(cat "$work/out") - 1))
	between 'delay: span' "$(span_ms)" 0 700
	expect 'delay: choices' "$(sed -n 's/.* choice: .*{ \(what = .\), .* why = \(.*\) }/\1 \2/p' "$work/txt" | tr '\n' ' ')" \
		'what = 0 "--delay" what = 3 "--delay" '
}

# stage N: what a COMMAND does when it is let do step N, and then says so.
stage() {
	echo "until [ -e $work/go.$1 ]; do sleep 0.02; done; $loop 10 1000 150; touch $work/done.$1;"
}

let_do() {
	touch "$work/go.$1"
	wait_for test -e "$work/done.$1"
}

# Calls while recording is off are not there, those before and after are.
sigusr2_switches() {
	start -- sh -c "$(stage 1) $(stage 2) $(stage 3)"
	let_do 1
	kill -USR2 "$pid"
	wait_for grep -q 'recording is off' "$work/err"
	let_do 2
	kill -USR2 "$pid"
	wait_for grep -q 'recording is on' "$work/err"
	let_do 3
	wait "$pid"
	expect 'SIGUSR2: status' $? 0
	read_trace SIGUSR2
	expect 'SIGUSR2: processes that were recorded' \
		"$(grep -c ' vcpu: .* vm = "getppid_loop"' "$work/txt")" 2
	"$hyptrace" report "$work/t" | grep -q '^note .*switched off: 1;' ||
		fail 'SIGUSR2: the report says nothing'
}

# report_json OPTION...: the report of the trace.
report_json() {
	"$hyptrace" report --json "$work/t" "$@" >"$work/json" || fail "report: status $?"
}

records_of_report() {
	jq '.exits.total + .exits.starts' "$work/json"
}

# By chance: of n calls each with p = 1/10, 5 standard deviations are allowed for.
samples_are_unbiased() {
	record --sample 10 -- "$loop" 1000 1000 700
	expect 'sample: status' "$status" 0
	read_trace sample
	calls=$(cat "$work/out")
	report_json
	expect 'sample: totals' "$(records_of_report)" "$calls"
	expect 'sample: lost' "$(jq .exits.lost "$work/json")" 0
	expect 'sample: chosen' "$(jq -r .chosen "$work/json")" 'one of 10, by chance'
	found=$(events)
	awk "BEGIN { d = $found - $calls / 10; exit !(d * d <= 25 * $calls * 0.09) }" ||
		fail "sample: $found of $calls"
	report_json --records
	expect 'sample: records' "$(records_of_report)" "$found"
}

# calls_at NS: the calls up to that moment of CLOCK_MONOTONIC, by the loop's own log.
calls_at() {
	awk -v at="$1" '$1 <= at { calls = $2 } END { print calls + 0 }' "$work/calls"
}

# calls_so_far: as the loop has logged them.
calls_so_far() {
	tail -n 1 "$work/calls" | cut -d ' ' -f 2
}

# kill_recording: and then what it recorded, which would run on.
kill_recording() {
	recorded=$(pgrep -P "$pid")
	kill -KILL "$pid"
	wait "$pid" 2>/dev/null
	kill "$recorded"
}

# Of two VMs the first has ended when the tool is killed: there are all its totals, and of
# the other those of some moment no longer before than they are stored apart.
totals_of_a_killed_recording() {
	HYPTRACE_TOTALS_EVERY=500ms start --sample 10 -- \
		sh -c "$loop 100 1000 300; exec $loop 1000 1000 20000 $work/calls"
	wait_for [ -s "$work/out" ]
	sleep 2
	kill_recording
	report_json
	expect 'killed: cut off, from totals' "$(jq -c '.exits | [.cut_off, .from_totals]' "$work/json")" \
		'[true,true]'
	ended=$(head -n 1 "$work/out")
	expect 'killed: the VM that had ended' "$(jq '[.vcpus[] | select(.vm == "getppid_loop")
		| .records] | max' "$work/json")" "$ended"
	"$hyptrace" report "$work/t" >"$work/text" || fail 'killed: report'
	grep -q '^note .*in counts and sums as of' "$work/text" || fail "killed: says $(cat "$work/text")"
	grep -q 'sums are exact' "$work/text" && fail 'killed: sums are not exact'
	read_trace killed
	at=$(sed -n 's/.* rest_until: .*{ at = \([0-9]*\) }$/\1/p' "$work/txt" | tail -n 1)
	first=$(calls_at "$at") last=$(calls_so_far)
	running=$(jq "[.vcpus[].records] | add - $ended" "$work/json")
	between 'killed: records of the VM that ran' "$running" "$first" "$last"
	between 'killed: the age of the totals [ms]' "$(jq '.exits.totals_age_ns / 1000000 | floor' "$work/json")" \
		-100 1250
}

# What is booked is stored when recording is switched off, however seldom it is else.
totals_of_a_recording_killed_while_off() {
	start --sample 10 -- "$loop" 100 1000 20000 "$work/calls"
	sleep 1
	first=$(calls_so_far)
	kill -USR2 "$pid"
	wait_for grep -q 'recording is off' "$work/err"
	last=$(calls_so_far)
	sleep 1
	kill_recording
	report_json
	between 'killed while off: records' "$(records_of_report)" "$first" $((last + 1000))
}

# Each part has its own totals; those of the last one are of a moment before the kill.
totals_of_killed_parts() {
	HYPTRACE_TOTALS_EVERY=400ms start --sample 10 --rotate 3s -- "$loop" 1000 1000 20000 "$work/calls"
	wait_for test -e "$work/t/part-000002"
	first=$(calls_so_far)
	sleep 1.5
	kill_recording
	last=$(calls_so_far) sum=0
	for part in "$work"/t/part-*; do
		"$hyptrace" report --json "$part" >"$work/json" || fail "$part: report"
		sum=$((sum + $(records_of_report)))
	done
	expect 'killed: the last part' "$(jq -c '.exits | [.cut_off, .from_totals]' "$work/json")" '[true,true]'
	between 'killed: records in all parts' "$sum" "$first" "$last"
}

# Every 4096th record of the test's probes is longer than 2^32 ns.
slow_ones_alone() {
	record --slower-than 4s -- "$loop" 1000 1000 600
	read_trace slow
	calls=$(cat "$work/out")
	report_json
	expect 'slow: records' "$(events)" $((calls / 4096))
	expect 'slow: totals' "$(records_of_report)" "$calls"
	expect 'slow: lost' "$(jq .exits.lost "$work/json")" 0
}

# The test's probes make one start of each thread, and then SVCs.
reasons_alone() {
	record --reason start -- "$loop" 100 1000 200
	read_trace reason
	expect 'reason: records' "$(events)" 1
	report_json
	expect 'reason: totals' "$(records_of_report)" "$(cat "$work/out")"
}

# A full ring loses chosen records, and only these are lost.
loss_of_chosen_records() {
	record --sample 2 --mem-ring "$(getconf PAGESIZE)" -- "$loop" 4000 1000 500
	babeltrace2 "$work/t" >"$work/txt" 2>"$work/warnings" || fail 'chosen loss: babeltrace2 fails'
	lost=$(sed -n 's/.* end: .*lost = \([0-9]*\),.*/\1/p' "$work/txt")
	[ "$lost" -gt 0 ] || fail 'chosen loss: none, in rings of one page'
	report_json
	expect 'chosen loss: lost' "$(jq .exits.lost "$work/json")" "$lost"
	expect 'chosen loss: totals' "$(records_of_report)" "$(cat "$work/out")"
	calls=$(cat "$work/out") found=$(($(events) + lost))
	awk "BEGIN { d = $found - $calls / 2; exit !(d * d <= 25 * $calls / 4) }" ||
		fail "chosen loss: $found of $calls"
}

marks_reach_recordings() {
	start -- sh -c "until [ -e $work/marked ]; do $loop 10 1000 50; done"
	"$hyptrace" mark 'one two' || fail "mark: status $?"
	"$hyptrace" mark "$(printf 'a"b\033[2J')" || fail "mark: status $?"
	touch "$work/marked"
	wait "$pid"
	expect 'mark: status' $? 0
	read_trace mark
	expect 'mark: events' "$(grep -c ' mark: ' "$work/txt")" 2
	"$hyptrace" report --by mark "$work/t" >"$work/marks" || fail 'mark: report'
	grep -qE '^one two +host +[0-9.,]+$' "$work/marks" || fail "mark: $(cat "$work/marks")"
	grep -qF 'a"b?[2J' "$work/marks" || fail "mark: $(cat "$work/marks")"
	report_json
	expect 'mark: in JSON' "$(jq -r '.marks[0].text' "$work/json")" 'one two'
}

# Two recordings get it, one that was killed is no obstacle, another user reaches none.
marks_reach_all_and_no_others() {
	rm -rf "$work/second"
	start -a
	first=$pid
	"$recorder" -o "$work/second" -a >/dev/null 2>&1 &
	second=$!
	"$recorder" -o "$work/killed" -a >/dev/null 2>&1 &
	killed=$!
	wait_for test -e "$work/killed" -a -e "$work/second"
	sleep 0.3
	kill -KILL "$killed"
	wait "$killed" 2>/dev/null
	cp "$hyptrace" "$work/copy"
	chmod 711 "$work"
	setpriv --reuid 65534 --clear-groups "$work/copy" mark theirs 2>"$work/err2"
	expect 'mark of another user: status' $? 1
	grep -q 'no recording of this user runs' "$work/err2" || fail "mark: says '$(cat "$work/err2")'"
	"$hyptrace" mark ours || fail "mark: status $?"
	kill -INT "$first" "$second"
	wait "$first" "$second"
	for trace in t second; do
		expect "marks in $trace" "$(babeltrace2 "$work/$trace" | grep ' mark: ' |
			sed 's/.* text = //')" '"ours" }'
	done
	"$hyptrace" mark nobody 2>/dev/null
	expect 'mark without a recording: status' $? 1
	"$hyptrace" mark two texts 2>/dev/null
	expect 'two marks: status' $? 2
}

# Each part is a trace by itself; appends its records and lost ones to $work/ends.
all_parts_are_traces() {
	for part in "$work/t"/[pd]*-*; do
		read_trace "$part" "$part"
		sed -n 's/.* end: .*{ records = \(.*\), lost = \(.*\), clamped = .*/\1 \2/p' \
			"$work/txt" >>"$work/ends"
		"$hyptrace" report "$part" >/dev/null || fail "$1: report of $part"
	done
}

# All records are in some part, and each part adds up by itself.
rotate_loses_nothing() {
	: >"$work/ends"
	record --rotate 200ms -- "$loop" 100 1000 1100
	expect 'rotate: status' "$status" 0
	all_parts_are_traces rotate
	expect 'rotate: records and lost of all parts' \
		"$(awk '{ r += $1; l += $2 } END { print r, l }' "$work/ends")" \
		"$(cat "$work/out") 0"
	[ "$(wc -l <"$work/ends")" -ge 3 ] || fail "rotate: $(wc -l <"$work/ends") parts in 1.1 s"
	"$hyptrace" report "$work/t" >/dev/null 2>"$work/err2"
	expect 'rotate: report of the directory: status' $? 1
	grep -q "parts of a recording, each a trace; name one, as '$work/t/part-000001'" \
		"$work/err2" || fail "rotate: says '$(cat "$work/err2")'"
}

# The totals of a part are of that part.
rotate_with_totals() {
	record --rotate 200ms --sample 10 -- "$loop" 100 1000 1100
	sum=0
	for part in "$work/t"/part-*; do
		exits=$("$hyptrace" report --json "$part" | jq '.exits.total + .exits.starts')
		sum=$((sum + ${exits:-0}))
	done
	expect 'rotate: totals of all parts' "$sum" "$(cat "$work/out")"
}

rotate_keeps_the_newest() {
	record --rotate 128K --keep 2 -- "$loop" 1000 5000 900
	expect 'keep: status' "$status" 0
	all_parts_are_traces keep
	expect 'keep: parts' "$(find "$work/t" -maxdepth 1 -name 'part-*' | wc -l)" 2
	[ -e "$work/t/part-000001" ] && fail 'keep: the first part is still there'
	[ "$(du -sk "$work/t" | cut -f1)" -le 2500 ] || fail "keep: $(du -sk "$work/t")"
}

# A file system of 1 MB that takes no third part: those before stay readable.
disk_full_while_rotating() {
	mkdir -p "$work/disk"
	mount -t tmpfs -o size=1m tmpfs "$work/disk" 2>/dev/null || {
		skip_part 'a full disk: none without mount'
		return
	}
	"$recorder" -o "$work/disk/t" --rotate 300K -- "$loop" 1000 5000 1000 >"$work/out" 2>"$work/err"
	expect 'full while rotating: status' $? 1
	grep -Eq "no space left on '$work/disk/t/part-00000.'; [0-9,]+ records written into this part, and readable, as are the parts before it; " "$work/err" ||
		fail "full while rotating: says '$(cat "$work/err")'"
	[ -s "$work/out" ] || fail 'full while rotating: the command did not run on'
	for part in "$work/disk/t"/part-*; do
		read_trace 'full while rotating' "$part"
	done
	umount "$work/disk"
}

# On SIGUSR1 the newest are written; what is written goes on; the end writes too.
flight_dumps_when_asked() {
	start --flight 256K -- sh -c "$(stage 4) $(stage 5)"
	let_do 4
	kill -USR1 "$pid"
	wait_for test -e "$work/t/dump-000001"
	expect 'flight: said' "$(grep -c 'SIGUSR1: the newest records are in .*/dump-000001' "$work/err")" 1
	let_do 5
	wait "$pid"
	expect 'flight: status' $? 0
	expect 'flight: dumps' "$(find "$work/t" -mindepth 1 -maxdepth 1 | wc -l)" 2
	: >"$work/ends"
	all_parts_are_traces flight
	expect 'flight: lost' "$(awk '{ l += $2 } END { print l }' "$work/ends")" 0
	"$hyptrace" report "$work/t/dump-000002" | grep -q '^chosen *the newest 262.1 KB: .* of these alone' ||
		fail "flight: $("$hyptrace" report "$work/t/dump-000002" | head -12)"
}

flight_keeps_the_newest() {
	record --flight 64K -- "$loop" 1000 2000 400
	read_trace 'newest' "$work/t/dump-000001"
	calls=$(cat "$work/out")
	between 'newest: records of 64 KB' "$(events)" 100 340
	last=$(sed -n 's/.* exit: .* seq = \([0-9]*\),.*/\1/p' "$work/txt" | tail -n 1)
	expect 'newest: the last record' "$last" $((calls - 1))
	sed -n 's/.* exit: .* seq = \([0-9]*\),.*/\1/p' "$work/txt" |
		awk 'NR > 1 && $1 != last + 1 { exit 1 } { last = $1 }' || fail 'newest: gaps'
}

# Every 4096th record of the test's probes takes more than 4 s.
slow_exit_dumps() {
	record --flight 1M --dump-slower 4s -- "$loop" 1000 2000 400
	expect 'slow exit: status' "$status" 0
	expect 'slow exit: said' "$(grep -c 'a slow exit: the newest records are in' "$work/err")" 1
	read_trace 'slow exit' "$work/t/dump-000001"
	grep -q ' seq = 4095, ' "$work/txt" || fail 'slow exit: it is not there'
}

# Killed at some moment of many dumps: each that is there is whole.
kill_while_dumping() {
	for delay in 0.01 0.03 0.05 0.08; do
		start --flight 4M -- "$loop" 2000 1000 2000
		sleep 0.4
		for _ in 1 2 3; do
			kill -USR1 "$pid"
			sleep "$delay"
		done
		kill -KILL "$pid"
		wait "$pid" 2>/dev/null
		for part in "$work/t"/dump-*; do
			[ -e "$part" ] && read_trace 'killed while dumping' "$part"
		done
	done
}

# Seeing pauses alone takes more than a hundredth of a per cent here.
budget_steps_down() {
	record --budget 0.01 -- "$loop" 10 200 2200
	expect 'budget: status' "$status" 0
	read_trace budget
	steps=$(sed -n 's/.* choice: .*{ what = \(.\), one_of = \([0-9]*\), .*/\1,\2/p' "$work/txt" |
		tr '\n' ' ')
	case $steps in
	'2,10 '*) ;;
	*) fail "budget: steps '$steps'" ;;
	esac
	grep -Eq "^hyptrace record: the tool took [0-9.]+ % of the vCPUs' time, more than 0.01 %: one record in 10" \
		"$work/err" || fail "budget: says '$(cat "$work/err")'"
	report_json
	expect 'budget: totals' "$(records_of_report)" "$(cat "$work/out")"
	expect 'budget: lost' "$(jq .exits.lost "$work/json")" 0
	[ "$(events)" -lt "$(cat "$work/out")" ] || fail 'budget: all records are there'
	record --budget 99 -- "$loop" 10 200 1200
	read_trace 'large budget'
	expect 'large budget: choices' "$(grep -c ' choice: ' "$work/txt")" 0
	report_json
	expect 'large budget: from totals' "$(jq .exits.from_totals "$work/json")" false
}

refusals() {
	for words in '--budget 100' '--budget x' '--rotate 5' '--keep 3' '--flight 1M --rotate 1s' '--dump-slower 1s' '--reason mimo' '--reason cpuid' '--vcpu 1-3' '--sample 0' '--slower-than 5' '--duration 5' '--delay 0s' '--exits 0' '--exits many' '--duration 1.5s'; do
		# shellcheck disable=SC2086
		record $words -a
		expect "$words: status" "$status" 2
		expect "$words: lines" "$(wc -l <"$work/err")" 1
		[ -e "$work/t" ] && fail "$words: the directory is left"
	done
}

duration_ends_the_recording
exits_end_the_recording
delay_leaves_out_the_beginning
sigusr2_switches
samples_are_unbiased
totals_of_a_killed_recording
totals_of_a_recording_killed_while_off
totals_of_killed_parts
slow_ones_alone
reasons_alone
loss_of_chosen_records
marks_reach_recordings
marks_reach_all_and_no_others
rotate_loses_nothing
rotate_with_totals
rotate_keeps_the_newest
disk_full_while_rotating
flight_dumps_when_asked
flight_keeps_the_newest
slow_exit_dumps
kill_while_dumping
budget_steps_down
refusals
[ "$failures" = 0 ] && echo 'PASS: choose'
exit $((failures > 0))
