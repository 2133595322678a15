#!/bin/sh
# prefixes.sh [VERSION...]: builds and boots every prefix of a series (patch 1,
# 1-2, 1-3 ...) in split mode and VHE and runs the counted guest on it: each patch
# builds and works alone. Without VERSION: every series. One line a prefix.
. "$(dirname "$0")/../lab/lib.sh"
n=${COUNT:-100}
status=0

# boots LAB-OPTION...: the mode's name where the guest does what it was asked to
boots() {
	for mode in nvhe vhe; do
		lab --mode $mode --time-limit 300 "$@" -- true >"$share/out" 2>&1 &&
			lab --mode $mode --time-limit 300 "$@" -- sh -c "./hyptrace-vmm --cpu 1 \
				--truth truth guest hypercall=$n gicd=$n mmio=$n wfi=10 && dmesg >dmesg" \
				>"$share/out" 2>&1 &&
			[ "$(truth "$share/truth" mmio_exit_kernel)" -ge "$n" ] &&
			! grep -E 'BUG:|WARNING:|Call trace:' "$share/dmesg" >>"$share/out" &&
			printf ' %s' $mode
	done
}

# prefixes VERSION
prefixes() {
	set -- "$1" --kernel "$1" --unpatched
	version=$1
	shift
	for patch in kernel-patches/v"$version"/*.patch; do
		set -- "$@" --extra-patch "$patch"
		last=${patch##*/}
		begin=$(date +%s)
		works=$(boots "$@")
		took=$(($(date +%s) - begin))
		if [ "$works" = ' nvhe vhe' ]; then
			echo "ok: $version: up to $last: builds, boots, runs a guest (nvhe, vhe; $took s)"
		else
			status=1
			echo "FAIL: $version: up to $last: works in:${works:- none}; $(tail -n 1 "$share/out")"
		fi
	done
}

if [ $# -eq 0 ]; then
	for series in kernel-patches/v*; do
		set -- "$@" "${series#*/v}"
	done
fi
for wanted; do
	prefixes "$wanted"
done
exit $status
