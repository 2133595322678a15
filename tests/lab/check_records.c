/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * check-records PID SECONDS TOGGLES: attaches to the VM of process PID for
 * SECONDS in all, TOGGLES times one after the other, and checks every record
 * against the rules of ARCHITECTURE.md:
 *
 * - stamps do not run backwards, none lies before the record's begin or after
 *   its hand-over;
 * - no stage of the path taken is missing;
 * - within one attachment, sequence numbers of a vCPU have no gap and no repeat;
 * - a record ends exactly where the next one's guest time begins;
 * - exit and entry name CPUs that exist.
 *
 * With PID 0 it only attaches and detaches, and says how often that failed.
 * Prints key=value words; exits 1 if a rule was broken.
 */
#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <linux/types.h>

#include "base/cleanup.h"
#include "probes/exit_record.h"
#include "probes/world_switch.skel.h"

enum { MOST_CPUS = 64, MOST_VCPUS = 16, RING_BYTES = 1 << 22, MOST_COMPLAINTS = 10 };

struct vcpu_state {
	bool seen;
	__u32 seq;
	__u64 end;
};

struct check {
	struct world_switch *skeleton;
	struct ring_buffer *ring[MOST_CPUS];
	int cpus;
	__u32 stages;
	struct vcpu_state vcpu[MOST_VCPUS];
	unsigned long records, exits, migrated, broken, attached, refused;
	int last_error;
};

/* Records of all rings, to be sorted by vCPU and sequence number. */
static struct ring_record *kept;
static size_t kept_count, kept_size;

static int keep(void *context, void *data, size_t size)
{
	if (kept_count == kept_size) {
		kept_size = kept_size ? 2 * kept_size : 1024;
		kept = realloc(kept, kept_size * sizeof(*kept));
		if (!kept)
			abort();
	}
	memset(&kept[kept_count], 0, sizeof(*kept));
	memcpy(&kept[kept_count++], data, size);
	return 0;
}

static void complain(struct check *check, const struct ring_record *record, const char *what)
{
	if (check->broken++ < MOST_COMPLAINTS)
		printf("broken: vcpu %u seq %u kind %u flags 0x%x: %s\n", record->vcpu,
		       record->fixed.seq, record->fixed.kind, record->fixed.flags, what);
}

/* Checks one record by itself; returns its end. */
static __u64 check_stamps(struct check *check, const struct ring_record *record)
{
	__u64 last = record->fixed.begin, touched = 0;

	for (__u32 i = 0; i < check->stages; i++) {
		if (!record->stamp[i])
			continue;
		touched |= 1ULL << i;
		if (record->stamp[i] < last)
			complain(check, record, "a stamp runs backwards");
		last = record->stamp[i];
	}
	if (last > record->fixed.emit)
		complain(check, record, "a stamp lies after the hand-over");
	if (record->expected & ~touched)
		complain(check, record, "a stage is missing");
	if (record->fixed.cpu_exit >= check->cpus || record->fixed.cpu_entry >= check->cpus)
		complain(check, record, "a CPU that does not exist");
	return last;
}

static void check_record(struct check *check, const struct ring_record *record)
{
	struct vcpu_state *state = &check->vcpu[record->vcpu % MOST_VCPUS];
	__u64 end = check_stamps(check, record);
	__u64 before = record->fixed.begin - record->fixed.guest - record->fixed.el2_time;

	check->records++;
	check->exits += record->fixed.kind == EXIT_KIND_EXIT;
	check->migrated += record->fixed.cpu_exit != record->fixed.cpu_entry;
	if (state->seen && record->fixed.seq != state->seq + 1)
		complain(check, record, "the sequence number has a gap or repeats");
	else if (state->seen && before != state->end)
		complain(check, record, "does not begin where the one before ended");
	*state = (struct vcpu_state){ .seen = true, .seq = record->fixed.seq, .end = end };
}

static int by_vcpu_and_seq(const void *left, const void *right)
{
	const struct ring_record *a = left, *b = right;

	if (a->vcpu != b->vcpu)
		return a->vcpu < b->vcpu ? -1 : 1;
	return (a->fixed.seq > b->fixed.seq) - (a->fixed.seq < b->fixed.seq);
}

