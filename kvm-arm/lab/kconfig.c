/* SPDX-License-Identifier: GPL-2.0-only */
#include "kvm-arm/lab/kconfig.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"

/* "CONFIG_X=value", or "# CONFIG_X is not set" for the value "n"; NULL for another line. */
static const char *value_of(const char *line, const char *option)
{
	size_t length = strlen(option);

	if (strncmp(line, option, length) == 0 && line[length] == '=')
		return line + length + 1;
	if (strncmp(line, "# ", 2) == 0 && strncmp(line + 2, option, length) == 0 &&
	    strcmp(line + 2 + length, " is not set") == 0)
		return "n";
	return NULL;
}

static int read_file(const char *path, const char *option, bool *dropped)
{
	_cleanup_fclose_ FILE *file = fopen(path, "re");
	_cleanup_free_ char *line = NULL;
	size_t size = 0;

	if (!file)
		return error_set(-errno, "lab: cannot read %s: %m", path);
	while (getline(&line, &size, file) >= 0) {
		const char *value;

		line[strcspn(line, "\n")] = '\0';
		value = value_of(line, option);
		if (value)
			*dropped = strcmp(value, "n") == 0;
	}
	return 0;
}

int kconfig_drops(const struct words *files, const char *option)
{
	bool dropped = false;
	int r = 0;

	for (size_t i = 0; r >= 0 && i < files->count; i++)
		r = read_file(files->words[i], option, &dropped);
	return r < 0 ? r : dropped;
}
