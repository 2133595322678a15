/* SPDX-License-Identifier: GPL-2.0-only */
#include "collector/stage_names.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>

#include "base/error.h"
#include "collector/pauses.h"

#define STAGE_ENUM "kvm_ws_stage"
#define STAGE_PREFIX "KVM_WS_"
#define STAGE_COUNT "KVM_WS_NR_STAGES"
#define TRACEPOINT_TYPE "btf_trace_kvm_world_switch"

static int misnumbered(const char *enumerator)
{
	return error_set(-EINVAL,
			 "the kernel's enum " STAGE_ENUM " is not what this hyptrace reads (at "
			 "'%s'); build both from one version of kernel-patches/",
			 enumerator);
}

static char *stage_name(const char *enumerator)
{
	char *name = strdup(enumerator + strlen(STAGE_PREFIX));

	for (char *c = name; c && *c; c++)
		*c = (char)tolower((unsigned char)*c);
	return name;
}

static int read_enumerators(const struct btf *btf, const struct btf_type *type,
			    struct stage_names *names)
{
	const struct btf_enum *row = btf_enum(type);

	for (unsigned int i = 0; i < btf_vlen(type); i++, row++) {
		const char *enumerator = btf__name_by_offset(btf, row->name_off);

		if ((unsigned int)row->val != i)
			return misnumbered(enumerator);
		if (!strcmp(enumerator, STAGE_COUNT))
			return i ? 0 : misnumbered(enumerator);
		if (i == STAMPS_MAX || strncmp(enumerator, STAGE_PREFIX, strlen(STAGE_PREFIX)))
			return misnumbered(enumerator);
		names->name[i] = stage_name(enumerator);
		if (!names->name[i])
			return -ENOMEM;
		names->count++;
	}
	return misnumbered("the end");
}

int stage_names_read(const struct btf *btf, struct stage_names *ret_names)
{
	_cleanup_(stage_names_release) struct stage_names names = { 0 };
	int id = btf__find_by_name_kind(btf, STAGE_ENUM, BTF_KIND_ENUM);
	int r;

	if (id < 0 || btf__find_by_name_kind(btf, TRACEPOINT_TYPE, BTF_KIND_TYPEDEF) < 0)
		return error_set(-ENOENT,
				 "this kernel is not patched: it lacks the tracepoint "
				 "kvm_world_switch; build one with kernel-patches/, or run "
				 "'hyptrace lab'");
	r = read_enumerators(btf, btf__type_by_id(btf, (__u32)id), &names);
	if (r < 0)
		return r;
	*ret_names = names;
	names = (struct stage_names){ 0 };
	return 0;
}

int stage_names_add_pauses(struct stage_names *names)
{
	for (unsigned int kind = 0; kind < PAUSE_KINDS; kind++) {
		names->name[names->count] = strdup(pause_stage_names[kind]);
		if (!names->name[names->count])
			return -ENOMEM;
		names->count++;
	}
	return 0;
}

void stage_names_release(struct stage_names *names)
{
	for (unsigned int i = 0; i < names->count; i++)
		free(names->name[i]);
	*names = (struct stage_names){ 0 };
}
