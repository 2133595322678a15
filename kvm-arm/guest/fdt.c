/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A bounded walk over a flattened device tree. Format: Devicetree
 * Specification v0.4, chapter 5, "Flattened Devicetree (DTB) Format".
 */
#include "kvm-arm/guest/fdt.h"

#include <stddef.h>
#include <stdint.h>

#include "kvm-arm/guest/text.h"

enum {
	/* Offsets of header fields */
	TOTAL_SIZE = 4,
	STRUCT_OFFSET = 8,
	STRINGS_OFFSET = 12,
	HEADER_SIZE = 40,
	/* Tokens of the structure block */
	BEGIN_NODE = 1,
	END_NODE = 2,
	PROPERTY = 3,
	NOP = 4,
	/* Beyond this a tree is taken for damaged */
	MOST_SIZE = 16 << 20,
};

#define FDT_MAGIC 0xd00dfeedu

struct tree {
	const unsigned char *bytes;
	size_t size;
	size_t strings;
	size_t at; /* where the next token is read */
	unsigned int depth;
	bool in_chosen; /* in the node itself, not in one below it */
};

static uint32_t big_endian(const unsigned char *bytes)
{
	return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 |
	       (uint32_t)bytes[3];
}

bool fdt_present(const void *blob)
{
	return big_endian(blob) == FDT_MAGIC;
}

/* The next 32-bit word of the structure block; false past the end. */
static bool next_word(struct tree *tree, uint32_t *ret_word)
{
	if (tree->at > tree->size || tree->size - tree->at < 4)
		return false;
	*ret_word = big_endian(tree->bytes + tree->at);
	tree->at += 4;
	return true;
}

/* Steps over `length` bytes and the padding to 4 that follows them. */
static bool skip(struct tree *tree, size_t length)
{
	if (length > tree->size - tree->at)
		return false;
	tree->at = (tree->at + length + 3) & ~(size_t)3;
	return true;
}

/* The length of the string at `offset`, which must end inside the tree. */
static bool string_length(const struct tree *tree, size_t offset, size_t *ret_length)
{
	size_t end = offset;

	while (end < tree->size && tree->bytes[end])
		end++;
	if (end >= tree->size)
		return false;
	*ret_length = end - offset;
	return true;
}

static bool enter_node(struct tree *tree)
{
	const char *name = (const char *)tree->bytes + tree->at;
	size_t length;

	if (!string_length(tree, tree->at, &length))
		return false;
	tree->depth++;
	tree->in_chosen = tree->depth == 2 && text_equal(name, length, "chosen");
	return skip(tree, length + 1);
}

static bool leave_node(struct tree *tree)
{
	if (!tree->depth)
		return false;
	tree->depth--;
	tree->in_chosen = false;
	return tree->depth > 0;
}

/* Reads one property; *ret_value is set when it is bootargs and ends in NUL. */
static bool read_property(struct tree *tree, const char **ret_value)
{
	const char *value;
	uint32_t length, name;
	size_t name_length;

	if (!next_word(tree, &length) || !next_word(tree, &name))
		return false;
	value = (const char *)tree->bytes + tree->at;
	if (!skip(tree, length) || name > tree->size - tree->strings)
		return false;
	name += tree->strings;
	if (!string_length(tree, name, &name_length))
		return false;
	if (tree->in_chosen && length && !value[length - 1] &&
	    text_equal((const char *)tree->bytes + name, name_length, "bootargs"))
		*ret_value = value;
	return true;
}

/* Handles one token; false at the end or at damage. */
static bool step(struct tree *tree, const char **ret_value)
{
	uint32_t token;

	if (!next_word(tree, &token))
		return false;
	switch (token) {
	case BEGIN_NODE:
		return enter_node(tree);
	case END_NODE:
		return leave_node(tree);
	case PROPERTY:
		return read_property(tree, ret_value);
	default:
		return token == NOP;
	}
}

const char *fdt_bootargs(const void *blob)
{
	const unsigned char *bytes = blob;
	struct tree tree = {
		.bytes = bytes,
		.size = big_endian(bytes + TOTAL_SIZE),
		.at = big_endian(bytes + STRUCT_OFFSET),
		.strings = big_endian(bytes + STRINGS_OFFSET),
	};
	const char *value = NULL;

	if (tree.size < HEADER_SIZE || tree.size > MOST_SIZE || tree.at > tree.size ||
	    tree.strings > tree.size)
		return "";
	while (!value && step(&tree, &value))
		;
	return value ? value : "";
}
