/* SPDX-License-Identifier: GPL-2.0-only */
#include "collector/bpf_totals.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "collector/bpf_source.h"
#include "collector/process.h"

int bpf_totals_open(struct bpf_totals *totals, const struct bpf_object *object, const __u32 *used,
		    const struct totals_others *others, struct bpf_look look)
{
	totals->look = look;
	totals->used = used;
	totals->others = others;
	totals->map = bpf_object__find_map_fd_by_name(object, "totals");
	totals->sums = bpf_object__find_map_fd_by_name(object, "totals_sums");
	totals->slots = bpf_object__find_map_fd_by_name(object, "totals_slots");
	totals->free = bpf_object__find_map_fd_by_name(object, "totals_free");
	if (totals->map < 0 || totals->slots < 0 || totals->free < 0)
		return error_set(-ENOENT, "the probes lack the maps of totals; rebuild hyptrace");
	return totals_map(totals->map, totals->sums, &totals->mapped);
}

static int look_at(void *context, uint32_t slot, struct totals_open *ret_open)
{
	const struct bpf_look *look = context;
	struct totals_ask ask = { .slot = slot };
	LIBBPF_OPTS(bpf_test_run_opts, options, .ctx_in = &ask, .ctx_size_in = sizeof(ask));
	int r = bpf_prog_test_run_opts(bpf_program__fd(look->program), &options);

	if (r < 0)
		return bpf_source_error(r, "ask the kernel what a vCPU is about");
	*ret_open = *look->answer;
	return 0;
}

int bpf_totals_read(const struct bpf_totals *totals, struct totals *ret_totals)
{
	const struct bpf_look *look = &totals->look;
	int r = totals_read(&totals->mapped, *totals->used, totals->others,
			    look->program ? look_at : NULL, (void *)look, ret_totals);

	return r < 0 ? r : totals_append(ret_totals, &totals->finished);
}

/* The last record of a vCPU comes before its process is reaped, whoever runs it. */
static bool is_gone(const struct totals_vcpu *vcpu)
{
	return vcpu->vcpu && process_is_gone(vcpu->pid) && process_is_gone(vcpu->tid);
}

static int empty_slot(int map, __u32 slot, size_t bytes)
{
	_cleanup_free_ void *empty = calloc(1, bytes);

	return empty ? bpf_map_update_elem(map, &slot, empty, BPF_ANY) : -ENOMEM;
}

/* First nobody may find the slot, then it is empty, then it is free. */
static int free_slot(const struct bpf_totals *totals, __u32 slot, const struct totals_vcpu *vcpu)
{
	const struct totals_key key = { .vm = vcpu->vm, .pid = vcpu->pid, .index = vcpu->index };
	int r = bpf_map_delete_elem(totals->slots, &key);

	if (r >= 0)
		r = empty_slot(totals->map, slot, sizeof(struct totals_vcpu));
	if (r >= 0 && totals->sums >= 0)
		r = empty_slot(totals->sums, slot, sizeof(struct totals_vcpu_sums));
	if (r >= 0)
		r = bpf_map_update_elem(totals->free, NULL, &slot, BPF_ANY);
	return r < 0 ? error_set(r, "cannot free the totals of a vCPU that is gone: %s",
				 strerror(-r))
		     : 0;
}

static int keep(struct bpf_totals *totals, const struct totals_vcpu *vcpu)
{
	struct totals *finished = &totals->finished;
	struct totals_vcpu *oldest;

	if (finished->count < FINISHED_APART)
		return totals_append(finished, &(struct totals){ .vcpu = (struct totals_vcpu *)vcpu,
								 .count = 1 });
	totals->oldest = totals->oldest % (FINISHED_APART - 1) + 1;
	oldest = &finished->vcpu[totals->oldest];
	totals_add(&finished->vcpu[0], oldest);
	totals_copy(oldest, vcpu);
	return 0;
}

static int retire(struct bpf_totals *totals, __u32 slot,
		  int (*take)(void *context, const struct totals_vcpu *vcpu), void *context)
{
	_cleanup_free_ struct totals_vcpu *copy = malloc(sizeof(*copy));
	int r;

	if (!copy)
		return -ENOMEM;
	totals_read_slot(&totals->mapped, slot, copy);
	r = take ? take(context, copy) : keep(totals, copy);
	return r < 0 ? r : free_slot(totals, slot, copy);
}

int bpf_totals_retire(struct bpf_totals *totals,
		      int (*take)(void *context, const struct totals_vcpu *vcpu), void *context)
{
	__u32 used = *totals->used;
	int r = 0;

	for (__u32 slot = 0; r >= 0 && slot < used && slot < TOTALS_SLOTS; slot++)
		if (is_gone(&totals->mapped.vcpu[slot]))
			r = retire(totals, slot, take, context);
	return r;
}

int bpf_totals_meet(const struct bpf_totals *totals, struct identities *identities)
{
	for (__u32 slot = 0; slot < *totals->used && slot < TOTALS_SLOTS; slot++) {
		const struct totals_vcpu *vcpu = &totals->mapped.vcpu[slot];
		char command[sizeof(vcpu->command) + 1] = { 0 };

		memcpy(command, vcpu->command, sizeof(vcpu->command));
		if (vcpu->vcpu && *command && /* which is written last */
		    !identities_get(identities, vcpu->vm, vcpu->pid, command))
			return -ENOMEM;
	}
	return 0;
}

void bpf_totals_pauser_name(const struct bpf_totals *totals, uint32_t by, const __u64 cause[2],
			    char ret_name[PAUSER_NAME_BYTES])
{
	for (__u32 slot = 0; slot < *totals->used && slot < TOTALS_SLOTS; slot++)
		for (int i = 0; i < TOTALS_PAUSERS; i++) {
			const struct totals_pauser *row = &totals->mapped.vcpu[slot].pauser[i];

			if (row->by != by || row->cause[0] != cause[0] || row->cause[1] != cause[1])
				continue;
			snprintf(ret_name, PAUSER_NAME_BYTES, "%.*s", (int)sizeof(row->name),
				 row->name);
			return;
		}
	*ret_name = '\0';
}

void bpf_totals_close(struct bpf_totals *totals)
{
	totals_unmap(&totals->mapped);
	totals_release(&totals->finished);
	totals->mapped = (struct totals_mapped){ NULL, NULL };
}
