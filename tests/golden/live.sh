#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# The dashboard on totals: what it says of them, what its keys do, that a saved
# screen and its JSON agree, and that the terminal is as before however it ends.
set -u
cd "$(dirname "$0")/../.." || exit 1
build=$(cd "${O:-build}" && pwd) || exit 1
expected=$PWD/tests/golden/screens
. tests/golden/lib-screen.sh
command -v jq >/dev/null || { echo "SKIP: jq is missing: run 'make deps'"; exit 77; }
failures=0
begun=0

work=$(mktemp -d) || exit 1
trap 'screen_end; rm -rf "$work"' EXIT
ln -s "$build/tests/golden/live_samples" "$work/live"
cd "$work" || exit 1

fail() {
	echo "FAIL: $*"
	failures=$((failures + 1))
}

# begin SAMPLE VCPUS REASONS
begin() {
	begun=$((begun + 1))
	export XDG_CONFIG_HOME="$work/config$begun"
	screen 120x40 xterm-256color C.UTF-8 "$work/live $* -a"
	awaits '\? Help' || fail "$* does not begin"
}

# number PATTERN: the first whole number behind it on the screen.
number() {
	shown | sed -n "s/.*$1 *\([0-9,]*\).*/\1/p" | head -n 1 | tr -d ,
}

says_what_runs() {
	begin fixed 0 0
	awaits 'no VM is running; the first one' || fail 'no VM'
	begin fixed 2 8
	awaits ' 1 +\[.*2 vCPUs' || fail 'a VM'
	shown | grep -q '5 Timeline' && fail 'a timeline of totals'
	press 2
	awaits 'HVC 0x84000000 PSCI_VERSION .* 2,002 ' || fail 'exits'
	press v v
	awaits '\(pid 1\), vCPU 0 alone' || fail 'one vCPU'
	awaits 'HVC 0x84000000 PSCI_VERSION .* 1,001 ' || fail 'exits of one vCPU'
	begin gone 2 8
	awaits 'VM ended: guest-0' || fail 'a VM that ended'
	awaits 'no VM is running' || fail 'none is left'
	begin idle 2 8
	awaits 'no exit for 12 s' || fail 'no exit for some time'
	awaits 'no exit for 14 s' || fail 'that time grows'
	begin spins 2 8
	resize 80x24
	awaits 'vCPU 0 .*] 12\.[0-9]+ s: Guest executing' || fail 'what a vCPU is at'
	awaits 'vCPU 0 .*] 14\.[0-9]+ s: Guest executing' || fail 'how long it is at that'
}

# whose: the process whose vCPU 0 alone is shown.
whose() {
	awaits '\(pid [0-9]+\), vCPU 0 alone' >/dev/null
	shown | sed -n 's/.*(pid \([0-9]*\)), vCPU 0 alone.*/\1/p'
}

# The others move up among the totals when a VM is gone.
follows_a_vcpu() {
	begin leaves 6 8
	awaits 'all: 3 VMs, 6 vCPUs' || fail 'three VMs'
	press 2 v v v v v
	second=$(whose)
	touch gone
	sleep 2
	[ "$(whose)" = "$second" ] || fail "it shows another: $(whose), not $second"
	press V V
	awaits 'all: 2 VMs, 4 vCPUs' || fail 'those that are left'
	press v v
	[ "$(whose)" = "$second" ] || fail 'the second VM is not the first one now'
	rm gone
}

# Of the first reason each reading brings 1,001 exits of each vCPU.
keys_of_time() {
	begin grows 2 8
	press 2
	awaits 'PSCI_VERSION .* 1[0-9],0' || fail 'the numbers do not grow'
	press i
	awaits 'PSCI_VERSION .* 2,002 ' && awaits 'interval' || fail 'an interval'
	press i p
	awaits 'PAUSED' || fail 'paused'
	before=$(number PSCI_VERSION.*kernel)
	sleep 2
	[ "$before" = "$(number PSCI_VERSION.*kernel)" ] || fail 'what is held changes'
	press p z
	awaits 'PSCI_VERSION .* [2468],0[01]' || fail 'counted from now on'
}

