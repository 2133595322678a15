#!/bin/sh
# price_inside.sh KERNEL MODE ROUNDS: on the emulated host, runs the guest under
# each row of price.rows that belongs to this kernel. A guest's run is cut into
# pieces, shorter than most times between two ticks or turns of the other CPU: the
# median of the pieces is what one operation costs by itself. The first piece of
# each operation warms up. Appends "MODE ROW OPERATION INSTRUCTIONS" to samples.
set -u
kernel=$1 mode=$2 rounds=$3
words=$(for word in hypercall=200 gicd=150 mmio=100; do yes $word | head -n 8; done)

# run ROW [PREFIX...]
run() {
	row=$1
	shift
	rm -rf /tmp/trace* /tmp/perf*
	# shellcheck disable=SC2086 # words
	"$@" ./hyptrace-vmm --cpu 1 --truth /tmp/truth guest $words >/tmp/out 2>/tmp/err ||
		[ "$round" -gt 0 ] || echo "$mode: $row: $(tail -n 1 /tmp/err)" >&2
	sed -n 's/^op=\([a-z]*\) .*\<per=\([0-9.]*\).*/\1 \2/p' /tmp/out |
		awk -v mode="$mode" -v row="$row" 'seen[$1]++ { print mode, row, $1, $2 }' >>samples
	if [ "$row" = record ] && [ -e /tmp/trace ]; then
		rm -rf "trace-$mode"
		cp -r /tmp/trace "trace-$mode"
	fi
}

round=0
while [ $round -lt "$rounds" ]; do
	while IFS='	' read -r row where _ prefix; do
		# shellcheck disable=SC2086 # words
		[ "$where" != "$kernel" ] || run "$row" $prefix </dev/null
	done <price.rows
	round=$((round + 1))
done
