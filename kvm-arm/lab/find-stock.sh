#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# find-stock.sh ARCH VERSION: prints name, version and SHA-256 of the newest plain
# linux-image package of that kernel version that apt offers; nothing for none.

arch=$1
dots=$(printf '%s' "$2" | sed 's/\./\\./g')
# linux-image-6.12.117+deb12-arm64 or linux-image-6.1.0-56-arm64, not -rt or -cloud
package=$(apt-cache pkgnames "linux-image-$2." |
	grep -xE "linux-image-$dots\.[0-9][0-9a-z.+]*(-[0-9]+)?-$arch" | sort -V | tail -n 1)
[ -n "$package" ] || exit 1
apt-cache show --no-all-versions "$package:$arch" 2>/dev/null |
	awk '/^(Package|Version|SHA256):/ { value[$1] = $2 }
		END {
			if (!("SHA256:" in value))
				exit 1
			print value["Package:"], value["Version:"], value["SHA256:"]
		}'