# Each reading brings more; none but the first is due in this time.
keys_read_nothing() {
	mkdir -p "$work/config$((begun + 1))/hyptrace"
	echo delay_ms=60000 >"$work/config$((begun + 1))/hyptrace/dashboard"
	begin grows 2 8
	press 2 v V i i u
	awaits 'in per cent' && awaits 'PSCI_VERSION .* 2,002 ' || fail 'a key makes a reading'
	press p V v i i Escape u
	awaits 'PAUSED' && awaits 'in ticks' && awaits 'PSCI_VERSION .* 2,002 ' ||
		fail 'a key makes a reading while paused'
}

# COMMAND ends while the numbers are held.
holds_when_it_ends() {
	begun=$((begun + 1))
	export XDG_CONFIG_HOME="$work/config$begun"
	screen 120x40 xterm-256color C.UTF-8 "$work/live grows 2 8 -- sh -c 'sleep 4; >over'"
	awaits '\? Help' || fail 'COMMAND does not begin'
	press 2 p
	awaits 'PAUSED' || fail 'paused'
	before=$(number PSCI_VERSION.*kernel)
	while [ ! -e over ]; do sleep 0.2; done
	sleep 1
	[ "$before" = "$(number PSCI_VERSION.*kernel)" ] || fail 'its end makes a reading'
}

# chosen: the row that is selected.
chosen() {
	tm capture-pane -ep | sed -n 's/.*48;5;80m\(HVC 0x[0-9]*\).*/\1/p' | head -n 1
}

# In each interval another reason is the dearest.
stays_with_its_row() {
	begin turns 2 3
	press 2 i
	awaits 'interval' || fail 'an interval'
	press Down
	sleep 1
	row=$(chosen)
	[ -n "$row" ] || fail 'no row is selected'
	for _ in $(seq 8); do
		sleep 0.3
		[ "$(chosen)" = "$row" ] || fail "the selection goes from $row to $(chosen)"
	done
}

# Of a reason's class with many functions the dearest 100 are shown.
cuts_a_long_class() {
	begin fixed 2 200
	press 2 '>' Enter
	awaits 'its class, by' || fail 'a class'
	press NPage NPage NPage NPage NPage
	awaits 'and 50 more' || fail 'the rest of a class is not told'
}

# rows: name, count, mean, p50, p99, max of each reason, in ns.
rows_of_json() {
	jq -r '([.reasons[].ns.sum] | add) as $all | .reasons[] | [.name, .count, (.ns.sum * 1000 / $all | round),
		(.ns.mean * 10 | round), .ns.p50, .ns.p99, .ns.max] | map(tostring) | join("|")' "$1"
}

rows_of_text() {
	sed -n '/^exits by reason/,/^$/p' "$1" | sed '1d;/^$/d' | tr -d , |
		sed -n 's/^\(.*[^ ]\)  *\(el2\|kernel\|user\)  *\([0-9]*\)  *[0-9.-]*  *\([0-9.]*\)  *\([0-9.]*\)  *\([0-9]*\)  *\([0-9]*\)  *\([0-9]*\) .*/\1|\3|\4|\5|\6|\7|\8/p' |
		awk -F'|' -v OFS='|' '{ $3 = int($3 * 10 + 0.5); $4 = int($4 * 10 + 0.5); print }'
}

# shares_of_json FILE: group and tenths of a per cent.
shares_of_json() {
	jq -r '.ledger | .wall_ns as $wall | .groups | to_entries[] | select(.value.ns > 0) |
		"\(.key) \(.value.ns * 1000 / $wall | round)"' "$1" | sort
}

# Of the legend; a group that was not touched has no number.
shares_of_text() {
	sed -n 's/ %/ %\n/gp' "$1" | sed -n 's/^ *[GSTIDH?] \([A-Z].*\) \([0-9.]*\) %$/\1|\2/p' |
		awk -F'|' '$2 > 0 { gsub(/[ \/]/, "_", $1)
			sub(/Save_and_restore/, "save_restore", $1)
			sub(/I_O_emulation/, "io_emulation", $1)
			print tolower($1), int($2 * 10 + 0.5) }' | sort
}

