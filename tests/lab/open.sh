#!/bin/sh
# A vCPU that gives no record for seconds: the totals book what it is about as it
# goes on. A guest that spins, one in WFI, one stopped in the VMM: in each interval
# the accounts sum to the time that passed, nearly all of it in one account. On a
# kernel with the series, and on one without.
. "$(dirname "$0")/lib.sh"
. tests/lab/lib-open.sh

for tier in patched stock; do
	host=
	[ $tier = patched ] || host=--unpatched
	watched spin-$tier '' noop=4000000000 noop=4000000000
	mostly spin-$tier $tier .guest
	watched wfi-$tier '' wfi_us=60000000 wfi=1
	mostly wfi-$tier $tier .host.accounts.blocked
	watched stopped-$tier '' wfi_us=100 wfi=100000000
	mostly stopped-$tier $tier .io_emulation.accounts.user
done
