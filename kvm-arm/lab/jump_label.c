/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Without jump labels a static key is a load and a branch: every figure of what
 * tracing costs while it is off would be wrong, and protected mode panics.
 */
#include "kvm-arm/lab/jump_label.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "base/error.h"

struct image {
	const unsigned char *bytes;
	size_t size;
};

static void image_unmap(struct image *image)
{
	if (image->bytes)
		munmap((void *)image->bytes, image->size);
}

static int image_map(const char *path, struct image *ret_image)
{
	_cleanup_close_ int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat info;
	void *bytes;

	if (fd < 0 || fstat(fd, &info) < 0)
		return error_set(-errno, "lab: cannot read %s: %m", path);
	bytes = mmap(NULL, info.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (bytes == MAP_FAILED)
		return error_set(-errno, "lab: cannot map %s: %m", path);
	*ret_image = (struct image){ bytes, info.st_size };
	return 0;
}

/* `count` rows of `size` bytes at `offset`, or NULL where the file ends before them. */
static const void *image_rows(const struct image *image, uint64_t offset, uint64_t count,
			      size_t size)
{
	if (offset > image->size || count > (image->size - offset) / size)
		return NULL;
	return image->bytes + offset;
}

static const Elf64_Shdr *find_sections(const struct image *image, size_t *ret_count)
{
	const Elf64_Ehdr *head = image_rows(image, 0, 1, sizeof(*head));

	if (!head || memcmp(head->e_ident, ELFMAG, SELFMAG) != 0 ||
	    head->e_ident[EI_CLASS] != ELFCLASS64)
		return NULL;
	*ret_count = head->e_shnum;
	return image_rows(image, head->e_shoff, head->e_shnum, sizeof(Elf64_Shdr));
}

/* The value of one symbol of a symbol table, 0 where it has none of that name. */
static uint64_t symbol_value(const struct image *image, const Elf64_Shdr *table,
			     const Elf64_Shdr *strings, const char *name)
{
	size_t count = table->sh_size / sizeof(Elf64_Sym), length = strlen(name) + 1;
	const Elf64_Sym *symbols = image_rows(image, table->sh_offset, count, sizeof(*symbols));
	const char *names = image_rows(image, strings->sh_offset, strings->sh_size, 1);

	for (size_t i = 0; symbols && names && i < count; i++) {
		uint64_t at = symbols[i].st_name;

		if (at < strings->sh_size && length <= strings->sh_size - at &&
		    memcmp(names + at, name, length) == 0)
			return symbols[i].st_value;
	}
	return 0;
}

/* The length of the table in bytes; 0 where there is no table, or no symbols. */
static uint64_t table_length(const struct image *image)
{
	size_t count = 0;
	const Elf64_Shdr *sections = find_sections(image, &count);

	for (size_t i = 0; sections && i < count; i++) {
		const Elf64_Shdr *table = &sections[i];

		if (table->sh_type != SHT_SYMTAB || table->sh_link >= count)
			continue;
		return symbol_value(image, table, &sections[table->sh_link],
				    "__stop___jump_table") -
		       symbol_value(image, table, &sections[table->sh_link],
				    "__start___jump_table");
	}
	return 0;
}

int jump_label_check(const char *vmlinux)
{
	_cleanup_(image_unmap) struct image image = { 0 };
	int r = image_map(vmlinux, &image);

	if (r < 0)
		return r;
	if (table_length(&image) == 0)
		return error_set(
			-ENOTSUP,
			"lab: %s has no jump labels, so its figures would mislead: build it "
			"with CONFIG_JUMP_LABEL=y",
			vmlinux);
	return 0;
}
