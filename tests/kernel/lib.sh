# Sourced by the tests of kernels other than the lab's usual one: the counted
# guest under record, its report held against what it did, and the kernel's log.
# KERNEL: the version, 6.12 if not set.
# shellcheck shell=sh
. "$(dirname "$0")/../lab/lib.sh"
n=${COUNT:-1000}
kernel=${KERNEL:-6.12}
counted_words="hypercall=$n gicd=$n mmio=$n wfi=$n"
# shellcheck disable=SC2034 # for who sources this
configs=tests/kernel

# record_knows OPTION
record_knows() {
	"$O/hyptrace" record --help | grep -q -- "$1" && return
	echo "SKIP: this hyptrace record has no $1"
	return 1
}

# What a kernel says when something is wrong with it.
splats='BUG:|WARNING:|KASAN:|INFO: .*(lock|task|rcu)|suspicious RCU|Call trace:|Oops|UBSAN:|Internal error|soft lockup'

# no_splat WHAT: nothing of the kind in $share/dmesg
no_splat() {
	[ -s "$share/dmesg" ] || fail "$1: the kernel's log is missing"
	if grep -nE "$splats" "$share/dmesg" >"$share/splats"; then
		cat "$share/dmesg"
		fail "$1: the kernel complains: $(head -n 3 "$share/splats")"
	fi
	echo "ok: $1: no complaint in the kernel's log"
}

# count FILTER: records of the reasons that a jq filter selects.
count() {
	jq "[.reasons[] | select($1) | .count] | add // 0" "$share/report.json"
}

# check_report TRACE: the report agrees with the counted guest of counted_words.
check_report() {
	"$O/hyptrace" report --json "$share/$1" >"$share/report.json" || fail "$1: report"
	expect "$1: hypercalls" \
		"$(count '.class == "hvc" and (.detail | startswith("0x4b000000"))')" "$n"
	expect "$1: GICD_IIDR reads" "$(count '.class == "mmio" and
		(.detail | startswith("0x8000008 read")) and .handled == "kernel"')" "$n"
	expect "$1: UARTFR reads" "$(count '.class == "mmio" and
		(.detail | startswith("0x9000018 read")) and .handled == "user"')" "$n"
	expect "$1: WFIs" "$(count '.class == "wfi"')" "$n"
	whole "$1"
}

# whole TRACE: nothing of the report in $share/report.json is missing.
whole() {
	for what in lost clamped torn incomplete; do
		expect "$1: $what" "$(jq ".exits.$what" "$share/report.json")" 0
	done
}

# run_counted TRACE LAB-OPTION...: records the counted guest, checks all.
run_counted() {
	trace=$1
	shift
	lab --kernel "$kernel" --time-limit 1800 "$@" -- sh -c "
		./hyptrace record -o $trace -- ./hyptrace-vmm --cpu 1 --truth truth guest $counted_words
		status=\$?
		dmesg >dmesg
		exit \$status" || {
		tail -n 20 "$share/dmesg" 2>/dev/null
		fail "$trace: recording"
	}
	check_report "$trace"
	no_splat "$trace"
}

# run_linux TRACE LAB-OPTION...: records a Linux guest's boot under QEMU.
run_linux() {
	trace=$1
	shift
	image=$(kernel_file image --kernel "$kernel") || fail "no kernel for the guest"
	cp -u "$image" "$share/Image"
	lab --kernel "$kernel" --time-limit 1800 "$@" -- sh -c "
		./hyptrace record -o $trace -- qemu-system-aarch64 -machine virt,gic-version=host \
			-accel kvm -cpu host -m 256 -nodefaults -no-reboot -display none \
			-serial file:console -kernel Image -initrd linux-guest.cpio -append 'quiet panic=-1'
		status=\$?
		dmesg >dmesg
		exit \$status" || fail "$trace: recording"
	grep -q 'the Linux guest has booted' "$share/console" || fail "$trace: the guest did not boot"
	"$O/hyptrace" report --json "$share/$trace" >"$share/report.json" || fail "$trace: report"
	expect_true "$trace: exits" "$(jq .exits.total "$share/report.json") > 1000"
	whole "$trace"
	no_splat "$trace"
}
