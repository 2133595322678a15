#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# lib-render.sh FILE.png < SCREEN: a picture of what `tmux capture-pane -pe` gave, or
# of plain text, to look at.
set -eu
command -v pango-view >/dev/null || { echo "SKIP: pango-view is missing: run 'make deps'"; exit 77; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
LC_ALL=C awk '
function hex(n,   levels, i) {
	if (n < 16) {
		split("000000 aa0000 00aa00 aa5500 2244cc aa00aa 00aaaa cccccc 666666 ff5555 55ff55 ffff55 5577ff ff55ff 55ffff ffffff", i, " ")
		return "#" i[n + 1]
	}
	if (n >= 232)
		return sprintf("#%02x%02x%02x", 8 + 10 * (n - 232), 8 + 10 * (n - 232), 8 + 10 * (n - 232))
	n -= 16
	split("0 95 135 175 215 255", levels, " ")
	return sprintf("#%02x%02x%02x", levels[int(n / 36) + 1], levels[int(n / 6) % 6 + 1], levels[n % 6 + 1])
}
function reset() { fore = back = ""; bold = reversed = 0 }
function sgr(codes,   n, c, i) {
	n = split(codes == "" ? "0" : codes, c, ";")
	for (i = 1; i <= n; i++) {
		if (c[i] == 0) reset()
		else if (c[i] == 1) bold = 1
		else if (c[i] == 7) reversed = 1
		else if (c[i] == 22) bold = 0
		else if (c[i] == 27) reversed = 0
		else if (c[i] == 39) fore = ""
		else if (c[i] == 49) back = ""
		else if (c[i] == 38) { fore = hex(c[i + 2]); i += 2 }
		else if (c[i] == 48) { back = hex(c[i + 2]); i += 2 }
		else if (c[i] >= 30 && c[i] <= 37) fore = hex(c[i] - 30)
		else if (c[i] >= 40 && c[i] <= 47) back = hex(c[i] - 40)
		else if (c[i] >= 90 && c[i] <= 97) fore = hex(c[i] - 82)
	}
}
function put(text,   f, b, t) {
	if (text == "")
		return
	f = fore == "" ? "#d0d0d0" : fore; b = back == "" ? "#101010" : back
	if (reversed) { t = f; f = b; b = t }
	gsub(/&/, "\\&amp;", text); gsub(/</, "\\&lt;", text); gsub(/>/, "\\&gt;", text)
	printf "<span foreground=\"%s\" background=\"%s\"%s>%s</span>", f, b, bold ? " weight=\"bold\"" : "", text
}
BEGIN { reset() }
{
	line = $0
	gsub(/\016|\017/, "", line)
	while (match(line, /\033\[[0-9;]*m/)) {
		put(substr(line, 1, RSTART - 1))
		sgr(substr(line, RSTART + 2, RLENGTH - 3))
		line = substr(line, RSTART + RLENGTH)
	}
	put(line)
	print ""
}' >"$work/markup"
pango-view --no-display -q --markup --font='DejaVu Sans Mono 10' --background='#101010' --margin=8 \
	--output="$1" "$work/markup"
