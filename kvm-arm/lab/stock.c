/* SPDX-License-Identifier: GPL-2.0-only */
#include "kvm-arm/lab/stock.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/error.h"
#include "kvm-arm/lab/cache.h"
#include "kvm-arm/lab/process.h"

static const struct tool build_tools[] = {
	{ "apt-get", "apt" },
	{ "dpkg-deb", "dpkg" },
	{ "modprobe", "kmod" },
	{ "xz", "xz-utils" },
};

/* What decides the contents of an entry, besides the package. */
struct recipe {
	char *package; /* its name, version and checksum, as apt has them */
	char *find, *script, *common;
	struct words modules; /* files that list modules */
};

static void recipe_release(struct recipe *recipe)
{
	free(recipe->package);
	free(recipe->find);
	free(recipe->script);
	free(recipe->common);
	words_release(&recipe->modules);
}

static int recipe_fill(struct recipe *recipe, const struct lab_data *data, const struct arch *arch)
{
	_cleanup_free_ char *own = format_text("%s/modules-%s", data->folder, arch->name);

	recipe->find = format_text("%s/find-stock.sh", data->folder);
	recipe->script = format_text("%s/build-stock.sh", data->folder);
	recipe->common = format_text("%s/build-common.sh", data->folder);
	if (!own || !recipe->find || !recipe->script || !recipe->common)
		return -ENOMEM;
	words_add(&recipe->modules, "%s/modules", data->folder);
	if (access(own, R_OK) == 0)
		words_add(&recipe->modules, "%s", own);
	return recipe->modules.error;
}

static int find_package(struct recipe *recipe, const struct arch *arch, const char *version)
{
	char *const words[] = { recipe->find, (char *)arch->debian, (char *)version, NULL };
	int r = tools_check(build_tools, ARRAY_SIZE(build_tools), "Debian's own kernel");

	if (r < 0)
		return r;
	if (process_line(words, &recipe->package) == 0)
		return 0;
	return error_set(-ENOENT,
			 "lab: apt offers no linux-image package of version %s for %s: take "
			 "another --kernel, or let 'make deps' bring apt's lists up to date",
			 version, arch->debian);
}

static int recipe_hash(const struct recipe *recipe, uint64_t *ret_hash)
{
	uint64_t hash = LAB_HASH_START;
	int r;

	lab_hash_text(&hash, recipe->package);
	r = lab_hash_file(&hash, recipe->script);
	if (r >= 0)
		r = lab_hash_file(&hash, recipe->common);
	for (size_t i = 0; r >= 0 && i < recipe->modules.count; i++)
		r = lab_hash_file(&hash, recipe->modules.words[i]);
	if (r >= 0)
		*ret_hash = hash;
	return r;
}

static int build(const struct recipe *recipe, const char *entry)
{
	_cleanup_words_ struct words script = { 0 };

	words_add(&script, "%s", recipe->script);
	words_add(&script, "%s", recipe->package);
	for (size_t i = 0; i < recipe->modules.count; i++)
		words_add(&script, "%s", recipe->modules.words[i]);
	return script.error ? script.error : lab_cache_build(entry, script.words);
}

/* The modules' paths, in the order to load them. */
static int read_modules(const char *entry, struct words *modules)
{
	_cleanup_free_ char *path = format_text("%s/modules", entry);
	_cleanup_fclose_ FILE *file = path ? fopen(path, "re") : NULL;
	_cleanup_free_ char *line = NULL;
	size_t size = 0;

	if (!file)
		return error_set(-errno, "lab: cannot read the list of modules in %s: %m", entry);
	while (getline(&line, &size, file) > 0)
		words_add(modules, "%s/%.*s", entry, (int)strcspn(line, "\n"), line);
	return modules->error;
}

static int take_entry(const char *entry, struct kernel *ret_kernel)
{
	_cleanup_kernel_ struct kernel kernel = { 0 };
	int r = read_modules(entry, &kernel.modules);

	if (r < 0)
		return r;
	kernel.image = format_text("%s/vmlinuz", entry);
	if (!kernel.image)
		return -ENOMEM;
	*ret_kernel = kernel;
	kernel = (struct kernel){ 0 };
	return 0;
}

int stock_get(const struct lab_data *data, const struct arch *arch, const char *version,
	      struct kernel *ret_kernel)
{
	_cleanup_(recipe_release) struct recipe recipe = { 0 };
	_cleanup_free_ char *entry = NULL;
	uint64_t hash;
	int r = kernel_check_version(version);

	if (r >= 0)
		r = recipe_fill(&recipe, data, arch);
	if (r >= 0)
		r = find_package(&recipe, arch, version);
	if (r >= 0)
		r = recipe_hash(&recipe, &hash);
	if (r >= 0)
		r = lab_cache_find("stock", hash, &entry);
	if (r == 0)
		r = build(&recipe, entry);
	return r < 0 ? r : take_entry(entry, ret_kernel);
}
