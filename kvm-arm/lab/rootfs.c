/* SPDX-License-Identifier: GPL-2.0-only */
#include "kvm-arm/lab/rootfs.h"

#include <errno.h>
#include <stdint.h>
#include <unistd.h>

#include "base/buffer.h"
#include "kvm-arm/lab/cache.h"
#include "kvm-arm/lab/process.h"

static const struct tool build_tools[] = {
	{ "mmdebstrap", "mmdebstrap" },
	{ "mke2fs", "e2fsprogs" },
	{ "ldconfig", "libc-bin" },
	{ "apt-get", "apt" },
};

/* Parts of the lab's folder that decide what is built. */
static const char *const inputs[] = { "build-rootfs.sh", "build-common.sh", "rootfs.packages" };

/* The release of Debian that this machine's apt gets packages of. */
static const char release_file[] = "/etc/os-release";

static int hash_inputs(const struct lab_data *data, uint64_t *ret_hash)
{
	uint64_t hash = LAB_HASH_START;
	int r = 0;

	for (size_t i = 0; r >= 0 && i < ARRAY_SIZE(inputs); i++) {
		_cleanup_free_ char *path = format_text("%s/%s", data->folder, inputs[i]);

		r = path ? lab_hash_file(&hash, path) : -ENOMEM;
	}
	if (r >= 0 && access(release_file, R_OK) == 0)
		r = lab_hash_file(&hash, release_file);
	if (r >= 0)
		*ret_hash = hash;
	return r;
}

static int build(const struct lab_data *data, const char *entry)
{
	_cleanup_free_ char *script = format_text("%s/build-rootfs.sh", data->folder);
	_cleanup_free_ char *packages = format_text("%s/rootfs.packages", data->folder);
	char *const words[] = { script, packages, NULL };
	int r = tools_check(build_tools, ARRAY_SIZE(build_tools), "building the root file system");

	if (r < 0)
		return r;
	return script && packages ? lab_cache_build(entry, words) : -ENOMEM;
}

int rootfs_get(const struct lab_data *data, char **ret_image)
{
	_cleanup_free_ char *entry = NULL, *image = NULL;
	uint64_t hash;
	int r = hash_inputs(data, &hash);

	if (r >= 0)
		r = lab_cache_find("rootfs", hash, &entry);
	if (r == 0)
		r = build(data, entry);
	if (r < 0)
		return r;
	image = format_text("%s/rootfs.ext4", entry);
	if (!image)
		return -ENOMEM;
	*ret_image = TAKE_PTR(image);
	return 0;
}
