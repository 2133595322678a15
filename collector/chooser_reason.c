/* SPDX-License-Identifier: GPL-2.0-only */
/* Which reasons are wanted, by name; a name means what it does on the tier in use. */
#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "collector/chooser_search.h"
#include "kvm-arm/decode/reason.h"

/* --- for the searches ----------------------------------------------------------- */

static int list_class(struct buffer *classes, const char *key)
{
	const char *list = buffer_text(classes);
	size_t length = strlen(key);

	for (const char *at = list; (at = strstr(at, key)); at += length)
		if ((at == list || at[-1] == ' ') && (at[length] == ',' || !at[length]))
			return 0;
	return buffer_printf(classes, "%s%s", *list ? ", " : "", key);
}

int chooser_try_class(struct chooser_search *search, __u32 class, const struct exit_fixed *example)
{
	struct exit_reason reason = reason_of(example);
	const char *key = reason_class_key(&reason);
	char detail[REASON_TEXT];
	bool whole = !*reason_detail(&reason, detail);

	if (!strcmp(search->name, key) || (whole && chooser_is_named(search, example))) {
		search->chooser->rules.class[class / 64] |= UINT64_C(1) << (class % 64);
		search->found = true;
	}
	return list_class(search->classes, key);
}

bool chooser_is_named(const struct chooser_search *search, const struct exit_fixed *example)
{
	struct exit_reason reason = reason_of(example);
	char name[REASON_TEXT];

	return !strcmp(search->name, reason_name(&reason, name));
}

int chooser_found(struct chooser_search *search, struct choose_reason reason)
{
	struct chooser *chooser = search->chooser;

	if (chooser->reasons == CHOOSE_REASONS)
		return error_set(-E2BIG,
				 "--reason: more than %d reasons with a detail; choose by class",
				 CHOOSE_REASONS);
	chooser->reason[chooser->reasons++] = reason;
	chooser->rules.details = true;
	search->found = true;
	return 0;
}

/* --- tiers ------------------------------------------------------------------------ */

/* Tiers, and modes of KVM where these matter, whose exits have the same names. */
static const struct exits {
	const char *name, *tier[2], *mode;
	__u8 code; /* of all exits but Arm's */
} all_exits[] = {
	{ "patched or stock", { "patched", "stock" }, NULL, 0 },
	{ "x86 with SVM", { "x86" }, "svm", EXIT_CODE_SVM },
	{ "x86 with VMX", { "x86" }, "vmx", EXIT_CODE_VMX },
	{ "generic", { "generic" }, NULL, EXIT_CODE_RUN },
};

static const struct exits *find_exits(const char *tier, const char *mode)
{
	for (size_t i = 0; i < ARRAY_SIZE(all_exits); i++)
		for (size_t j = 0; j < ARRAY_SIZE(all_exits->tier); j++) {
			const struct exits *exits = &all_exits[i];

			if (exits->tier[j] && !strcmp(exits->tier[j], tier) &&
			    (!exits->mode || !strcmp(exits->mode, mode)))
				return exits;
		}
	return NULL;
}

/* Adds rules to `chooser` where these exits have the name, and their classes' words. */
static int search_in(const struct exits *exits, struct chooser *chooser, const char *name,
		     struct buffer *classes, bool *ret_found)
{
	struct chooser_search search = { .chooser = chooser, .name = name, .classes = classes };
	int r = exits->code ? chooser_search_x86(&search, exits->code)
			    : chooser_search_arm(&search);

	*ret_found = search.found;
	return r;
}

/* The tiers that have the name: "x86 with SVM, generic"; empty where none has. */
static int list_tiers(const char *name, struct buffer *tiers)
{
	int r = 0;

	for (size_t i = 0; r >= 0 && i < ARRAY_SIZE(all_exits); i++) {
		_cleanup_buffer_ struct buffer classes = { 0 };
		struct chooser scratch = { 0 };
		bool found = false;

		r = search_in(&all_exits[i], &scratch, name, &classes, &found);
		if (r >= 0 && found)
			r = buffer_printf(tiers, "%s%s", tiers->length ? ", " : "",
					  all_exits[i].name);
	}
	return r;
}

/* --- names ------------------------------------------------------------------------ */

int chooser_add_reason(struct chooser *chooser, const char *argument)
{
	if (chooser->names == CHOOSE_REASONS)
		return error_set(-E2BIG, "--reason: more than %d names; choose by class",
				 CHOOSE_REASONS);
	chooser->name[chooser->names++] = argument;
	chooser->rules.some = chooser->rules.reasons = true;
	return buffer_printf(&chooser->text, "%sreason %s", chooser->text.length ? "; " : "",
			     argument);
}

static int refuse(const struct exits *exits, const char *name, const struct buffer *classes)
{
	_cleanup_buffer_ struct buffer tiers = { 0 };
	int r = list_tiers(name, &tiers);

	if (r < 0)
		return r;
	if (!tiers.length)
		return error_set(-EINVAL,
				 "--reason: there is no reason '%s'; give one as the report prints "
				 "it, or a class: %s",
				 name, buffer_text(classes));
	return error_set(-EINVAL,
			 "--reason: '%s' is a reason of tier %s, and this is tier %s; give one as "
			 "its reports print it, or a class: %s",
			 name, buffer_text(&tiers), exits->name, buffer_text(classes));
}

static int add_rules(struct chooser *chooser, const struct exits *exits, const char *name)
{
	_cleanup_buffer_ struct buffer classes = { 0 };
	bool found = false;
	int r = search_in(exits, chooser, name, &classes, &found);

	return r < 0 || found ? r : refuse(exits, name, &classes);
}

int chooser_use_tier(struct chooser *chooser, const char *tier, const char *mode)
{
	const struct exits *exits = find_exits(tier, mode);
	int r = 0;

	if (!chooser->names)
		return 0;
	if (!exits)
		return error_set(-EOPNOTSUPP,
				 "--reason: tier %s does not tell reasons where KVM's mode is %s; "
				 "leave it out",
				 tier, mode);
	memset(chooser->rules.class, 0, sizeof(chooser->rules.class));
	chooser->rules.details = false;
	chooser->reasons = 0;
	for (unsigned int i = 0; r >= 0 && i < chooser->names; i++)
		r = add_rules(chooser, exits, chooser->name[i]);
	return r;
}
