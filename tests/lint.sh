#!/bin/sh
# The house rules that a program can check: where includes point, manual
# pages, licence lines, what must never be committed.
set -u
cd "$(dirname "$0")/.."
status=0
complain() {
	echo "$*"
	status=1
}

# Includes point upstream only: tui -> live -> analyzer -> collector -> probes -> base.
forbidden() {
	folder=$1 pattern=$2
	found=$(grep -rnE "^#include \"($pattern)/" "$folder" --include='*.[ch]' 2>/dev/null) || return 0
	complain "includes against the stream in $folder:
$found"
}
forbidden base 'probes|collector|analyzer|live|tui|kvm-arm|tests'
forbidden probes 'collector|analyzer|live|tui|kvm-arm|tests'
forbidden collector 'analyzer|live|tui|tests|kvm-(arm|x86)/(lab|guest|vmm)'
forbidden analyzer 'collector|live|tui|tests|kvm-(arm|x86)/(lab|guest|vmm)'
forbidden live 'tui|tests|kvm-arm'
forbidden tui 'probes|tests|kvm-(arm|x86)/(lab|guest|vmm)'
forbidden kvm-arm/decode 'collector|analyzer|live|tui|tests'
forbidden kvm-x86/decode 'collector|analyzer|live|tui|tests|kvm-(arm|x86)/(lab|guest|vmm)'
forbidden kvm-arm/lab 'collector|analyzer|live|tui|probes|tests'

# Every source says its licence.
for file in $(git ls-files '*.c' '*.h' '*.S' '*.def'); do
	head -n 3 "$file" | grep -q 'SPDX-License-Identifier: GPL-2.0' || complain "no licence line: $file"
done

# Nothing generated, built or bound to one machine.
found=$(git ls-files | grep -E '(^|/)(vmlinux\.h|.*\.(o|skel\.h|ko|ext4|cpio))$') && complain "generated files: $found"
found=$(git grep -nE '(/home/|/root/|/work/|/tmp/[a-z]+/)[a-z]' -- ':!kernel-patches' ':!tests/lint.sh') &&
	complain "absolute machine paths: $found"

# Manual pages, and each command's usage line in its page.
if command -v mandoc >/dev/null; then
	mandoc -Tlint -Wwarning man/*.1 || complain "mandoc finds faults in man/"
else
	complain "mandoc is missing: run 'make deps'"
fi

# Test vectors: each row says why once, which is no other row.
found=$(awk '/^[^#]/ && (NF < 6 || / [-+][0-9]+ .*[a-z]\/[a-z0-9_]+ +[-+][0-9]+ /) { print FNR ": " $0 }' \
	tests/lab/vectors.table)
[ -z "$found" ] || complain "rows of tests/lab/vectors.table without an explanation, or with a row in it:
$found"

# Size: files under about 600 lines.
for file in $(git ls-files '*.c' '*.h' '*.sh'); do
	[ "$(wc -l <"$file")" -le 650 ] || complain "over 600 lines: $file"
done

exit $status
