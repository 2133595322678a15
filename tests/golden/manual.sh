#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Each command has a manual page, whose synopsis is the command's usage line, and
# which has each of its options; hyptrace(1) lists all commands. A mistyped one is guessed.
set -u
cd "$(dirname "$0")/../.." || exit 1
hyptrace=${O:-build}/hyptrace
failures=0

command -v mandoc >/dev/null || { echo 'SKIP: mandoc is not installed'; exit 77; }

fail() {
	echo "FAIL: $*"
	failures=$((failures + 1))
}

# text PAGE: as it is shown, without overstriking.
text() {
	mandoc -Tascii -O width=900 "$1" | col -b
}

check_page() {
	page=man/hyptrace-$1.1
	[ -e "$page" ] || {
		fail "$1: there is no $page"
		return
	}
	synopsis=$(text "$page" | sed -n '/^SYNOPSIS/{n;s/^ *//;p;}')
	usage=$("$hyptrace" "$1" --help | sed -n 's/^usage: //p')
	[ "$synopsis" = "$usage" ] || fail "$1: '$synopsis' is in the page, '$usage' in --help"
	for option in $("$hyptrace" --words "$1"); do
		text "$page" | grep -qE -e "^ *(-[a-zA-Z], )?$option( |\$)" || fail "$page lacks $option"
	done
	text man/hyptrace.1 | grep -q "^ *$1 *[A-Z]" || fail "hyptrace(1) lacks $1"
}

# meant WORD WHAT: what is said of a command that there is not.
meant() {
	said=$("$hyptrace" "$1" 2>&1)
	[ $? = 2 ] || fail "$1: the status is not 2"
	[ "$said" = "hyptrace: there is no command '$1'; $2" ] || fail "$1: says '$said'"
}

for command in $("$hyptrace" --words); do
	check_page "$command"
done
meant recrod "did you mean 'record'?" # swapped
meant rport "did you mean 'report'?" # left out
meant stats "did you mean 'stat'?" # added
meant lob "did you mean 'lab'?" # changed
meant xyz "'hyptrace --help' lists them"
meant t "'hyptrace --help' lists them" # all but nothing of 'tui'
meant recordrecordrecord "'hyptrace --help' lists them"
[ "$failures" = 0 ] && echo 'PASS: manual pages'
exit $((failures > 0))
