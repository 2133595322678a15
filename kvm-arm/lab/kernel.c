/* SPDX-License-Identifier: GPL-2.0-only */
#include "kvm-arm/lab/kernel.h"

#include <errno.h>
#include <glob.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/error.h"
#include "kvm-arm/lab/cache.h"
#include "kvm-arm/lab/jump_label.h"
#include "kvm-arm/lab/kconfig.h"
#include "kvm-arm/lab/process.h"

#define COMPILER "aarch64-linux-gnu-gcc"

static const struct tool compiler = { COMPILER, "gcc-aarch64-linux-gnu" };

static const struct tool build_tools[] = {
	{ COMPILER, "gcc-aarch64-linux-gnu" },
	{ "gcc", "gcc" },
	{ "make", "make" },
	{ "flex", "flex" },
	{ "bison", "bison" },
	{ "bc", "bc" },
	{ "patch", "patch" },
	{ "xz", "xz-utils" },
	{ "perl", "perl" },
	{ "pahole", "dwarves" },
	{ "/usr/include/libelf.h", "libelf-dev" },
	{ "/usr/include/openssl/opensslv.h", "libssl-dev" },
};

/* All that goes into a kernel. */
struct recipe {
	char *tarball, *script, *common;
	struct words configs; /* of two lines about one option the later wins */
	struct words patches;
};

static void recipe_release(struct recipe *recipe)
{
	free(recipe->tarball);
	free(recipe->script);
	free(recipe->common);
	words_release(&recipe->configs);
	words_release(&recipe->patches);
}

int kernel_check_version(const char *version)
{
	if (!*version || version[strspn(version, "0123456789.")])
		return error_set(-EINVAL, "lab: a kernel version looks like 6.12, not like '%s'",
				 version);
	return 0;
}

static int add_series(struct recipe *recipe, const char *patches, const char *version)
{
	_cleanup_free_ char *pattern = format_text("%s/v%s/*.patch", patches, version);
	_cleanup_(globfree) glob_t found = { 0 };

	if (!pattern)
		return -ENOMEM;
	if (glob(pattern, 0, NULL, &found) != 0)
		return error_set(-ENOENT,
				 "lab: there is no series for kernel %s (%s): take another "
				 "--kernel, or --unpatched for the kernel as it is",
				 version, pattern);
	for (size_t i = 0; i < found.gl_pathc; i++)
		words_add(&recipe->patches, "%s", found.gl_pathv[i]);
	return recipe->patches.error;
}

/* Files of the user's own; what: a word for them. */
static int add_files(struct words *words, const struct words *files, const char *what)
{
	for (size_t i = 0; i < files->count; i++) {
		_cleanup_free_ char *path = realpath(files->words[i], NULL);

		if (!path)
			return error_set(-errno, "lab: cannot read the %s %s: %m", what,
					 files->words[i]);
		words_add(words, "%s", path);
	}
	return words->error;
}

/* What all kernels have, what this version needs besides, what the user wants. */
static int add_configs(struct words *configs, const char *folder, const struct kernel_wish *wish)
{
	_cleanup_free_ char *own = format_text("%s/kernel-%s.config", folder, wish->version);

	if (!own)
		return -ENOMEM;
	words_add(configs, "%s/kernel.config", folder);
	if (access(own, R_OK) == 0)
		words_add(configs, "%s", own);
	return configs->error ? configs->error
			      : add_files(configs, &wish->configs, "kernel configuration");
}

static int recipe_fill(struct recipe *recipe, const struct lab_data *data,
		       const struct kernel_wish *wish)
{
	int r = kernel_check_version(wish->version);

	if (r < 0)
		return r;
	recipe->tarball = format_text("/usr/src/linux-source-%s.tar.xz", wish->version);
	recipe->script = format_text("%s/build-kernel.sh", data->folder);
	recipe->common = format_text("%s/build-common.sh", data->folder);
	if (!recipe->tarball || !recipe->script || !recipe->common)
		return -ENOMEM;
	if (!wish->unpatched)
		r = add_series(recipe, data->patches, wish->version);
	if (r >= 0)
		r = add_files(&recipe->patches, &wish->extra, "patch");
	return r < 0 ? r : add_configs(&recipe->configs, data->folder, wish);
}

/* The source by its package's version; a tarball of no package by its size and date. */
static int hash_source(uint64_t *hash, const char *tarball, const char *version)
{
	_cleanup_words_ struct words query = { 0 };
	_cleanup_free_ char *line = NULL;
	struct stat info;

	if (stat(tarball, &info) < 0)
		return error_set(-errno,
				 "lab: the kernel's source %s is missing: install Debian's "
				 "linux-source-%s, or all the lab needs with 'make deps'",
				 tarball, version);
	words_add(&query, "dpkg-query");
	words_add(&query, "--show");
	words_add(&query, "linux-source-%s", version);
	if (!query.error && process_line(query.words, &line) == 0) {
		lab_hash_text(hash, line);
		return 0;
	}
	lab_hash_text(hash, tarball);
	lab_hash_bytes(hash, &info.st_size, sizeof(info.st_size));
	lab_hash_bytes(hash, &info.st_mtim, sizeof(info.st_mtim));
	return 0;
}

