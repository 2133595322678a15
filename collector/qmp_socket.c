/* SPDX-License-Identifier: GPL-2.0-only */
#include "collector/qmp_socket.h"

#include <stdio.h>
#include <string.h>

enum { PART_BYTES = QMP_PATH_BYTES, ID_BYTES = 128 };

#define LIBVIRT_MONITOR "charmonitor"

struct words {
	const char *text;
	size_t length;
};

/* --- words -------------------------------------------------------------------- */

static const char *next_word(const struct words *words, const char *word)
{
	size_t left = words->length - (size_t)(word - words->text);
	const char *next = word + strnlen(word, left) + 1;

	return next < words->text + words->length ? next : NULL;
}

static bool is_option(const char *word, const char *name)
{
	if (*word != '-')
		return false;
	word += word[1] == '-' ? 2 : 1;
	return !strcmp(word, name);
}

static const char *after(const char *text, const char *prefix)
{
	size_t length = strlen(prefix);

	return strncmp(text, prefix, length) ? NULL : text + length;
}

/* --- "first,key=value,flag" --------------------------------------------------- */

/* Copies up to a single comma; two are one. Returns what follows, NULL at the end. */
static const char *take_part(const char *text, char ret_part[PART_BYTES])
{
	size_t length = 0;

	while (*text && (*text != ',' || text[1] == ',')) {
		text += *text == ',';
		if (length + 1 < PART_BYTES)
			ret_part[length++] = *text;
		text++;
	}
	ret_part[length] = '\0';
	return *text ? text + 1 : NULL;
}

/* The value of `key`, "" where it stands alone. */
static bool find_key(const char *text, const char *key, char *ret_value, size_t size)
{
	char part[PART_BYTES];

	while (text) {
		const char *value;

		text = take_part(text, part);
		value = after(part, key);
		if (!value || (*value && *value != '='))
			continue;
		snprintf(ret_value, size, "%s", *value ? value + 1 : "");
		return true;
	}
	return false;
}

/* Else another process listens there, and QEMU is its client. */
static bool is_server(const char *text)
{
	char value[PART_BYTES];

	return find_key(text, "server", value, sizeof(value)) && (!*value || !strcmp(value, "on"));
}

/* --- where it listens --------------------------------------------------------- */

/* "unix:PATH,server=on,..." */
static bool path_of_address(const char *text, char ret_path[QMP_PATH_BYTES])
{
	const char *address = after(text, "unix:");

	if (!address || !is_server(address))
		return false;
	take_part(address, ret_path);
	return *ret_path;
}

/* The path of the -chardev socket whose id is `id`. */
static bool path_of_chardev(const struct words *words, const char *id,
			    char ret_path[QMP_PATH_BYTES])
{
	char its_id[ID_BYTES];

	if (!strcmp(id, LIBVIRT_MONITOR))
		return false;
	for (const char *word = words->text; word; word = next_word(words, word)) {
		const char *value = next_word(words, word);

		if (value && is_option(word, "chardev") && after(value, "socket,") &&
		    find_key(value, "id", its_id, sizeof(its_id)) && !strcmp(its_id, id))
			return is_server(value) &&
			       find_key(value, "path", ret_path, QMP_PATH_BYTES);
	}
	return false;
}

static bool path_of_qmp(const struct words *words, const char *value, char ret_path[QMP_PATH_BYTES])
{
	const char *id = after(value, "chardev:");

	return id ? path_of_chardev(words, id, ret_path) : path_of_address(value, ret_path);
}

/* "chardev=ID,mode=control", or "ID,mode=control" */
static bool path_of_monitor(const struct words *words, const char *value,
			    char ret_path[QMP_PATH_BYTES])
{
	char id[PART_BYTES], mode[PART_BYTES];

	if (!find_key(value, "mode", mode, sizeof(mode)) || strcmp(mode, "control"))
		return false;
	if (!find_key(value, "chardev", id, sizeof(id)))
		take_part(value, id);
	return path_of_chardev(words, id, ret_path);
}

bool qmp_socket_from_words(const char *text, size_t length, char ret_path[QMP_PATH_BYTES])
{
	const struct words words = { text, length };

	for (const char *word = length ? text : NULL; word; word = next_word(&words, word)) {
		const char *value = next_word(&words, word);

		if (!value)
			return false;
		if ((is_option(word, "qmp") || is_option(word, "qmp-pretty")) &&
		    path_of_qmp(&words, value, ret_path))
			return true;
		if (is_option(word, "mon") && path_of_monitor(&words, value, ret_path))
			return true;
	}
	return false;
}