# vcpus_of_text FILE: exits of each vCPU, beside its bar.
vcpus_of_text() {
	sed -n 's/^  vCPU \([0-9]*\) .*\] *\([0-9,]*\) exits.*/\1 \2/p' "$1" | tr -d , | sort
}

# A tick is a ns here, so in ticks the screen rounds nothing but means.
saves_what_is_shown() {
	begin grows 4 100
	press 2 u u
	awaits 'in ticks' || fail 'units'
	press w
	awaits 'saved hyptrace-' || fail 'saving is not said'
	text=$(echo hyptrace-*.txt) json=$(echo hyptrace-*.json)
	rows_of_text "$text" | sort >text.rows
	rows_of_json "$json" | sort >json.rows
	[ "$(wc -l <json.rows)" = 100 ] || fail "$(wc -l <json.rows) reasons, not 100"
	diff text.rows json.rows || fail 'the text and the JSON differ'
	exits=$(sed -n 's/.* \([0-9,]*\) exits in \([0-9,]*\) .*/\1 \2/p' "$text" | tr -d ,)
	[ "$exits" = "$(jq -r '"\(.exits.total) \(.ledger.wall_ns)"' "$json")" ] ||
		fail "exits and time: $exits"
	rm hyptrace-*
	press 4 w
	awaits 'saved hyptrace-' || fail 'saving devices'
	sed -n '/^devices by/,/^$/p' hyptrace-*.txt | tr -d , | sed 's/ ([^)]*)//' |
		awk '/^0x/ { print $1, $2, $3, $4, $7 }' | sort >text.rows
	jq -r '.devices[] | "\(.ipa) \(.handled) \(.reads) \(.writes) \(.ns)"' hyptrace-*.json |
		sort >json.rows
	diff text.rows json.rows && [ -s json.rows ] || fail 'devices differ'
	rm hyptrace-*
	press 1 w
	awaits 'saved hyptrace-' || fail 'saving the overview'
	shares_of_text hyptrace-*.txt >text.rows
	shares_of_json hyptrace-*.json >json.rows
	diff text.rows json.rows && [ -s json.rows ] || fail 'shares of the groups differ'
	vcpus_of_text hyptrace-*.txt >text.rows
	jq -r '.vcpus[] | "\(.index) \(.exits)"' hyptrace-*.json | sort >json.rows
	diff text.rows json.rows && [ -s json.rows ] || fail 'exits of the vCPUs differ'
	rm hyptrace-*
	chmod 555 . && [ "$(id -u)" != 0 ] && press w && { awaits 'cannot save' || fail 'not said'; }
	chmod 755 .
}

# means_of_json FILE: row, mean to restore and to save the guest, of an exit, in whole ns.
means_of_json() {
	jq -r '.classes | (.rows.gp | ["gp", .restore_guest.mean, .save_guest.mean, .exit.mean]),
		(.all | ["all", .restore_guest.mean, .save_guest.mean, .exit.mean]) |
		map(if type == "number" then round else . end | tostring) | join(" ")' "$1"
}

means_of_text() {
	sed -n 's/^General purpose /gp /p;s/^All /all /p' "$1" | awk '{ print $1, $4, $5, $7 }'
}

# Of an exit a stamp's 4 ns are taken out of 20 and 30 ns; of RESTORE_GP 10 starts' 70 too. Each
# reading of the one that grows brings as many exits as the first one.
means_of_classes() {
	begin switch 2 8
	press 3
	awaits 'mean in ns; - is not touched; 4.00 ns taken out for each stamp' || fail 'of means'
	looks_like "$expected/120_switch_live.txt" || fail 'means of register classes'
	press w
	awaits 'saved hyptrace-' || fail 'saving register classes'
	means_of_text hyptrace-*.txt >text.rows
	means_of_json hyptrace-*.json >json.rows
	diff text.rows json.rows && [ "$(wc -l <text.rows)" = 2 ] || fail 'register classes differ'
	rm hyptrace-*
	begin grows 2 8
	press 3 i
	awaits 'General purpose 5,448 +- +30 +20 +- +50 ' && awaits 'interval' ||
		fail 'means of an interval'
	begin stock 2 8
	press 3
	awaits 'tier stock does not see the world switch: its time is part of the guest' ||
		fail 'a tier without the world switch'
	shown | grep -q 'register class' && fail 'register classes that the tier does not see'
}

