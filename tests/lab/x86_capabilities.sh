#!/bin/sh
# As user 65534 where KVM is a module: with CAP_BPF, CAP_PERFMON and CAP_SYS_ADMIN, the
# last one for KVM's modules, record and stat are exact, and none is left once they are
# attached. Without CAP_SYS_ADMIN it is named. With it nothing is missing: for the kernel
# it stands for each of the others.
arch=x86
. "$(dirname "$0")/lib.sh"
COUNT=${COUNT:-300}
. tests/lab/lib-x86.sh
. tests/lab/lib-capabilities.sh

cat >"$share/inside.sh" <<'INSIDE'
. ./capabilities
version=$1
shift
cat /sys/module/kvm/initstate /sys/module/kvm_amd/initstate >/share/modules
enough +bpf,+perfmon,+sys_admin ./hyptrace-vmm --cpu 1 --truth truth guest "$@"
cp -r trace "/share/trace-$version"
for set in +perfmon,+sys_admin +bpf,+sys_admin; do
	rm -rf trace truth
	with $set ./hyptrace record --mem-ring 32M -o trace -- ./hyptrace-vmm --cpu 1 --truth truth guest "$@" ||
		exit 5
	cp truth "/share/truth-$set"
	cp -r trace "/share/trace-$version-$set"
done
lacks +bpf,+perfmon
lacks +bpf
lacks +perfmon
INSIDE

# exact NAME TRACE TRUTH
exact() {
	json=$share/report.json truth=$share/$3
	"$O/hyptrace" report --json "$share/$2" >"$json" || fail "$1: report"
	counted "$1"
}

for version in ${KERNELS:-6.12 6.1}; do
	# shellcheck disable=SC2086 # words
	lab --time-limit 300 --kernel $version -- sh inside.sh $version $work 2>"$share/err" ||
		fail "$version: status $?: $(cat "$share/err")"
	expect "$version: KVM's modules" "$(tr '\n' ' ' <"$share/modules")" 'live live '
	exact "$version, recorded" "trace-$version" truth
	json=$share/stat.json truth=$share/truth-stat
	counted "$version, stat"
	recorded "$version"
	for set in +perfmon,+sys_admin +bpf,+sys_admin; do
		exact "$version, with $set" "trace-$version-$set" "truth-$set"
	done
	refused "$version" +bpf,+perfmon CAP_SYS_ADMIN
	refused "$version" +bpf CAP_PERFMON CAP_SYS_ADMIN
	refused "$version" +perfmon CAP_BPF CAP_SYS_ADMIN
done
