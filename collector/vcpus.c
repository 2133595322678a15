/* SPDX-License-Identifier: GPL-2.0-only */
#include "collector/vcpus.h"

#include <errno.h>
#include <stdlib.h>

enum { FIRST_SIZE = 64 };

struct vcpus_entry {
	uint64_t vm;
	uint32_t pid;
	uint32_t index;
	uint32_t slot_plus_1; /* 0 in a free place */
};

static uint32_t hash(uint64_t vm, uint32_t pid, uint32_t index)
{
	return (uint32_t)((vm + index + ((uint64_t)pid << 40)) * UINT64_C(0x9e3779b97f4a7c15) >>
			  32);
}

/* The place of the vCPU, or the free place where it belongs. */
static struct vcpus_entry *find_place(const struct vcpus *vcpus, uint64_t vm, uint32_t pid,
				      uint32_t index)
{
	uint32_t at = hash(vm, pid, index);

	while (true) {
		struct vcpus_entry *entry = &vcpus->entry[at & (vcpus->size - 1)];

		if (!entry->slot_plus_1 ||
		    (entry->vm == vm && entry->pid == pid && entry->index == index))
			return entry;
		at++;
	}
}

static int grow(struct vcpus *vcpus)
{
	struct vcpus wider = { .size = vcpus->size ? vcpus->size * 2 : FIRST_SIZE,
			       .count = vcpus->count };

	wider.entry = calloc(wider.size, sizeof(*wider.entry));
	if (!wider.entry)
		return -ENOMEM;
	for (uint32_t i = 0; i < vcpus->size; i++) {
		const struct vcpus_entry *entry = &vcpus->entry[i];

		if (entry->slot_plus_1)
			*find_place(&wider, entry->vm, entry->pid, entry->index) = *entry;
	}
	vcpus_release(vcpus);
	*vcpus = wider;
	return 0;
}

int vcpus_slot(struct vcpus *vcpus, uint64_t vm, uint32_t pid, uint32_t index, uint32_t *ret_slot,
	       bool *ret_new)
{
	struct vcpus_entry *entry;
	bool new;

	if (vcpus->count * 2 >= vcpus->size && grow(vcpus) < 0)
		return -ENOMEM;
	entry = find_place(vcpus, vm, pid, index);
	new = !entry->slot_plus_1;
	if (new)
		*entry = (struct vcpus_entry){ vm, pid, index, ++vcpus->count };
	*ret_slot = entry->slot_plus_1 - 1;
	*ret_new = new;
	return 0;
}

void vcpus_release(struct vcpus *vcpus)
{
	free(vcpus->entry);
	*vcpus = (struct vcpus){ 0 };
}