static int hash_compiler(uint64_t *hash)
{
	char *const words[] = { COMPILER, "--version", NULL };
	_cleanup_free_ char *line = NULL;
	int r = tools_check(&compiler, 1, "the lab's kernel");

	if (r < 0)
		return r;
	r = process_line(words, &line);
	if (r < 0)
		return error_set(r, "lab: '" COMPILER " --version' fails");
	lab_hash_text(hash, line);
	return 0;
}

/* The files and their number, so that a patch is never taken for a configuration. */
static int hash_words(uint64_t *hash, const struct words *files)
{
	int r = 0;

	lab_hash_bytes(hash, &files->count, sizeof(files->count));
	for (size_t i = 0; r >= 0 && i < files->count; i++)
		r = lab_hash_file(hash, files->words[i]);
	return r;
}

static int hash_files(uint64_t *hash, const struct recipe *recipe)
{
	int r = lab_hash_file(hash, recipe->script);

	if (r >= 0)
		r = lab_hash_file(hash, recipe->common);
	if (r >= 0)
		r = hash_words(hash, &recipe->configs);
	return r < 0 ? r : hash_words(hash, &recipe->patches);
}

static int recipe_hash(const struct recipe *recipe, const char *version, uint64_t *ret_hash)
{
	uint64_t hash = LAB_HASH_START;
	int r = hash_source(&hash, recipe->tarball, version);

	if (r >= 0)
		r = hash_compiler(&hash);
	if (r >= 0)
		r = hash_files(&hash, recipe);
	if (r >= 0)
		*ret_hash = hash;
	return r;
}

static int build(const struct recipe *recipe, const char *entry)
{
	_cleanup_words_ struct words script = { 0 };
	int r = tools_check(build_tools, ARRAY_SIZE(build_tools), "building the kernel");

	if (r < 0)
		return r;
	words_add(&script, "%s", recipe->script);
	words_add(&script, "%s", recipe->tarball);
	for (size_t i = 0; i < recipe->configs.count; i++)
		words_add(&script, "%s", recipe->configs.words[i]);
	words_add(&script, "--");
	for (size_t i = 0; i < recipe->patches.count; i++)
		words_add(&script, "%s", recipe->patches.words[i]);
	return script.error ? script.error : lab_cache_build(entry, script.words);
}

/* Without jump labels only where the recipe says so in as many words. */
static int check_jump_labels(const struct recipe *recipe, const char *vmlinux)
{
	int r = kconfig_drops(&recipe->configs, "CONFIG_JUMP_LABEL");

	return r == 0 ? jump_label_check(vmlinux) : r;
}

int kernel_get(const struct lab_data *data, const struct kernel_wish *wish,
	       struct kernel *ret_kernel)
{
	_cleanup_(recipe_release) struct recipe recipe = { 0 };
	_cleanup_kernel_ struct kernel kernel = { 0 };
	_cleanup_free_ char *entry = NULL;
	uint64_t hash;
	int r;

	r = recipe_fill(&recipe, data, wish);
	if (r >= 0)
		r = recipe_hash(&recipe, wish->version, &hash);
	if (r >= 0)
		r = lab_cache_find("kernel", hash, &entry);
	if (r == 0)
		r = build(&recipe, entry);
	if (r < 0)
		return r;
	kernel.image = format_text("%s/Image", entry);
	kernel.vmlinux = format_text("%s/vmlinux", entry);
	if (!kernel.image || !kernel.vmlinux)
		return -ENOMEM;
	r = check_jump_labels(&recipe, kernel.vmlinux);
	if (r < 0)
		return r;
	*ret_kernel = kernel;
	kernel = (struct kernel){ 0 };
	return 0;
}

/* Where vmlinux may be, seen from the folder that holds Image. */
static const char *const vmlinux_places[] = { "vmlinux", "../../../vmlinux" };

static char *find_vmlinux(const char *image)
{
	const char *slash = strrchr(image, '/');

	for (size_t i = 0; i < ARRAY_SIZE(vmlinux_places); i++) {
		_cleanup_free_ char *path =
			format_text("%.*s/%s", (int)(slash - image), image, vmlinux_places[i]);
		char *real = path ? realpath(path, NULL) : NULL;

		if (real)
			return real;
	}
	return NULL;
}

int kernel_given(const char *image, struct kernel *ret_kernel)
{
	_cleanup_kernel_ struct kernel kernel = { 0 };
	int r;

	kernel.image = realpath(image, NULL);
	if (!kernel.image)
		return error_set(-errno, "lab: cannot read the kernel %s: %m", image);
	kernel.vmlinux = find_vmlinux(kernel.image);
	r = kernel.vmlinux ? jump_label_check(kernel.vmlinux) : 0;
	if (r < 0)
		return r;
	*ret_kernel = kernel;
	kernel = (struct kernel){ 0 };
	return 0;
}

void kernel_release(struct kernel *kernel)
{
	free(kernel->image);
	free(kernel->vmlinux);
	words_release(&kernel->modules);
	*kernel = (struct kernel){ 0 };
}
