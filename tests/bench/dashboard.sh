#!/bin/sh
# What the dashboard costs and how fast it answers: on totals of 64 vCPUs, on
# probes that are loaded and attached, and on a trace of a million exits. A figure
# over its bound fails where the machine is idle enough to tell.
set -u
cd "$(dirname "$0")/../.." || exit 1
build=$(cd "${O:-build}" && pwd) || exit 1
. tests/golden/lib-screen.sh
seconds=${SECONDS_WATCHED:-60}
status=0

work=$(mktemp -d "${TMPDIR:-/var/tmp}/hyptrace-bench.XXXXXX") || exit 1
trap 'screen_end; until rm -rf "$work" 2>/dev/null; do :; done' EXIT # it saves its settings
export XDG_CONFIG_HOME="$work/config"

now_ms() {
	echo $(($(date +%s%N) / 1000000))
}

# bound WHAT GOT MOST UNIT: GOT and MOST may have decimals.
bound() {
	if awk "BEGIN { exit !($2 <= $3) }"; then
		echo "$1: $2 $4 (at most $3)"
	else
		echo "$1: $2 $4, OVER $3"
		status=1
	fi
}

# cpu_ms PID: user and system time so far.
cpu_ms() {
	awk -v hz="$(getconf CLK_TCK)" '{ sub(/.*\) /, ""); print int(($12 + $13) * 1000 / hz) }' "/proc/$1/stat"
}

# first_frame WHAT MOST COMMAND [PATTERN]: from its start to the first whole screen, or to
# the first one with the pattern; the median of five.
first_frame() {
	for i in 1 2 3 4 5; do
		begin=$(now_ms)
		{ sleep 2; printf q; } | script -qfc "stty cols 120 rows 40; TERM=xterm-256color exec $3" /dev/null |
			stdbuf -o0 tr '\033' '\n' | (grep -aq "${4:-Quit}" && now_ms >"$work/shown"; cat >/dev/null)
		echo $(($(cat "$work/shown") - begin))
	done | sort -n >"$work/frames"
	bound "$1 ($(tr '\n' ' ' <"$work/frames")ms)" "$(sed -n 3p "$work/frames")" "$2" ms
}

# answers FILE: of a log of input (I) and output (O) with the seconds between, the ms
# from each key to what came next.
answers() {
	awk '$1 == "I" { waiting = 1; passed = 0; next }
		{ passed += $2 }
		$1 == "O" && waiting { print int(passed * 1000 + 0.5); waiting = 0 }' "$1" | sort -n
}

# The child of the two processes has the dashboard, the parent guards the terminal.
ln -s "$build/tests/golden/live_samples" "$work/live"
screen 200x60 xterm-256color C.UTF-8 "$work/live busy 64 32 -a"
awaits '\? Help' || exit 1
press 2
pid=$(pgrep -P "$(pgrep -of "^$work/live")" -f "^$work/live")
sleep 2
before=$(cpu_ms "$pid")
memory=$(awk '/VmRSS/ { print $2 }' "/proc/$pid/status")
sleep "$seconds"
bound '64 vCPUs, 32 reasons each, 2 frames a second: of a core' \
	"$(awk "BEGIN { print ($(cpu_ms "$pid") - $before) / 10 / $seconds }")" 1 '%'
bound "memory gained in $seconds s" $(($(awk '/VmRSS/ { print $2 }' "/proc/$pid/status") - memory)) 2000 KiB
screen_end

first_frame 'first frame on totals of 64 vCPUs' 200 "$work/live busy 64 32 -a"
recorder=$build/tests/integration/recorder
if "$recorder" --probe >"$work/probe"; then
	first_frame 'first frame, probes loaded and attached' 200 "$recorder live -a"
else
	cat "$work/probe"
fi

"$build/tests/golden/report_samples" million "$work/million" || exit 1
du -sh "$work/million" | awk '{ print "a million exits: " $1 }'
first_frame 'first screen of a million exits' 1000 "$build/hyptrace tui $work/million" 'what is shown is a part'
{
	for key in 2 3 4 5 n 1 2 3 4 5 1 2 3 4 5; do
		sleep 0.23
		printf $key
	done
	sleep 12
	printf '?'
	sleep 0.5
	printf q
	sleep 1 # script passes the last of its input on late
} | script -qf -T "$work/timing" -I "$work/in" -O "$work/out" \
	-c "stty cols 120 rows 40; TERM=xterm-256color exec $build/hyptrace tui $work/million" >"$work/screen"
grep -aq 'reading the trace' "$work/out" || echo 'no part of it was shown'
answers "$work/timing" >"$work/answers"
bound "the slowest of $(wc -l <"$work/answers") keys, most of them while it is read" \
	"$(tail -n 1 "$work/answers")" 100 ms

# Opened, it is read; q comes before that, and what it waits for is the thread that opens.
for i in 1 2 3 4 5; do
	{ sleep 0.15; now_ms >"$work/pressed"; printf q; sleep 1; } |
		(script -qfc "stty cols 120 rows 40; TERM=xterm-256color exec $build/hyptrace tui $work/million" /dev/null
			now_ms >"$work/left"; cat >/dev/null) | tail -c 1000 >"$work/screen"
	echo $(($(cat "$work/left") - $(cat "$work/pressed")))
done | sort -n >"$work/leaving"
bound "q while it is opened ($(tr '\n' ' ' <"$work/leaving")ms)" "$(sed -n 3p "$work/leaving")" 100 ms

screen 120x40 xterm-256color C.UTF-8 "$build/hyptrace tui $work/million"
begin=$(now_ms)
awaits 'reading the trace: [0-9]+ %' || status=1
until ! shown | grep -q 'reading the trace'; do sleep 0.1; done
echo "read whole after $(($(now_ms) - begin)) ms"
pid=$(pgrep -nf "^$build/hyptrace tui")
bound 'memory with all of it read' "$(awk '/VmHWM/ { print int($2 / 1024) }' "/proc/$pid/status")" 64 MiB
exit $status
