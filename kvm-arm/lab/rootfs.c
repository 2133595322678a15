/* SPDX-License-Identifier: GPL-2.0-only */
#include "kvm-arm/lab/rootfs.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
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

/* The release of Debian that this machine's apt gets packages of. */
static const char release_file[] = "/etc/os-release";

struct recipe {
	char *script, *common;
	char *packages, *own; /* lists: of all architectures, of this one */
};

static void recipe_release(struct recipe *recipe)
{
	free(recipe->script);
	free(recipe->common);
	free(recipe->packages);
	free(recipe->own);
}

static int recipe_fill(struct recipe *recipe, const struct lab_data *data, const struct arch *arch)
{
	recipe->script = format_text("%s/build-rootfs.sh", data->folder);
	recipe->common = format_text("%s/build-common.sh", data->folder);
	recipe->packages = format_text("%s/rootfs.packages", data->folder);
	recipe->own = format_text("%s/rootfs-%s.packages", data->folder, arch->name);
	return recipe->script && recipe->common && recipe->packages && recipe->own ? 0 : -ENOMEM;
}

static int recipe_hash(const struct recipe *recipe, uint64_t *ret_hash)
{
	const char *const files[] = { recipe->script, recipe->common, recipe->packages,
				      recipe->own };
	uint64_t hash = LAB_HASH_START;
	int r = 0;

	for (size_t i = 0; r >= 0 && i < ARRAY_SIZE(files); i++)
		r = lab_hash_file(&hash, files[i]);
	if (r >= 0 && access(release_file, R_OK) == 0)
		r = lab_hash_file(&hash, release_file);
	if (r >= 0)
		*ret_hash = hash;
	return r;
}

static int build(const struct recipe *recipe, const struct arch *arch, const char *entry)
{
	char *const words[] = { recipe->script, (char *)arch->debian, recipe->packages, recipe->own,
				NULL };
	int r = tools_check(build_tools, ARRAY_SIZE(build_tools), "building the root file system");

	return r < 0 ? r : lab_cache_build(entry, words);
}

int rootfs_get(const struct lab_data *data, const struct arch *arch, char **ret_image)
{
	_cleanup_(recipe_release) struct recipe recipe = { 0 };
	_cleanup_free_ char *entry = NULL, *image = NULL;
	uint64_t hash;
	int r = recipe_fill(&recipe, data, arch);

	if (r >= 0)
		r = recipe_hash(&recipe, &hash);
	if (r >= 0)
		r = lab_cache_find("rootfs", hash, &entry);
	if (r == 0)
		r = build(&recipe, arch, entry);
	if (r < 0)
		return r;
	image = format_text("%s/rootfs.ext4", entry);
	if (!image)
		return -ENOMEM;
	*ret_image = TAKE_PTR(image);
	return 0;
}
