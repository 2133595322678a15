/* SPDX-License-Identifier: GPL-2.0-only */
#include "tui/settings.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>
#include <sys/stat.h>

#include "base/buffer.h"
#include "base/cleanup.h"
#include "base/error.h"

static const struct settings first = { .delay_ms = 500, .mouse = 1 };

static const struct setting {
	const char *name;
	size_t offset;
	int least, most;
} numbers[] = {
	{ "screen", offsetof(struct settings, screen), 0, 4 },
	{ "unit", offsetof(struct settings, unit), 0, UNIT_CHOICES - 1 },
	{ "interval", offsetof(struct settings, interval), 0, 1 },
	{ "delay_ms", offsetof(struct settings, delay_ms), 100, 60000 },
	{ "mouse", offsetof(struct settings, mouse), 0, 1 },
};

static int *number_of(const struct settings *settings, const struct setting *row)
{
	return (int *)((char *)settings + row->offset);
}

/* $XDG_CONFIG_HOME, else ~/.config; NULL without either or without memory. */
static char *config_folder(void)
{
	const char *config = getenv("XDG_CONFIG_HOME"), *home = getenv("HOME");

	if (config && *config == '/')
		return format_text("%s/hyptrace", config);
	return home && *home ? format_text("%s/.config/hyptrace", home) : NULL;
}

static void take_number(struct settings *settings, const char *name, const char *value)
{
	char *end;
	long number = strtol(value, &end, 10);

	for (size_t i = 0; i < ARRAY_SIZE(numbers); i++)
		if (!strcmp(numbers[i].name, name) && end != value && !*end &&
		    number >= numbers[i].least && number <= numbers[i].most)
			*number_of(settings, &numbers[i]) = (int)number;
}

static void take_sort(struct settings *settings, const char *number, const char *value)
{
	unsigned long screen = strtoul(number, NULL, 10);

	if (screen < SETTINGS_SORTS && strlen(value) < SETTING_BYTES)
		strcpy(settings->sort[screen], value);
}

static void take_line(struct settings *settings, char *line)
{
	char *value = strchr(line, '=');

	line[strcspn(line, "\n")] = '\0';
	if (!value)
		return;
	*value++ = '\0';
	if (!strncmp(line, "sort", 4))
		take_sort(settings, line + 4, value);
	else
		take_number(settings, line, value);
}

void settings_load(struct settings *ret_settings)
{
	_cleanup_free_ char *folder = config_folder();
	_cleanup_free_ char *path = folder ? format_text("%s/dashboard", folder) : NULL;
	_cleanup_fclose_ FILE *file = path ? fopen(path, "re") : NULL;
	char line[128];

	*ret_settings = first;
	while (file && fgets(line, sizeof(line), file))
		take_line(ret_settings, line);
}

static int write_lines(const struct settings *settings, FILE *file)
{
	for (size_t i = 0; i < ARRAY_SIZE(numbers); i++)
		fprintf(file, "%s=%d\n", numbers[i].name, *number_of(settings, &numbers[i]));
	for (int i = 0; i < SETTINGS_SORTS; i++)
		if (settings->sort[i][0])
			fprintf(file, "sort%d=%s\n", i, settings->sort[i]);
	return fflush(file) ? -errno : 0;
}

static int make_folder(const char *folder)
{
	_cleanup_free_ char *above = strdup(folder);
	char *slash = above ? strrchr(above, '/') : NULL;

	if (slash)
		*slash = '\0';
	if (slash)
		mkdir(above, 0700);
	return mkdir(folder, 0700) < 0 && errno != EEXIST ? -errno : 0;
}

int settings_save(const struct settings *settings)
{
	_cleanup_free_ char *folder = config_folder();
	_cleanup_free_ char *path = folder ? format_text("%s/dashboard", folder) : NULL;
	_cleanup_fclose_ FILE *file = NULL;
	int r;

	if (!path)
		return 0;
	r = make_folder(folder);
	if (r >= 0)
		file = fopen(path, "we");
	if (r >= 0 && !file)
		r = -errno;
	if (r >= 0)
		r = write_lines(settings, file);
	return r < 0 ? error_set(r, "cannot remember the settings in '%s': %s", path, strerror(-r))
		     : 0;
}
