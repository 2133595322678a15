// SPDX-License-Identifier: GPL-2.0-only
#include "kvm-arm/lab/init-exec.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/cleanup.h"

enum { NOT_FOUND = 127 };

#ifdef __aarch64__
enum { OUR_MACHINE = EM_AARCH64 };
#define OUR_ARCH "arm64"
#else
enum { OUR_MACHINE = EM_X86_64 };
#define OUR_ARCH "x86"
#endif

void refuse(int status, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	fputs("hyptrace: lab: ", stderr);
	vfprintf(stderr, format, args);
	fputc('\n', stderr);
	va_end(args);
	fflush(stderr);
	_exit(status);
}

static bool is_executable(const char *path)
{
	struct stat info;

	return stat(path, &info) == 0 && S_ISREG(info.st_mode) && access(path, X_OK) == 0;
}

/* As a shell would: a word with a slash is a path, any other is looked up in PATH. */
static char *find_program(const char *word)
{
	_cleanup_free_ char *folders = strdup(getenv("PATH") ?: "");
	char *rest = folders, *folder;

	if (strchr(word, '/'))
		return strdup(word);
	while (folders && (folder = strsep(&rest, ":"))) {
		_cleanup_free_ char *path = NULL;

		if (asprintf(&path, "%s/%s", folder, word) < 0)
			path = NULL;
		if (path && is_executable(path))
			return TAKE_PTR(path);
	}
	return NULL;
}

static bool is_foreign(const char *path)
{
	_cleanup_close_ int fd = open(path, O_RDONLY | O_CLOEXEC);
	Elf64_Ehdr head;

	return fd >= 0 && read(fd, &head, sizeof(head)) == (ssize_t)sizeof(head) &&
	       memcmp(head.e_ident, ELFMAG, SELFMAG) == 0 && head.e_machine != OUR_MACHINE;
}

void exec_command(char **words)
{
	_cleanup_free_ char *path = find_program(words[0]);

	if (!path || (access(path, F_OK) < 0 && errno == ENOENT))
		refuse(NOT_FOUND, "%s: command not found on the emulated host", words[0]);
	if (is_foreign(path))
		refuse(NOT_RUNNABLE,
		       "%s is built for another architecture, the emulated host is " OUR_ARCH,
		       path);
	execvp(path, words);
	if (errno == ENOENT)
		refuse(NOT_FOUND,
		       "%s needs an interpreter or loader that the emulated host does "
		       "not have",
		       path);
	refuse(NOT_RUNNABLE, "cannot run %s on the emulated host: %m", path);
}
