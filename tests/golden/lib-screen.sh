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

# painted: the same with what it looks like, before each change of that: {FORE/BACK ATTRIBUTES},
# whatever sequences tmux gives it in.
painted() {
	tm capture-pane -ep | awk '
		function take(codes,   code, count, i) {
			count = split(codes, code, ";")
			if (!count)
				reset()
			for (i = 1; i <= count; i++)
				if (code[i] + 0 == 0) reset()
				else if (code[i] == 1) bold = " bold"
				else if (code[i] == 7) reverse = " reverse"
				else if (code[i] == 22) bold = ""
				else if (code[i] == 27) reverse = ""
				else if (code[i] == 38) { fore = code[i + 2]; i += 2 }
				else if (code[i] == 48) { back = code[i + 2]; i += 2 }
				else if (code[i] == 39) fore = "-"
				else if (code[i] == 49) back = "-"
				else if (code[i] >= 30 && code[i] <= 37) fore = code[i] - 30
				else if (code[i] >= 40 && code[i] <= 47) back = code[i] - 40
				else fore = "?" code[i]
		}
		function reset() { fore = back = "-"; bold = reverse = "" }
		BEGIN { reset() }
		{
			line = last = ""
			while (match($0, /\033\[[0-9;]*m/) || length($0)) {
				text = RSTART ? substr($0, 1, RSTART - 1) : $0
				look = "{" fore "/" back bold reverse "}"
				if (text != "")
					line = line (look != last ? look : "") text
				if (text != "")
					last = look
				if (!RSTART)
					break
				take(substr($0, RSTART + 2, RLENGTH - 3))
				$0 = substr($0, RSTART + RLENGTH)
			}
			print line
		}'
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

# looks_like FILE [painted]: the screen becomes what the file has, within 20 s.
looks_like() {
	for _ in $(seq 200); do
		"${2:-shown}" >screen.now
		cmp -s "$1" screen.now && return 0
		sleep 0.1
	done
	diff -u "$1" screen.now
	return 1
}
