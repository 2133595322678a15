/* SPDX-License-Identifier: GPL-2.0-only */
#include "kvm-arm/lab/initramfs.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/error.h"
#include "kvm-arm/lab/cpio.h"
#include "kvm-arm/lab/frame.h"

/* COMMAND's environment. Of ours it gets the variables that have no value here. */
static const struct variable {
	const char *name, *value;
} environment[] = {
	{ "PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:" LAB_SHARE },
	{ "HOME", "/root" },
	{ "USER", "root" },
	{ "LOGNAME", "root" },
	{ "SHELL", "/bin/sh" },
	{ "LANG", "C.UTF-8" },
	{ "PWD", LAB_SHARE },
	{ "TERM", NULL },
	{ "NO_COLOR", NULL },
};

static int add_words(struct buffer *archive, const char *name, char *const *words)
{
	_cleanup_buffer_ struct buffer text = { 0 };
	int r = 0;

	for (; r >= 0 && *words; words++)
		r = buffer_append(&text, *words, strlen(*words) + 1);
	return r < 0 ? r : cpio_add(archive, name, S_IFREG | 0444, text.data, text.length);
}

static int add_environment(struct buffer *archive)
{
	_cleanup_buffer_ struct buffer text = { 0 };
	int r = 0;

	for (size_t i = 0; r >= 0 && i < ARRAY_SIZE(environment); i++) {
		const struct variable *row = &environment[i];
		const char *value = row->value ? row->value : getenv(row->name);

		if (value)
			r = buffer_printf(&text, "%s=%s%c", row->name, value, '\0');
	}
	return r < 0 ? r
		     : cpio_add(archive, LAB_ENVIRONMENT, S_IFREG | 0444, text.data, text.length);
}

static int add_file(struct buffer *archive, const char *name, const char *path)
{
	_cleanup_fclose_ FILE *file = fopen(path, "re");
	_cleanup_buffer_ struct buffer text = { 0 };
	char bytes[8192];
	int r = 0;
	size_t n;

	if (!file)
		return error_set(-errno, "lab: cannot read %s: %m", path);
	while (r >= 0 && (n = fread(bytes, 1, sizeof(bytes), file)) > 0)
		r = buffer_append(&text, bytes, n);
	if (ferror(file))
		return error_set(-EIO, "lab: cannot read %s", path);
	return r < 0 ? r : cpio_add(archive, name, S_IFREG | 0755, text.data, text.length);
}

static int add_word(struct buffer *archive, const char *name, const char *word)
{
	char *const words[] = { (char *)word, NULL };

	return add_words(archive, name, words);
}

static int add_clock(struct buffer *archive)
{
	_cleanup_free_ char *seconds = format_text("%lld", (long long)time(NULL));

	return seconds ? add_word(archive, LAB_CLOCK, seconds) : -ENOMEM;
}

static int add_modules(struct buffer *archive, const struct words *paths)
{
	_cleanup_words_ struct words names = { 0 };
	char *const none[] = { NULL };
	int r = 0;

	for (size_t i = 0; r >= 0 && i < paths->count; i++) {
		words_add(&names, "%s", strrchr(paths->words[i], '/') + 1);
		r = names.error ? names.error : add_file(archive, names.words[i], paths->words[i]);
	}
	return r < 0 ? r : add_words(archive, LAB_MODULES, names.words ? names.words : none);
}

static int fill(struct buffer *archive, const struct initramfs *contents)
{
	int r = add_file(archive, "init", contents->init);

	if (r >= 0)
		r = add_words(archive, LAB_COMMAND, contents->command);
	if (r >= 0)
		r = add_word(archive, LAB_MODE, contents->mode);
	if (r >= 0)
		r = add_modules(archive, contents->modules);
	if (r >= 0)
		r = add_clock(archive);
	if (r >= 0)
		r = add_environment(archive);
	return r < 0 ? r : cpio_end(archive);
}

int initramfs_make(const struct initramfs *contents)
{
	_cleanup_close_ int fd = memfd_create("initramfs", MFD_CLOEXEC);
	_cleanup_buffer_ struct buffer archive = { 0 };
	int r = fill(&archive, contents);

	if (r < 0)
		return r;
	if (fd < 0)
		return error_set(-errno, "lab: cannot make a file in memory: %m");
	for (size_t done = 0; done < archive.length;) {
		ssize_t n = write(fd, archive.data + done, archive.length - done);

		if (n < 0)
			return error_set(-errno, "lab: cannot write the initramfs: %m");
		done += n;
	}
	return TAKE_FD(fd);
}
