/* SPDX-License-Identifier: GPL-2.0-only */
#include "kvm-arm/lab/cache.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>

#include "base/buffer.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "kvm-arm/lab/process.h"
#include "kvm-arm/lab/words.h"

#define HASH_PRIME 0x100000001b3u

void lab_hash_bytes(uint64_t *hash, const void *bytes, size_t length)
{
	const unsigned char *byte = bytes;

	for (size_t i = 0; i < length; i++)
		*hash = (*hash ^ byte[i]) * HASH_PRIME;
}

void lab_hash_text(uint64_t *hash, const char *text)
{
	lab_hash_bytes(hash, text, strlen(text) + 1);
}

int lab_hash_file(uint64_t *hash, const char *path)
{
	_cleanup_fclose_ FILE *file = fopen(path, "re");
	uint64_t total = 0;
	char bytes[8192];
	size_t n;

	if (!file)
		return error_set(-errno, "lab: cannot read %s: %m", path);
	while ((n = fread(bytes, 1, sizeof(bytes), file)) > 0) {
		lab_hash_bytes(hash, bytes, n);
		total += n;
	}
	if (ferror(file))
		return error_set(-EIO, "lab: cannot read %s", path);
	lab_hash_bytes(hash, &total, sizeof(total));
	return 0;
}

static char *cache_folder(void)
{
	const char *cache = getenv("XDG_CACHE_HOME"), *home = getenv("HOME");

	if (cache && cache[0] == '/')
		return format_text("%s/hyptrace", cache);
	return home ? format_text("%s/.cache/hyptrace", home) : NULL;
}

static int make_folders(const char *path)
{
	_cleanup_free_ char *part = strdup(path);

	if (!part)
		return -ENOMEM;
	for (char *slash = part; (slash = strchr(slash + 1, '/'));) {
		*slash = '\0';
		mkdir(part, 0777);
		*slash = '/';
	}
	if (mkdir(path, 0777) < 0 && errno != EEXIST)
		return error_set(-errno, "lab: cannot make the folder %s: %m", path);
	return 0;
}

static int entry_exists(const char *entry)
{
	struct stat info;

	return stat(entry, &info) == 0 && S_ISDIR(info.st_mode);
}

int lab_cache_find(const char *kind, uint64_t hash, char **ret_entry)
{
	_cleanup_free_ char *folder = cache_folder(), *entry = NULL;
	int r;

	if (!folder)
		return error_set(-ENOENT,
				 "lab: there is no folder to keep what the lab builds: set "
				 "HOME or XDG_CACHE_HOME");
	r = make_folders(folder);
	if (r < 0)
		return r;
	entry = format_text("%s/%s-%016llx", folder, kind, (unsigned long long)hash);
	if (!entry)
		return -ENOMEM;
	r = entry_exists(entry);
	*ret_entry = TAKE_PTR(entry);
	return r;
}

/* Returns a descriptor that holds the lock until it is closed, or a negative errno. */
static int lock(const char *entry)
{
	_cleanup_free_ char *path = format_text("%s.lock", entry);
	_cleanup_close_ int fd = path ? open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0666) : -1;

	if (fd < 0)
		return error_set(-errno, "lab: cannot make the lock %s.lock: %m", entry);
	if (flock(fd, LOCK_EX | LOCK_NB) == 0)
		return TAKE_FD(fd);
	fprintf(stderr, "hyptrace: lab: waiting for another lab that builds %s\n", entry);
	while (flock(fd, LOCK_EX) < 0)
		if (errno != EINTR)
			return error_set(-errno, "lab: cannot lock %s.lock: %m", entry);
	return TAKE_FD(fd);
}

int lab_cache_build(const char *entry, char *const *script)
{
	_cleanup_words_ struct words words = { 0 };
	_cleanup_close_ int locked = lock(entry);
	int status;

	if (locked < 0)
		return locked;
	if (entry_exists(entry))
		return 0;
	words_add(&words, "%s", script[0]);
	words_add(&words, "%s", entry);
	for (size_t i = 1; script[i]; i++)
		words_add(&words, "%s", script[i]);
	if (words.error)
		return words.error;
	/* The script inherits the lock: it may outlive us for as long as it cleans up. */
	fcntl(locked, F_SETFD, 0);
	status = process_run(words.words);
	if (status < 0)
		return error_set(status, "lab: cannot run %s: %s", script[0], strerror(-status));
	if (status != 0 || !entry_exists(entry))
		return error_set(-EIO, "lab: %s failed with status %d, its output is in %s.log",
				 script[0], status, entry);
	return 0;
}
