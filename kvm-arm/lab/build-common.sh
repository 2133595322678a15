# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh
# Sourced by the scripts that build an entry of the lab's cache.
#
# $1 is the entry's folder, which must not exist. It is built in $1.build and
# renamed when it is complete; all output goes to $1.log. The caller holds the
# entry's lock. Sets: entry, work (an empty folder), result (what becomes the
# entry), log.

set -eu

entry=$1
work=$entry.build
result=$work/result
log=$entry.log
watcher=
PATH=$PATH:/usr/sbin:/sbin
export LC_ALL=C.UTF-8

SAID=3 # the exit status of a failure that was explained already

# One sentence for the user; the output itself is in the log.
say() {
	printf 'hyptrace: lab: %s\n' "$*" >&3
}

fail() {
	echo "$*"
	say "$*"
	exit "$SAID"
}

elapsed() {
	now=$(date +%s)
	printf '%d:%02d' $(((now - started) / 60)) $(((now - started) % 60))
}

# Rewrites one line on the terminal with what progress() says.
watch_progress() {
	while sleep 1; do
		printf '\r%s: %s, %s \033[K' "$title" "$(progress)" "$(elapsed)" >&3
	done
}

stop_watching() {
	[ -n "$watcher" ] || return 0
	kill "$watcher" 2>/dev/null || :
	wait "$watcher" 2>/dev/null || :
	watcher=
	printf '\r\033[K' >&3
}

end() {
	status=$?
	trap - EXIT
	stop_watching
	rm -rf "$work"
	if [ "$status" -ne 0 ] && [ "$status" -ne "$SAID" ]; then
		say "$title failed; the last lines of $log:"
		tail -n 12 "$log" >&3
	fi
	exit "$status"
}

# begin TITLE: the caller defines progress() before it.
begin() {
	title=$1
	started=$(date +%s)
	rm -rf "$work"
	mkdir -p "$result"
	exec 3>&2 >"$log" 2>&1 </dev/null
	trap end EXIT
	trap 'exit 129' HUP
	trap 'exit 130' INT
	trap 'exit 143' TERM
	say "$title (log: $log)"
	if [ -t 3 ]; then
		watch_progress &
		watcher=$!
	fi
}

# Puts the result into its place.
finish() {
	stop_watching
	mv -T "$result" "$entry"
	say "$title took $(elapsed)"
}
