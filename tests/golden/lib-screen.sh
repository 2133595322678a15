# Sourced: a program in a terminal of a given size, under a private tmux.
# shellcheck shell=sh
command -v tmux >/dev/null || {
	echo "SKIP: tmux is missing: run 'make deps'"
	exit 77
}

# A socket each: a server that ends may take the next one's away.
screens=0
socket=hyptrace-test-$$-0

tm() {
	tmux -L "$socket" "$@"
}

# screen COLUMNSxROWS TERM LOCALE COMMAND: starts it.
screen() {
	screen_end
	screens=$((screens + 1))
	socket=hyptrace-test-$$-$screens
	tm -f /dev/null new-session -d -x "${1%x*}" -y "${1#*x}" "TERM=$2 LANG=$3 LC_ALL=$3 $4" \; \
		set -g status off \; set -g remain-on-exit on >/dev/null
}

screen_end() {
	tm kill-server 2>/dev/null || :
}

press() {
	for key in "$@"; do
		tm send-keys "$key"
	done
}

# click COLUMN ROW, counted from 1.
click() {
	tm send-keys -l "$(printf '\033[<0;%d;%dM\033[<0;%d;%dm' "$1" "$2" "$1" "$2")"
}

resize() {
	tm resize-window -x "${1%x*}" -y "${1#*x}"
}

shown() {
	tm capture-pane -p
}

# awaits PATTERN: it is on the screen, within 20 s.
awaits() {
	for _ in $(seq 200); do
		shown | grep -qE -- "$1" && return 0
		sleep 0.1
	done
	echo "'$1' does not appear; on the screen is:"
	shown
	return 1
}

# ends: the program is over, within 20 s.
ends() {
	for _ in $(seq 200); do
		[ "$(tm list-panes -F '#{pane_dead}')" = 1 ] && return 0
		sleep 0.1
	done
	return 1
}

# looks_like FILE: the screen becomes what the file has, within 20 s.
looks_like() {
	for _ in $(seq 200); do
		shown >screen.now
		cmp -s "$1" screen.now && return 0
		sleep 0.1
	done
	diff -u "$1" screen.now
	return 1
}
