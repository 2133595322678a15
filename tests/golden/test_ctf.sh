#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# What babeltrace2 makes of traces that the collector's writer wrote from fixed
# records. `--update` writes the expected files instead of comparing.
set -u
cd "$(dirname "$0")/../.." || exit 1
export LC_ALL=C
writer=${O:-build}/tests/golden/write_trace
expected=tests/golden
failures=0
update=${1:-}

command -v babeltrace2 >/dev/null || { echo 'SKIP: babeltrace2 is not installed'; exit 77; }
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT

fail() {
	echo "FAIL: $*"
	failures=$((failures + 1))
}

# What varies from run to run: the directory, the process, its control group.
normalise() {
	sed -e "s|$work/||g" -e 's/\(slot = [0-9]*, pid = \)[0-9]*/\1PID/' \
		-e 's/, cgroup = ".*" }$/, cgroup = CGROUP }/'
}

compare() {
	if [ "$update" = --update ]; then
		cp "$2" "$expected/$1"
	elif ! diff -u "$expected/$1" "$2"; then
		fail "$1 differs"
	fi
}

# Events at one moment have no order among streams: sort makes one.
show() {
	babeltrace2 --clock-gmt --clock-date --no-delta "$work/$1" 2>"$work/$1.err" | normalise |
		sort >"$work/$1.txt"
	normalise <"$work/$1.err" | sort >"$work/$1.warnings"
}

every_field_and_kind() {
	"$writer" every "$work/every" || fail 'write_trace every'
	show every
	compare every.txt "$work/every.txt"
	compare every.warnings "$work/every.warnings"
	compare every.metadata "$work/every/metadata"
}

strings_survive_the_metadata() {
	babeltrace2 "$work/every" -c sink.text.details 2>/dev/null | grep -q 'kernel: 6.12.48-a"b\\c$' ||
		fail 'babeltrace2 reads another kernel name than was written'
}

more_patterns_than_classes() {
	"$writer" many "$work/many" || fail 'write_trace many'
	show many
	[ -s "$work/many.warnings" ] && fail "many: $(cat "$work/many.warnings")"
	tail -n 10 "$work/many.txt" >"$work/many.tail"
	compare many.tail.txt "$work/many.tail"
}

# Each value of each record, however many bits its class has for it; 0 where it has none.
learned_widths() {
	"$writer" widths "$work/widths" >"$work/widths.written" || fail 'write_trace widths'
	babeltrace2 --clock-cycles --no-delta "$work/widths" 2>"$work/widths.err" |
		awk -v names="$(sed -n '1s/=[^ ]*//gp' "$work/widths.written")" '
			BEGIN { count = split(names, name) }
			/ exit: / {
				split("", value)
				time = substr($1, 2) + 0
				gsub(/[][{}:,]/, " ")
				for (i = 3; i < NF; i++)
					if ($i == "=")
						value[$(i - 1)] = $(i + 1)
				printf "%.0f", time
				for (i = 2; i <= count; i++)
					printf " %s=%s", name[i], name[i] in value ? value[name[i]] : zero[name[i]]
				print ""
			}
			BEGIN {
				for (i in name)
					zero[name[i]] = name[i] ~ /^(esr|ipa|pc|arg|missing|missing_high|flags)$/ ? "0x0" : "0"
			}' >"$work/widths.read"
	[ -s "$work/widths.err" ] && fail "widths: $(head -n 3 "$work/widths.err")"
	cmp "$work/widths.written" "$work/widths.read" || {
		diff "$work/widths.written" "$work/widths.read" | grep -m 4 -A 1 -e '^[<-]'
		fail 'widths: babeltrace2 reads other values than were written'
	}
	[ "$(grep -c '^event {' "$work/widths/metadata")" -gt 30 ] || fail 'widths: none were learned'
}

# Whatever the moment: no warning, and all that was counted as written is read.
cut_off_after() {
	written=$("$writer" cut "$work/cut" "$1") || fail "write_trace cut $1"
	: >"$work/cut/.metadata" # what an end during the rename would leave
	babeltrace2 "$work/cut" >"$work/cut.txt" 2>"$work/cut.err" || fail "cut $1: babeltrace2 exits $?"
	[ -s "$work/cut.err" ] && fail "cut $1: $(head -n 1 "$work/cut.err")"
	[ "$(grep -c ' begin = ' "$work/cut.txt")" = "$written" ] ||
		fail "cut $1: not the $written records that were written"
	slots=$(sed -n 's/.*{ vcpu = \([0-9]*\) }.*/\1/p' "$work/cut.txt" | sort -u | wc -l)
	[ "$(grep -c ' vcpu: ' "$work/cut.txt")" -ge "$slots" ] || fail "cut $1: a slot without a name"
	[ "$1" -gt $((written + 60)) ] && fail "cut $1: more than 60 ms waited in memory"
	rm -r "$work/cut"
}

every_field_and_kind
strings_survive_the_metadata
more_patterns_than_classes
learned_widths
for records in 0 1 9 50 51 52 64 100 101 128 200 333 1000; do
	cut_off_after "$records"
done
[ "$failures" = 0 ] && echo 'PASS: babeltrace2 reads what the writer wrote'
exit $((failures > 0))
