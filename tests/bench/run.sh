#!/bin/sh
# What `make bench` measures: the price of tracing, where the patched kernel's text is
# larger, whether the cost that reports state is true, what the dashboard takes, what an
# event costs natively, how much the collector takes, and how large a trace is.
set -u
cd "$(dirname "$0")/../.." || exit
status=0
for bench in price text_cost tool_cost dashboard native throughput bytes; do
	echo "-- tests/bench/$bench.sh"
	"tests/bench/$bench.sh"
	case $? in
	0 | 77) ;;
	*) status=1 ;;
	esac
	echo
done
exit $status
