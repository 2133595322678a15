/* SPDX-License-Identifier: GPL-2.0-only */
#include "collector/vmm_command.h"

#include <elf.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>

#include "base/buffer.h"
#include "base/cleanup.h"

#if defined(__aarch64__)
#define OWN_MACHINE EM_AARCH64
#else
#define OWN_MACHINE EM_X86_64
#endif

enum { MOST_SEGMENTS = 64 };

/* The program behind a name without a slash, by $PATH; NULL where there is none. */
static char *search(const char *name)
{
	const char *path = getenv("PATH");

	for (; path && *path; path += strcspn(path, ":"), path += *path == ':') {
		_cleanup_free_ char *file =
			format_text("%.*s/%s", (int)strcspn(path, ":"), path, name);

		if (file && access(file, X_OK) == 0)
			return TAKE_PTR(file);
	}
	return NULL;
}

static bool has_interpreter(int fd, const Elf64_Ehdr *header)
{
	Elf64_Phdr segment;

	for (unsigned int i = 0; i < header->e_phnum && i < MOST_SEGMENTS; i++) {
		off_t at = (off_t)(header->e_phoff + i * sizeof(segment));

		if (pread(fd, &segment, sizeof(segment), at) != sizeof(segment))
			return true; /* not for us to judge */
		if (segment.p_type == PT_INTERP)
			return true;
	}
	return false;
}

static bool changes_privileges(int fd)
{
	struct stat status;

	if (fstat(fd, &status) == 0 && status.st_mode & (S_ISUID | S_ISGID))
		return true;
	return fgetxattr(fd, "security.capability", NULL, 0) > 0;
}

static const char *obstacle_in(int fd)
{
	Elf64_Ehdr header;

	if (changes_privileges(fd))
		return "is setuid, setgid or has file capabilities";
	if (pread(fd, &header, sizeof(header), 0) != sizeof(header) ||
	    memcmp(header.e_ident, ELFMAG, SELFMAG) != 0)
		return NULL;
	if (header.e_ident[EI_CLASS] != ELFCLASS64 || header.e_machine != OWN_MACHINE)
		return "is a program of another architecture";
	return has_interpreter(fd, &header) ? NULL : "is a static program";
}

const char *vmm_command_obstacle(const char *name)
{
	_cleanup_free_ char *found = strchr(name, '/') ? strdup(name) : search(name);
	_cleanup_close_ int fd = found ? open(found, O_RDONLY | O_CLOEXEC) : -1;

	return fd < 0 ? NULL : obstacle_in(fd);
}
