/* SPDX-License-Identifier: GPL-2.0-only */
#include "base/device_map.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/error.h"

static bool is_same_place(const struct device_range *a, const struct device_range *b)
{
	return a->first == b->first && a->last == b->last && a->pid == b->pid &&
	       a->source == b->source;
}

/* The last word on a place counts: a guest may move a device away and back again. */
static bool is_known(const struct device_map *map, const struct device_range *range)
{
	for (size_t i = map->count; i--;)
		if (is_same_place(map->range[i], range))
			return !strcmp(map->range[i]->name, range->name);
	return false;
}

static void disarm(char *name)
{
	for (; *name; name++)
		if ((unsigned char)*name < ' ' || *name == 0x7f)
			*name = '?';
}

static int append(struct device_map *map, struct device_range *range)
{
	struct device_range **grown = reallocarray(map->range, map->count + 1, sizeof(*grown));

	if (!grown)
		return -ENOMEM;
	grown[map->count++] = range;
	map->range = grown;
	return 0;
}

int device_map_add(struct device_map *map, const struct device_range *range)
{
	_cleanup_free_ struct device_range *copy = malloc(sizeof(*copy));
	int r;

	if (!copy)
		return -ENOMEM;
	*copy = *range;
	disarm(copy->name);
	if (map->count >= DEVICE_RANGES_MOST || is_known(map, copy))
		return 0;
	r = append(map, copy);
	if (r >= 0)
		TAKE_PTR(copy);
	return r;
}

int device_map_merge(struct device_map *map, const struct device_map *from)
{
	int r = 0;

	for (size_t i = 0; r >= 0 && i < from->count; i++)
		r = device_map_add(map, from->range[i]);
	return r;
}

static bool is_of(const struct device_range *range, uint32_t pid)
{
	return !range->pid || range->pid == pid;
}

const struct device_range *device_map_find(const struct device_map *map, uint32_t pid,
					   uint64_t address)
{
	const struct device_range *best = NULL;

	for (size_t i = 0; i < map->count; i++) {
		const struct device_range *range = map->range[i];

		if (range->first <= address && address <= range->last && is_of(range, pid) &&
		    (!best || range->source <= best->source))
			best = range;
	}
	return best;
}

int device_map_select(const struct device_map *map, uint32_t pid, struct device_map *of_vm)
{
	int r = 0;

	for (size_t i = 0; r >= 0 && i < map->count; i++)
		if (is_of(map->range[i], pid))
			r = append(of_vm, map->range[i]);
	return r;
}

void device_map_drop_selected(struct device_map *of_vm)
{
	free(of_vm->range);
	*of_vm = (struct device_map){ 0 };
}

void device_map_release(struct device_map *map)
{
	for (size_t i = 0; i < map->count; i++)
		free(map->range[i]);
	device_map_drop_selected(map);
}

/* --- a file ------------------------------------------------------------------- */

/* A number, and what follows it. False where there is none. */
static bool take_number(const char **text, uint64_t *ret_number)
{
	bool hexadecimal = **text == '0' && ((*text)[1] == 'x' || (*text)[1] == 'X');
	char *end;

	if (**text < '0' || **text > '9')
		return false;
	errno = 0;
	*ret_number = strtoull(*text, &end, hexadecimal ? 16 : 10);
	if (errno)
		return false;
	*text = end;
	return true;
}

/* What is left of the line, without spaces behind it. False where it is no name. */
static bool take_name(const char *text, char ret_name[DEVICE_NAME_BYTES])
{
	size_t length = strcspn(text, "\r\n");

	while (length && (text[length - 1] == ' ' || text[length - 1] == '\t'))
		length--;
	snprintf(ret_name, DEVICE_NAME_BYTES, "%.*s", (int)length, text);
	return length && length < DEVICE_NAME_BYTES;
}

/* False for a line that is no range. */
static bool parse_line(const char *line, struct device_range *ret_range)
{
	struct device_range range = { .source = DEVICE_BY_FILE };
	uint64_t second;
	char between;

	if (!take_number(&line, &range.first))
		return false;
	between = *line++;
	if ((between != '-' && between != '+') || !take_number(&line, &second))
		return false;
	range.last = between == '-' ? second : range.first + second - 1;
	if (!strspn(line, " \t") || range.last < range.first || (between == '+' && !second))
		return false;
	if (!take_name(line + strspn(line, " \t"), range.name))
		return false;
	*ret_range = range;
	return true;
}

static int bad_line(const char *path, int number)
{
	return error_set(-EINVAL,
			 "'%s', line %d: write 'START-END NAME' or 'START+SIZE NAME', as "
			 "'0x9000000+0x1000 uart'",
			 path, number);
}

int device_map_read_file(struct device_map *map, const char *path)
{
	_cleanup_fclose_ FILE *file = fopen(path, "re");
	_cleanup_free_ char *line = NULL;
	struct device_range range;
	size_t size = 0;
	int r = 0;

	if (!file)
		return error_set(-errno, "cannot read the devices in '%s': %s", path,
				 strerror(errno));
	for (int number = 1; r >= 0 && getline(&line, &size, file) >= 0; number++) {
		const char *text = line + strspn(line, " \t\r\n");

		if (!*text || *text == '#')
			continue;
		r = parse_line(text, &range) ? device_map_add(map, &range) : bad_line(path, number);
	}
	if (r >= 0 && ferror(file))
		return error_set(-EIO, "cannot read the devices in '%s'; is it a file?", path);
	return r;
}
