// SPDX-License-Identifier: GPL-2.0-only
#include "kvm-arm/lab/init-modules.h"

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/cleanup.h"

static int load(const char *name)
{
	char path[256];
	_cleanup_close_ int fd = -1;
	int r;

	snprintf(path, sizeof(path), "/%s", name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	r = fd < 0 ? -1 : (int)syscall(SYS_finit_module, fd, "", 0);
	return r < 0 && errno != ENODEV && errno != EEXIST ? -1 : 0;
}

const char *load_modules(char *const *names)
{
	for (; *names; names++)
		if (load(*names) < 0)
			return *names;
	return NULL;
}