# stat SAMPLE ARGUMENT...
stat() {
	sample=$1
	shift
	"$work/live" "$sample" 2 8 stat -a --duration 100 "$@" 2>&1
}

stat_has_the_same() {
	stat switch --by class >stat.txt || fail 'stat --by class'
	grep -qx 'save and restore: mean in ns of the records that touched it' stat.txt ||
		fail "stat --by class: $(cat stat.txt)"
	sed -n '/^register class/,$p' "$expected/120_switch_live.txt" | sed '/^$/,$d' >screen.rows
	sed -n '/^register class/,$p' stat.txt >stat.rows
	diff screen.rows stat.rows || fail 'stat --by class is not what is on the screen'
	stat stock --by class | grep -qx 'tier stock does not see the world switch.*' ||
		fail 'stat --by class of a tier without'
}

# as_before HOW STATUS: the terminal, and what the shell was told.
as_before() {
	awaits "status $2" || fail "$1: status"
	[ "$(tm display -p '#{alternate_on} #{cursor_flag} #{mouse_any_flag}')" = '0 1 0' ] ||
		fail "$1: the screen is not as before"
	cmp before after || fail "$1: the terminal is not as before"
}

# begin_in_shell SAMPLE
begin_in_shell() {
	begun=$((begun + 1))
	export XDG_CONFIG_HOME="$work/config$begun"
	rm -f before after
	screen 80x24 xterm-256color C.UTF-8 "sh -c 'trap : INT; stty -g >before; $work/live $1 2 8 -a;
		status=\$?; stty -g >after; echo status \$status; sleep 60'"
	[ "$1" = crash ] || awaits '\? Help' || fail 'does not begin in a shell'
}

# The dashboard is the child of its guard; which number is higher depends on the last one used.
dashboard() {
	for guard in $(pgrep -f "^$work/live"); do
		pgrep -P "$guard" -f "^$work/live"
	done
}

leaves_the_terminal() {
	begin_in_shell fixed
	press q
	as_before 'q' 0
	begin_in_shell fixed
	press C-c
	as_before 'Ctrl-C' 0
	begin_in_shell crash
	as_before 'a crash' 1
	begin_in_shell fixed
	kill -9 "$(dashboard)"
	as_before 'kill -9' 137
	for signal in TERM HUP ABRT; do
		begin_in_shell fixed
		kill -$signal "$(dashboard)"
		as_before $signal "$([ $signal = ABRT ] && echo 134 || echo 0)"
	done
	begin_in_shell fixed
	kill -9 "$(ps -o ppid= -p "$(dashboard)" | tr -d ' ')"
	# The shell goes on at once, the dashboard puts the screen right behind it.
	sleep 2
	[ "$(tm display -p '#{alternate_on} #{cursor_flag} #{mouse_any_flag}')" = '0 1 0' ] ||
		fail 'kill -9 of the guard: the screen is not as before'
	begin_in_shell fixed
	pid=$(dashboard)
	screen_end
	sleep 1
	kill -0 "$pid" 2>/dev/null && fail 'runs on without a terminal'
}

# Settings that cannot be kept are told of; COMMAND's end is awaited all the same.
keeps_the_status() {
	echo >no-folder
	export XDG_CONFIG_HOME="$work/no-folder"
	screen 120x40 xterm-256color C.UTF-8 "sh -c '$work/live fixed 2 8 -- sh -c \"sleep 3; exit 7\";
		echo status \$?; sleep 60'"
	awaits '\? Help' || fail 'does not begin without settings'
	press q
	awaits 'status 7' || fail 'the status of COMMAND'
	awaits 'cannot remember the settings in' || fail 'the settings are not told of'
}

says_what_runs
follows_a_vcpu
keys_of_time
keys_read_nothing
holds_when_it_ends
stays_with_its_row
cuts_a_long_class
saves_what_is_shown
means_of_classes
stat_has_the_same
leaves_the_terminal
keeps_the_status

screen_end
[ $failures -eq 0 ] && echo 'PASS: the dashboard on totals'
[ $failures -eq 0 ]