static void check_kept(struct check *check)
{
	qsort(kept, kept_count, sizeof(*kept), by_vcpu_and_seq);
	memset(check->vcpu, 0, sizeof(check->vcpu));
	for (size_t i = 0; i < kept_count; i++)
		check_record(check, &kept[i]);
	kept_count = 0;
}

static void drain(struct check *check)
{
	for (int cpu = 0; cpu < check->cpus; cpu++)
		ring_buffer__consume(check->ring[cpu]);
}

static double now_s(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void attach_for(struct check *check, double seconds)
{
	struct bpf_link *link = bpf_program__attach(check->skeleton->progs.world_switch);
	double end = now_s() + seconds;

	if (!link) {
		check->refused++;
		check->last_error = errno;
		return;
	}
	check->attached++;
	while (now_s() < end) {
		usleep(5000);
		drain(check);
	}
	bpf_link__destroy(link);
	drain(check);
	check_kept(check);
}

static int count_stages(void)
{
	struct btf *btf = btf__load_vmlinux_btf();
	__s32 id = btf ? btf__find_by_name_kind(btf, "kvm_ws_stage", BTF_KIND_ENUM) : -ENOENT;
	int count = id < 0 ? id : btf_vlen(btf__type_by_id(btf, (__u32)id)) - 1;

	btf__free(btf);
	return count;
}

static int make_rings(struct check *check)
{
	int outer = bpf_map__fd(check->skeleton->maps.rings);

	for (int cpu = 0; cpu < check->cpus; cpu++) {
		int fd = bpf_map_create(BPF_MAP_TYPE_RINGBUF, "ring", 0, 0, RING_BYTES, NULL);

		if (fd < 0 || bpf_map_update_elem(outer, &cpu, &fd, BPF_ANY))
			return -1;
		check->ring[cpu] = ring_buffer__new(fd, keep, NULL, NULL);
		if (!check->ring[cpu])
			return -1;
	}
	return 0;
}

static int load(struct check *check, __u32 pid)
{
	__u8 one = 1;
	int stages = count_stages();

	check->skeleton = world_switch__open();
	if (!check->skeleton || stages <= 0)
		return -1;
	check->stages = (__u32)stages;
	check->skeleton->rodata->stage_count = check->stages;
	bpf_map__set_max_entries(check->skeleton->maps.rings, (__u32)check->cpus);
	if (world_switch__load(check->skeleton) || make_rings(check))
		return -1;
	return bpf_map_update_elem(bpf_map__fd(check->skeleton->maps.targets), &pid, &one, BPF_ANY);
}

static unsigned long count_lost(const struct check *check)
{
	__u64 lost[MOST_CPUS] = { 0 };
	unsigned long sum = 0;
	__u32 zero = 0;

	bpf_map_lookup_elem(bpf_map__fd(check->skeleton->maps.lost), &zero, lost);
	for (int cpu = 0; cpu < check->cpus; cpu++)
		sum += lost[cpu];
	return sum;
}

int main(int argc, char **argv)
{
	struct check check = { .cpus = libbpf_num_possible_cpus() };
	int toggles;

	libbpf_set_print(NULL);
	if (argc != 4 || check.cpus > MOST_CPUS) {
		fprintf(stderr, "usage: check-records PID SECONDS TOGGLES\n");
		return 2;
	}
	if (load(&check, (__u32)atoi(argv[1]))) {
		fprintf(stderr, "check-records: cannot load the probe\n");
		return 2;
	}
	toggles = atoi(argv[3]);
	for (int i = 0; i < toggles; i++)
		attach_for(&check, atof(argv[2]) / toggles);
	printf("records=%lu exits=%lu migrated=%lu broken=%lu attached=%lu refused=%lu lost=%lu "
	       "error=%s\n",
	       check.records, check.exits, check.migrated, check.broken, check.attached, check.refused,
	       count_lost(&check), check.refused ? strerror(check.last_error) : "none");
	world_switch__destroy(check.skeleton);
	return check.broken ? 1 : 0;
}
