#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# hyptrace-record(1) has every field of probes/events.def, with its bits and help.
set -u
cd "$(dirname "$0")/../.." || exit 1
page=man/hyptrace-record.1
failures=0

sed -n 's/^EXIT_FIELD(\([0-9]*\), \([a-z0-9_]*\), [0-9]*, "\(.*\)")$/.It Li \2 Ta \1 Ta \3/p' \
	probes/events.def >"${TMPDIR:-/tmp}/fields.$$"
while IFS= read -r row; do
	grep -qxF "$row" "$page" && continue
	echo "FAIL: $page lacks: $row"
	failures=1
done <"${TMPDIR:-/tmp}/fields.$$"
rows=$(wc -l <"${TMPDIR:-/tmp}/fields.$$")
rm "${TMPDIR:-/tmp}/fields.$$"
[ "$rows" = "$(grep -c '^EXIT_FIELD(' probes/events.def)" ] || {
	echo 'FAIL: rows of probes/events.def that this test cannot read'
	failures=1
}
[ "$failures" = 0 ] && echo "PASS: $rows fields are in $page"
exit $failures
