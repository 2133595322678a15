#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# The dashboard's screens on fixed traces, in terminals of several sizes and
# kinds, as keys and the mouse lead to them. `--update` writes the expected
# screens instead of comparing.
set -u
cd "$(dirname "$0")/../.." || exit 1
build=$(cd "${O:-build}" && pwd) || exit 1
expected=$PWD/tests/golden/screens
. tests/golden/lib-screen.sh
hyptrace=$build/hyptrace
failures=0
update=${1:-}

work=$(mktemp -d) || exit 1
trap 'screen_end; rm -rf "$work"' EXIT
cd "$work" || exit 1
export TZ=UTC
begun=0

fail() {
	echo "FAIL: $*"
	failures=$((failures + 1))
}

# same NAME [painted]: the screen is as expected.
same() {
	if [ "$update" = --update ]; then
		sleep 1
		"${2:-shown}" >"$expected/$1"
	elif [ $failures -lt 3 ]; then
		looks_like "$expected/$1" "${2:-shown}" || fail "$1"
	fi
}

# remembers LINE...: the next one begins with these settings.
remembers() {
	mkdir -p "$work/config$((begun + 1))/hyptrace"
	printf '%s\n' "$@" >"$work/config$((begun + 1))/hyptrace/dashboard"
}

# begin COLUMNSxROWS TERM LOCALE COMMAND: with settings as they come.
begin() {
	begun=$((begun + 1))
	export XDG_CONFIG_HOME="$work/config$begun"
	screen "$@"
	awaits '\? ?Help' || fail "$4 does not begin"
}

mkdir -p "$expected"
"$build/tests/golden/report_tiers" lossy lossy || fail 'report_tiers lossy'
for name in nvhe many icount cut wide; do
	"$build/tests/golden/report_samples" $name $name || fail "report_samples $name"
done
for name in nvhe vhe icount; do
	"$build/tests/golden/report_classes" classes_$name classes_$name || fail "report_classes $name"
done

# Without colours and beyond ASCII nothing: every screen in the smallest window.
begin 80x24 vt100 C "$hyptrace tui nvhe"
same 80_overview.txt
press 2 && same 80_exits.txt
press Down Enter '>' r / && same 80_reason.txt
press Escape 3 && same 80_switch.txt
press 4 && same 80_io.txt
press 5 && same 80_timeline.txt
press n && same 80_timeline_exit.txt
press n n N + Right && same 80_timeline_moved.txt
press 0 + Right Right Right Right Right && same 80_timeline_end.txt
press - - - && same 80_timeline_out.txt
press '?' && same 80_help.txt
press '?' 1 v v && same 80_vcpu.txt
press 2 && same 80_vcpu_exits.txt
press Escape u && same 80_percent.txt

# Sorting by each column, and a filter as it is typed.
begin 80x24 vt100 C "$hyptrace tui many"
press 2 '>' '>' '>' '>' && same 80_sorted.txt
press r && same 80_sorted_up.txt
press / 0 8 && same 80_typing.txt
press Enter && same 80_filtered.txt
press / BSpace BSpace x && same 80_nothing.txt
press Escape End && same 80_last.txt

# The narrowest window; one where bars are short; each screen in widths up to 80.
begin 40x10 vt100 C "$hyptrace tui nvhe"
same 40_overview.txt
press 2 && same 40_exits.txt
press 5 n && same 40_timeline.txt
begin 44x24 vt100 C "$hyptrace tui nvhe"
same 44_overview.txt
press 2 Enter && same 44_reason.txt
press 5 n && same 44_timeline.txt
for columns in $(seq 40 47) $(seq 50 4 79); do
	resize "${columns}x24"
	tm send-keys 1 2 Enter 3 4 5 n '?'
	awaits 'this help' || fail "$columns columns"
	press 1
	awaits 'exits a second' || fail "the overview in $columns columns"
done

