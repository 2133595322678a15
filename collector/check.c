/* SPDX-License-Identifier: GPL-2.0-only */
#include "collector/check.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <jansson.h>

#include "base/error.h"
#include "collector/look.h"
#include "collector/tiers.h"

enum { SCHEMA = 1, OPTION_JSON = 256, TEXT_COLUMN = 20, TEXT_WIDTH = 60 };

static const struct cmdline_option options[] = {
	{ OPTION_JSON, "json", NULL, "print JSON" },
	{ 0 },
};

const struct cmdline_command check_command = {
	.name = "check",
	.usage = "[--json]",
	.help = "say what this host can and cannot do, and why",
	.options = options,
	.run = command_check,
};

static const struct check_row {
	const char *name;
	bool needed; /* nothing can be recorded without it */
	look *look;
} rows[] = {
	{ "kernel", true, look_kernel },
	{ "kvm", true, look_kvm },
	{ "tier", true, look_tier },
	{ "clock", false, look_clock },
	{ "btf", true, look_btf },
	{ "lttng", false, look_lttng },
	{ "privileges", true, look_privileges },
	{ "lockdown", true, look_lockdown },
	{ "scheduling", false, look_scheduling },
	{ "pinning", false, look_pinning },
	{ "governor", false, look_governor },
	{ "rings", true, look_rings },
};

struct check {
	bool json;
	struct look_host host;
	struct finding finding[ARRAY_SIZE(rows)];
};

static const char *state_name(enum look_state state)
{
	static const char *const names[] = {
		[LOOK_GOOD] = "good",
		[LOOK_REDUCED] = "reduced",
		[LOOK_MISSING] = "missing",
	};

	return names[state];
}

/* Loading the probes proves most; what keeps them from it is a finding of its own row. */
static void look_all(struct check *check)
{
	const struct source_options smallest = { .ring_bytes = (size_t)sysconf(_SC_PAGESIZE) };

	source_open_best(&smallest, &check->host.source);
	error_clear();
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		rows[i].look(&check->host, &check->finding[i]);
}

static bool can_record(const struct check *check)
{
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		if (rows[i].needed && check->finding[i].state == LOOK_MISSING)
			return false;
	return true;
}

/* --- what is printed -------------------------------------------------------- */

/* Goes on in the next line, under its beginning, before a word that finds no room. */
static int print_wrapped(const char *text, struct buffer *out)
{
	size_t used = 0;
	int r = 0;

	while (r >= 0 && *text) {
		size_t word = strcspn(text, " ");
		bool fits = !used || used + 1 + word <= TEXT_WIDTH;

		if (used)
			r = fits ? buffer_printf(out, " ")
				 : buffer_printf(out, "\n%-*s", TEXT_COLUMN, "");
		if (r >= 0)
			r = buffer_printf(out, "%.*s", (int)word, text);
		used = fits && used ? used + 1 + word : word;
		text += word + strspn(text + word, " ");
	}
	return r < 0 ? r : buffer_printf(out, "\n");
}

static int print_finding(const struct check_row *row, const struct finding *finding,
			 struct buffer *out)
{
	int r = buffer_printf(out, "%-11s%-9s", row->name, state_name(finding->state));

	if (r >= 0)
		r = print_wrapped(finding->text, out);
	if (r >= 0 && finding->remedy[0])
		r = buffer_printf(out, "%-*s", TEXT_COLUMN, "");
	return r >= 0 && finding->remedy[0] ? print_wrapped(finding->remedy, out) : r;
}

static int print_text(const struct check *check, struct buffer *out)
{
	int r = 0;

	for (size_t i = 0; r >= 0 && i < ARRAY_SIZE(rows); i++)
		r = print_finding(&rows[i], &check->finding[i], out);
	if (r >= 0)
		r = buffer_printf(out, "\n%s\n",
				  can_record(check) ? "This host can be recorded."
						    : "Nothing can be recorded here: see what is "
						      "missing.");
	return r;
}

static json_t *json_finding(const struct check_row *row, const struct finding *finding)
{
	return json_pack("{s:s, s:s, s:b, s:s, s:o}", "name", row->name, "state",
			 state_name(finding->state), "needed", row->needed, "text", finding->text,
			 "remedy", finding->remedy[0] ? json_string(finding->remedy) : json_null());
}

static int print_json(const struct check *check, struct buffer *out)
{
	json_t *checks = json_array(), *json;
	_cleanup_free_ char *text = NULL;

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		json_array_append_new(checks, json_finding(&rows[i], &check->finding[i]));
	json = json_pack("{s:s, s:i, s:b, s:o}", "hyptrace", HYPTRACE_VERSION, "schema", SCHEMA,
			 "can_record", can_record(check), "checks", checks);
	text = json ? json_dumps(json, JSON_INDENT(2)) : NULL;
	json_decref(json);
	return text ? buffer_printf(out, "%s\n", text) : -ENOMEM;
}

static int print(const struct check *check)
{
	_cleanup_buffer_ struct buffer out = { 0 };
	int r = check->json ? print_json(check, &out) : print_text(check, &out);

	if (r < 0)
		return r;
	errno = 0;
	if (fputs(buffer_text(&out), stdout) < 0 || fflush(stdout) < 0)
		return error_set(errno ? -errno : -EIO, "cannot write what was found: %s",
				 strerror(errno));
	return 0;
}

static int take_option(void *context, int key, const char *argument)
{
	struct check *check = context;

	check->json = true;
	return 0;
}

static void check_release(struct check *check)
{
	source_closep(&check->host.source);
}

int command_check(int argc, char **argv)
{
	_cleanup_(check_release) struct check check = { 0 };
	int rest, r = cmdline_parse(&check_command, argc, argv, take_option, &check, &rest);

	if (r == CMDLINE_HELP)
		return 0;
	if (r == 0 && rest < argc)
		r = error_set(-EINVAL, "check: takes no words, and '%s' is one", argv[rest]);
	if (r < 0)
		return r;
	look_all(&check);
	r = print(&check);
	return r < 0 ? r : !can_record(&check);
}
