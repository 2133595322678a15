#!/bin/sh
# A vCPU that gives no record for seconds on an x86 host: one that spins, one in HLT,
# one stopped in the VMM. Where only the ends of KVM_RUN are seen, HLT is the guest's.
arch=x86
. "$(dirname "$0")/lib.sh"
. tests/lab/lib-open.sh

for tier in ${TIERS:-x86 generic}; do
	asleep=.host.accounts.blocked
	[ $tier = x86 ] || asleep=.guest
	watched spin-$tier "--tier $tier" cpuid=10 pio=10 noop=4000000000
	mostly spin-$tier $tier .guest
	watched hlt-$tier "--tier $tier" pio=10 hlt_us=4000000 hlt=100
	mostly hlt-$tier $tier $asleep
	watched stopped-$tier "--tier $tier" pio=4000000000
	mostly stopped-$tier $tier .io_emulation.accounts.user
done
