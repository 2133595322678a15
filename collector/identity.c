/* SPDX-License-Identifier: GPL-2.0-only */
#include "collector/identity.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <systemd/sd-login.h>

#include "base/buffer.h"
#include "base/cleanup.h"

enum { WORDS_MOST = 1 << 20 };

struct identity_entry {
	uint64_t vm;
	uint32_t pid;
	bool asked; /* for it, since identities_forget() */
	struct identity identity;
};

/* --- the command line --------------------------------------------------------- */

/* Copies one option's value up to a single comma. Returns what follows it. */
static const char *copy_value(const char *text, char *to, size_t size)
{
	size_t length = 0;

	while (*text && (*text != ',' || text[1] == ',')) {
		text += *text == ',';
		if (length + 1 < size)
			to[length++] = *text;
		text++;
	}
	to[length] = '\0';
	return *text ? text + 1 : text;
}

/* The value of `guest=`, or the first one if it has no key. */
static bool name_from_value(const char *text, char ret_name[VM_NAME_BYTES])
{
	static const char key[] = "guest=";
	char part[VM_NAME_BYTES + sizeof(key)];
	bool first = true, found = false;

	for (; *text; first = false) {
		text = copy_value(text, part, sizeof(part));
		if (!strncmp(part, key, strlen(key))) {
			snprintf(ret_name, VM_NAME_BYTES, "%.*s", VM_NAME_BYTES - 1,
				 part + strlen(key));
			found = true;
		} else if (first && !strchr(part, '=')) {
			snprintf(ret_name, VM_NAME_BYTES, "%.*s", VM_NAME_BYTES - 1, part);
			found = true;
		}
	}
	return found && *ret_name;
}

/* What follows "-name" in this word or the next one; NULL for another option. */
static const char *name_value(const char *word, const char *next)
{
	if (*word != '-')
		return NULL;
	word += word[1] == '-' ? 2 : 1;
	if (!strncmp(word, "name=", strlen("name=")))
		return word + strlen("name=");
	return strcmp(word, "name") ? NULL : next;
}

bool identity_from_words(const char *words, size_t length, char ret_name[VM_NAME_BYTES])
{
	char name[VM_NAME_BYTES];
	bool found = false;

	for (size_t at = 0; at < length;) {
		const char *word = words + at, *value;

		at += strnlen(word, length - at) + 1;
		value = name_value(word, at < length ? words + at : NULL);
		if (value && name_from_value(value, name)) {
			strcpy(ret_name, name);
			found = true;
		}
	}
	return found;
}

/* --- a process ---------------------------------------------------------------- */

int process_file(uint32_t pid, const char *name, struct buffer *out)
{
	_cleanup_free_ char *path = format_text("/proc/%u/%s", pid, name);
	_cleanup_close_ int fd = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
	char bytes[4096];
	ssize_t n;

	while (fd >= 0 && out->length < WORDS_MOST && (n = read(fd, bytes, sizeof(bytes))) > 0)
		if (buffer_append(out, bytes, (size_t)n) < 0)
			return -ENOMEM;
	return fd < 0 ? -ENOENT : 0;
}

static void read_words_name(uint32_t pid, char name[VM_NAME_BYTES])
{
	_cleanup_buffer_ struct buffer words = { 0 };

	if (process_file(pid, "cmdline", &words) < 0 ||
	    !identity_from_words(buffer_text(&words), words.length, name))
		*name = '\0';
}

/* False where the process is gone. */
static bool read_command(uint32_t pid, const char *known, char command[VM_NAME_BYTES])
{
	_cleanup_buffer_ struct buffer line = { 0 };
	bool lives = process_file(pid, "comm", &line) >= 0 && line.length;
	const char *text = lives ? buffer_text(&line) : known;

	snprintf(command, VM_NAME_BYTES, "%.*s", (int)strcspn(text, "\n"), text);
	return lives;
}

bool identity_cgroup(const char *text, char ret_cgroup[CGROUP_BYTES])
{
	static const char unified[] = "0::";

	for (; *text; text += strcspn(text, "\n"), text += *text == '\n') {
		if (strncmp(text, unified, strlen(unified)))
			continue;
		text += strlen(unified);
		snprintf(ret_cgroup, CGROUP_BYTES, "%.*s", (int)strcspn(text, "\n"), text);
		return true;
	}
	return false;
}

static void read_cgroup(uint32_t pid, char cgroup[CGROUP_BYTES])
{
	_cleanup_buffer_ struct buffer text = { 0 };

	if (process_file(pid, "cgroup", &text) < 0 || !identity_cgroup(buffer_text(&text), cgroup))
		*cgroup = '\0';
}

static bool is_libvirt(const char *machine)
{
	static const char prefix[] = "qemu-";
	const char *digits = machine + strlen(prefix);

	if (strncmp(machine, prefix, strlen(prefix)))
		return false;
	return strspn(digits, "0123456789") && digits[strspn(digits, "0123456789")] == '-';
}

const char *identity_choose(const char *machine, const char *words_name, const char *command)
{
	if (*machine && !(is_libvirt(machine) && *words_name))
		return machine;
	if (*words_name)
		return words_name;
	return *command ? command : "?";
}

void identity_read(uint32_t pid, const char *command, struct identity *ret_identity)
{
	char words_name[VM_NAME_BYTES], own_command[VM_NAME_BYTES];
	_cleanup_free_ char *machine = NULL;
	struct identity identity;

	identity.sure = read_command(pid, command, own_command);
	read_words_name(pid, words_name);
	read_cgroup(pid, identity.cgroup);
	if (sd_pid_get_machine_name((pid_t)pid, &machine) < 0)
		machine = NULL;
	snprintf(identity.name, sizeof(identity.name), "%s",
		 identity_choose(machine ? machine : "", words_name, own_command));
	*ret_identity = identity;
}

/* --- those met ---------------------------------------------------------------- */

static struct identity_entry *find(struct identities *identities, uint64_t vm, uint32_t pid)
{
	for (size_t i = 0; i < identities->count; i++)
		if (identities->entry[i].vm == vm && identities->entry[i].pid == pid)
			return &identities->entry[i];
	return NULL;
}

const struct identity *identities_get(struct identities *identities, uint64_t vm, uint32_t pid,
				      const char *command)
{
	struct identity_entry *entry = find(identities, vm, pid);

	if (!entry) {
		entry = reallocarray(identities->entry, identities->count + 1, sizeof(*entry));
		if (!entry)
			return NULL;
		identities->entry = entry;
		entry += identities->count++;
		*entry = (struct identity_entry){ .vm = vm, .pid = pid };
		identity_read(pid, command, &entry->identity);
	} else if (!entry->identity.sure && *command) {
		snprintf(entry->identity.name, sizeof(entry->identity.name), "%s", command);
	}
	entry->asked = true;
	return &entry->identity;
}

void identities_forget(struct identities *identities)
{
	size_t kept = 0;

	for (size_t i = 0; i < identities->count; i++)
		if (identities->entry[i].asked) {
			identities->entry[kept] = identities->entry[i];
			identities->entry[kept++].asked = false;
		}
	identities->count = kept;
}

void identities_release(struct identities *identities)
{
	free(identities->entry);
	*identities = (struct identities){ 0 };
}
