#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# kill -9 at a random moment, KILLS times: the trace is readable without a
# warning, and holds what the last progress line counted and all but the last
# 100 ms.
tools=babeltrace2
. "$(dirname "$0")/lib.sh"
kills=${KILLS:-100}
worst_ms=0

# read_trace: the number of its records in $records.
read_trace() {
	babeltrace2 "$work/t" >"$work/txt" 2>"$work/err" || fail "kill $number: babeltrace2 exits $?"
	[ -s "$work/err" ] && fail "kill $number: babeltrace2 says: $(head -n 1 "$work/err")"
	records=$(grep -c ' begin = ' "$work/txt")
}

# The calls before a moment, by the log that the process itself kept.
calls_before() {
	awk -v moment="$1" '$1 <= moment { calls = $2 } END { print calls + 0 }' "$work/calls"
}

# The age of the first call that is not in the trace, in ms before the kill.
age_of_first_missing() {
	awk -v records="$1" -v moment="$2" '$2 > records && $1 <= moment {
		printf "%d\n", (moment - $1) / 1000000; exit }' "$work/calls"
}

check_trace() {
	read -r counted killed_ns <"$work/killed"
	[ "$records" -ge "$counted" ] || fail "kill $number: $records records, where $counted were shown as written"
	due=$(calls_before $((killed_ns - 100000000)))
	[ "$records" -ge "$due" ] || fail "kill $number: $records records, of $due that were 100 ms old"
	age_ms=$(age_of_first_missing "$records" "$killed_ns")
	[ "${age_ms:-0}" -gt "$worst_ms" ] && worst_ms=$age_ms
}

number=0
while [ "$number" -lt "$kills" ]; do
	number=$((number + 1))
	"$build/tests/integration/kill_in_terminal" 100 400 "$recorder" -o "$work/t" -- \
		"$loop" 500 4000 5000 "$work/calls" >"$work/killed" || fail "kill $number: no recording"
	read_trace
	check_trace
	rm -rf "$work/t"
done
[ "$failures" = 0 ] && echo "PASS: $kills kills; nothing older than $worst_ms ms is missing"
exit $((failures > 0))
