#!/bin/sh
# What `make bench` measures: the price of tracing, where the patched kernel's
# text is larger, whether the cost that reports state is true, and what the dashboard takes.
set -u
cd "$(dirname "$0")/../.." || exit
status=0
for bench in price text_cost tool_cost dashboard; do
	echo "-- tests/bench/$bench.sh"
	"tests/bench/$bench.sh" || status=1
	echo
done
exit $status
