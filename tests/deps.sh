#!/bin/sh
# Installs what building, testing and the lab need, from Debian's packages.
set -eu

packages='
	build-essential bpftool ccache clang llvm git
	libbabeltrace2-dev babeltrace2 libbpf-dev libcap-ng-dev libcmocka-dev libelf-dev libjansson-dev libsystemd-dev zlib1g-dev
	gcc-aarch64-linux-gnu libc6-dev-arm64-cross
	libbabeltrace2-dev:arm64 libbpf-dev:arm64 libcap-ng-dev:arm64 libelf-dev:arm64 libjansson-dev:arm64 libsystemd-dev:arm64
	zlib1g-dev:arm64
	liblttng-ctl-dev liblttng-ust-dev lttng-tools liblttng-ctl-dev:arm64 liblttng-ust-dev:arm64
	qemu-system-arm ipxe-qemu qemu-system-x86
	linux-source-6.12 linux-source-6.1 bc bison cpio dwarves flex kmod libssl-dev patch perl rsync xz-utils
	mmdebstrap e2fsprogs
	libncurses-dev libncurses-dev:arm64 tmux ncurses-base ncurses-term pango1.0-tools fonts-dejavu-core
	linux-perf trace-cmd
	jq mandoc clang-format bsdutils util-linux procps'

if [ "$(id -u)" -ne 0 ]; then
	echo "make deps: installing packages needs root: run 'sudo make deps'" >&2
	exit 1
fi
export DEBIAN_FRONTEND=noninteractive
dpkg --print-foreign-architectures | grep -qx arm64 || dpkg --add-architecture arm64
apt-get update -q
# shellcheck disable=SC2086 # one word a package
exec apt-get install -y -q --no-install-recommends $packages
