#!/bin/sh
# A kernel with full preemption.
. "$(dirname "$0")/lib.sh"
for mode in nvhe vhe; do
	run_counted "trace-$mode" --mode $mode --config "$configs"/preempt.config
done