# Sizes with room; a window that changes its size is as one that had it before.
begin 120x40 xterm-256color C.UTF-8 "$hyptrace tui nvhe"
same 120_overview.txt
press 2 && same 120_exits.txt
press Enter && same 120_reason.txt
press 5 n n && same 120_timeline.txt
resize 200x60
same 200_timeline.txt
press 1 && same 200_overview.txt
press 2 && same 200_exits.txt
resize 80x24
same 80_utf8_exits.txt
resize 120x40
press Escape 1
[ "$update" = --update ] || looks_like "$expected/120_overview.txt" || fail 'resized'

# 8 colours; two traces.
begin 120x40 xterm C.UTF-8 "$hyptrace tui classes_nvhe classes_vhe"
press 3 && same 120_two.txt
press '>' '>' '>' && same 120_two_sorted.txt
press v && awaits '1 vCPU of A, B whole' || fail 'whose numbers two traces have'
begin 80x24 xterm C.UTF-8 "$hyptrace tui classes_nvhe"
press 3 && same 80_classes.txt
press u u && same 80_cycles.txt
press 1 && awaits 'exits a second' || fail 'back from the cycles'
shown | grep -q 'in CPU cycles' && fail 'the overview is in cycles'
remembers unit=2 screen=2
begin 80x24 vt100 C "$hyptrace tui nvhe"
same 80_switch.txt

# Colours: 256 and 8 of them.
begin 80x24 tmux-256color C.UTF-8 "$hyptrace tui nvhe"
same 256_overview.txt painted
press 2 '>' && same 256_exits.txt painted
begin 80x24 xterm C.UTF-8 "$hyptrace tui nvhe"
same 8_overview.txt painted
press 5 n && same 8_timeline.txt painted

# Instructions; a trace that was cut off; a length beyond 32 bits.
begin 80x24 vt100 C "$hyptrace tui icount"
same 80_icount.txt
begin 80x24 vt100 C "$hyptrace tui cut"
same 80_cut.txt
begin 80x24 vt100 C "$hyptrace tui wide"
press 5 && same 80_wide.txt

# More to be said of the numbers than there is room for: Help has it all.
begin 80x24 vt100 C "$hyptrace tui lossy"
same 80_states.txt
press '?' && same 80_states_help.txt

# The mouse: a tab, a title to sort by, a row, and the same row again.
begin 80x24 xterm-256color C.UTF-8 "$hyptrace tui nvhe"
click 15 2 && awaits '\[2 Exits\]' || fail 'a click on a tab'
click 23 6 && awaits 'by count' || fail 'a click on a title'
click 5 9 && click 5 9 && awaits 'by account' || fail 'a click on a row'

# A click on a tab while the filter is typed; the mouse left to the terminal and taken back.
press Escape / 0
awaits 'filter: 0_' || fail 'typing'
click 30 2 && awaits '\[3 World switch\]' || fail 'a click on a tab while typing'
shown | grep -q 'filter:' && fail 'still typing behind a click on a tab'
press Escape m
awaits "the mouse is the terminal's" || fail 'm'
[ "$(tm display -p '#{mouse_any_flag}')" = 0 ] || fail 'm does not leave the mouse'
press m
awaits "the mouse is the dashboard's" || fail 'm again'
[ "$(tm display -p '#{mouse_any_flag}')" = 1 ] || fail 'm does not take the mouse'
press 2

# What was chosen is remembered.
press r q
ends || fail 'q does not end it'
grep -q '^sort1=+count$' "$XDG_CONFIG_HOME/hyptrace/dashboard" || fail 'r is not remembered'
screen 80x24 xterm-256color C.UTF-8 "$hyptrace tui nvhe"
awaits '\[2 Exits\]' && awaits 'by count' || fail 'settings are not remembered'

# A window too small, and no terminal at all.
begin 80x24 vt100 C "$hyptrace tui nvhe"
resize 30x5
awaits 'make the window larger' || fail 'a small window'
"$hyptrace" tui nvhe >out 2>err </dev/null && fail 'runs without a terminal'
grep -q 'needs a terminal' err || fail "no terminal: $(cat err)"

screen_end
[ $failures -eq 0 ] && echo 'PASS: screens are as expected'
[ $failures -eq 0 ]
