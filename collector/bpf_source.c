/* SPDX-License-Identifier: GPL-2.0-only */
#include "collector/bpf_source.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <malloc.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "collector/chooser.h"
#include "collector/kernel_types.h"
#include "collector/privileges.h"

#define RINGS_MAP "rings"
#define LOST_MAP "lost"
#define TARGETS_MAP "targets"
#define CPUS_MAP "cpus"
#define REASONS_MAP "choose_reasons"
#define NS_PER_S 1000000000u
#define PAUSE_PROGRAM "pause_"	   /* prefix */
#define PROCESS_PROGRAM "process_" /* prefix */
#define TRACEPOINT_SECTION "tp_btf/"

/* libbpf's first warning: mostly the one that tells why. */
static char warning[256];

static int keep_warning(enum libbpf_print_level level, const char *format, va_list args)
{
	if (level != LIBBPF_WARN || warning[0])
		return 0;
	vsnprintf(warning, sizeof(warning), format, args);
	warning[strcspn(warning, "\n")] = '\0';
	return 0;
}

void bpf_source_quiet(void)
{
	warning[0] = '\0';
	libbpf_set_print(keep_warning);
}

static int not_permitted(int err, const char *what)
{
	const char *why = privileges_obstacle();
	char missing[PRIVILEGES_TEXT];

	if (privileges_missing(privileges_kvm_is_module(), missing))
		return error_set(err, "cannot %s: this process lacks %s; run it with sudo", what,
				 missing);
	return error_set(err, "cannot %s, as the kernel does not permit it: %s", what,
			 why ? why : "is there a security module or a seccomp filter?");
}

int bpf_source_error(int err, const char *what)
{
	if (err == -EPERM || err == -EACCES)
		return not_permitted(err, what);
	return error_set(err, "cannot %s: %s (%s)", what, strerror(-err),
			 warning[0] ? warning : "libbpf says no more");
}

int bpf_source_cpus(void)
{
	int cpus = libbpf_num_possible_cpus();

	if (cpus < 0)
		return error_set(cpus,
				 "cannot read /sys/devices/system/cpu/possible: %s; is /sys "
				 "mounted?",
				 strerror(-cpus));
	return cpus;
}

int bpf_source_create_rings(struct bpf_source *base, const struct source_options *options)
{
	int cpus = bpf_source_cpus(), r;

	if (cpus < 0)
		return cpus;
	r = privileges_check(!base->no_module && privileges_kvm_is_module());
	if (r < 0)
		return r;
	base->ring_fds = calloc((size_t)cpus, sizeof(*base->ring_fds));
	base->lost = calloc((size_t)cpus, sizeof(*base->lost));
	base->cpus = calloc((size_t)cpus, sizeof(*base->cpus));
	if (!base->ring_fds || !base->lost || !base->cpus)
		return -ENOMEM;
	base->source.ring_fds = base->ring_fds;
	for (int cpu = 0; cpu < cpus; cpu++) {
		int fd = bpf_map_create(BPF_MAP_TYPE_RINGBUF, "hyptrace_ring", 0, 0,
					(__u32)options->ring_bytes, NULL);

		if (fd < 0)
			return bpf_source_error(fd, "create a BPF ring for each CPU");
		base->ring_fds[base->source.ring_count++] = fd;
	}
	return 0;
}

static struct bpf_map *find_map(const struct bpf_source *base, const char *name)
{
	return bpf_object__find_map_by_name(*base->skeleton->obj, name);
}

/* The verifier checks the programs against one ring of the kind that they will find. */
static int size_rings_map(struct bpf_source *base)
{
	struct bpf_map *rings = find_map(base, RINGS_MAP);
	int r;

	if (!rings || !find_map(base, LOST_MAP) || !find_map(base, TARGETS_MAP) ||
	    !find_map(base, CPUS_MAP))
		return error_set(-ENOENT, "the probes lack the map " RINGS_MAP ", " LOST_MAP
					  ", " TARGETS_MAP " or " CPUS_MAP "; rebuild hyptrace");
	r = bpf_map__set_max_entries(rings, base->source.ring_count);
	if (r >= 0)
		r = bpf_map__set_inner_map_fd(rings, base->ring_fds[0]);
	return r < 0 ? bpf_source_error(r, "size the map of rings") : 0;
}

static int install_rings(struct bpf_source *base)
{
	int map = bpf_map__fd(find_map(base, RINGS_MAP));

	for (__u32 cpu = 0; cpu < base->source.ring_count; cpu++) {
		int r = bpf_map_update_elem(map, &cpu, &base->ring_fds[cpu], BPF_ANY);

		if (r < 0)
			return bpf_source_error(r, "install the ring of each CPU");
	}
	return 0;
}

static int find_tracepoint(const struct btf *types, const char *name)
{
	char type[128];

	snprintf(type, sizeof(type), "btf_trace_%s", name);
	return btf__find_by_name_kind(types, type, BTF_KIND_TYPEDEF);
}

bool bpf_source_tracepoint(const struct btf *types, const char *name)
{
	return find_tracepoint(types, name) > 0;
}

/* A typedef of a pointer to the function that is called, whose first argument is its own. */
int bpf_source_parameters(const struct btf *types, const char *name)
{
	int id = find_tracepoint(types, name);
	const struct btf_type *type = id < 0 ? NULL : btf__type_by_id(types, (__u32)id);

	if (type)
		type = btf__type_by_id(types, type->type);
	if (type && btf_is_ptr(type))
		type = btf__type_by_id(types, type->type);
	return type && btf_is_func_proto(type) ? btf_vlen(type) - 1 : -ENOENT;
}

/* A kernel may lack some of the tracepoints that tell of pauses. */
static int skip_pause_programs(struct bpf_source *base)
{
	struct bpf_program *program;
	const struct btf *kernel;
	int r = kernel_types(&kernel);

	if (r < 0)
		return r;

	bpf_object__for_each_program(program, *base->skeleton->obj) {
		const char *name = bpf_program__name(program);
		const char *section = bpf_program__section_name(program);

		if (!strncmp(name, PAUSE_PROGRAM, strlen(PAUSE_PROGRAM)) &&
		    !bpf_source_tracepoint(kernel, section + strlen(TRACEPOINT_SECTION)))
			bpf_program__set_autoload(program, false);
	}
	return 0;
}

int bpf_source_load(struct bpf_source *base)
{
	int r = size_rings_map(base);

	if (r >= 0)
		r = skip_pause_programs(base);
	kernel_types_forget();
	if (r < 0)
		return r;
	r = bpf_object__load_skeleton(base->skeleton);
	malloc_trim(0);
	if (r < 0)
		return bpf_source_error(r, "load the probes");
	return install_rings(base);
}

int bpf_source_set_rules(const struct bpf_source *base, const struct source_options *options,
			 struct choose_rules *to_rules)
{
	const struct source_facts *facts = &base->source.facts;
	int r;

	if (!options->chooser)
		return 0;
	r = chooser_use_tier(options->chooser, facts->tier, facts->kvm_mode);
	if (r >= 0)
		*to_rules = options->chooser->rules;
	return r;
}

int bpf_source_set_reasons(struct bpf_source *base, const struct source_options *options,
			   __u64 *to_slower)
{
	const struct chooser *chooser = options->chooser;
	struct bpf_map *map = find_map(base, REASONS_MAP);
	__u64 hz = base->source.facts.counter_hz;
	__u8 yes = 1;
	int r = 0;

	if (!chooser)
		return 0;
	*to_slower = (__u64)((unsigned __int128)chooser->slower_ns * hz / NS_PER_S);
	for (unsigned int i = 0; r >= 0 && i < chooser->reasons; i++)
		r = bpf_map_update_elem(bpf_map__fd(map), &chooser->reason[i], &yes, BPF_ANY);
	return r < 0 ? bpf_source_error(r, "say which reasons to record") : 0;
}

int bpf_source_protected(const struct source *source)
{
	return error_set(-EOPNOTSUPP,
			 "KVM runs in %s mode, in which the hypervisor must not be traced; boot "
			 "without kvm-arm.mode=protected",
			 source->facts.kvm_mode);
}

int bpf_source_attach(struct source *source, pid_t pid)
{
	struct bpf_source *base = (struct bpf_source *)source;
	__u32 key = (__u32)pid;
	__u8 yes = 1;
	int r = 0;

	if (pid)
		r = bpf_map_update_elem(bpf_map__fd(find_map(base, TARGETS_MAP)), &key, &yes,
					BPF_ANY);
	if (r < 0)
		return bpf_source_error(r, "say which process to record");
	r = bpf_object__attach_skeleton(base->skeleton);
	if (r == -EOPNOTSUPP)
		return bpf_source_protected(source);
	return r < 0 ? bpf_source_error(r, "attach the probes") : 0;
}

void bpf_source_detach(struct source *source)
{
	bpf_object__detach_skeleton(((struct bpf_source *)source)->skeleton);
}

/* Processes are followed, and pauses seen, also while nothing is recorded. */
static bool is_switched(const struct bpf_program *program)
{
	const char *name = bpf_program__name(program);

	return bpf_program__expected_attach_type(program) == BPF_TRACE_RAW_TP &&
	       bpf_program__autoload(program) && bpf_program__autoattach(program) &&
	       strncmp(name, PAUSE_PROGRAM, strlen(PAUSE_PROGRAM)) != 0 &&
	       strncmp(name, PROCESS_PROGRAM, strlen(PROCESS_PROGRAM)) != 0;
}

static int switch_program(struct bpf_prog_skeleton *program, bool on)
{
	if (!on) {
		bpf_link__destroy(*program->link);
		*program->link = NULL;
		return 0;
	}
	*program->link = bpf_program__attach(*program->prog);
	return *program->link ? 0 : bpf_source_error(-errno, "attach the probes again");
}

int bpf_source_switch(struct source *source, bool on)
{
	struct bpf_object_skeleton *skeleton = ((struct bpf_source *)source)->skeleton;
	int r = 0;

	for (int i = 0; r >= 0 && i < skeleton->prog_cnt; i++)
		if (is_switched(*skeleton->progs[i].prog))
			r = switch_program(&skeleton->progs[i], on);
	return r;
}

int bpf_source_lost(struct source *source, uint64_t *ret_by_cpu, uint64_t *ret_skipped)
{
	struct bpf_source *base = (struct bpf_source *)source;
	struct bpf_prog_info info = { 0 };
	__u32 size = sizeof(info), zero = 0;
	int r;

	r = bpf_map_lookup_elem(bpf_map__fd(find_map(base, LOST_MAP)), &zero, base->lost);
	if (r >= 0)
		r = bpf_obj_get_info_by_fd(bpf_program__fd(base->recorder), &info, &size);
	if (r < 0)
		return bpf_source_error(r, "read how many records were lost");
	memcpy(ret_by_cpu, base->lost, source->ring_count * sizeof(*ret_by_cpu));
	*ret_skipped = info.recursion_misses;
	return 0;
}

int bpf_source_pause_cost(struct source *source, struct pause_cost *ret_cost)
{
	struct bpf_source *base = (struct bpf_source *)source;
	struct pause_cost sum = { 0 };
	__u32 zero = 0;
	int r = bpf_map_lookup_elem(bpf_map__fd(find_map(base, CPUS_MAP)), &zero, base->cpus);

	if (r < 0)
		return bpf_source_error(r, "read what watching for pauses has cost");
	for (unsigned int cpu = 0; cpu < source->ring_count; cpu++) {
		sum.runs += base->cpus[cpu].cost.runs;
		sum.ns += base->cpus[cpu].cost.ns;
	}
	*ret_cost = sum;
	return 0;
}

int bpf_source_totals(struct source *source, struct totals *ret_totals)
{
	return bpf_totals_read(&((struct bpf_source *)source)->totals, ret_totals);
}

int bpf_source_retire(struct source *source,
		      int (*take)(void *context, const struct totals_vcpu *vcpu), void *context)
{
	struct bpf_totals *totals = &((struct bpf_source *)source)->totals;
	int r = bpf_totals_meet(totals, &source->identities);

	return r < 0 ? r : bpf_totals_retire(totals, take, context);
}

void bpf_source_pauser_name(struct source *source, uint32_t by, const __u64 cause[2],
			    char ret_name[PAUSER_NAME_BYTES])
{
	bpf_totals_pauser_name(&((struct bpf_source *)source)->totals, by, cause, ret_name);
}

void bpf_source_release(struct bpf_source *base)
{
	for (unsigned int cpu = 0; cpu < base->source.ring_count; cpu++)
		close(base->ring_fds[cpu]);
	bpf_totals_close(&base->totals);
	identities_release(&base->source.identities);
	device_finder_release(&base->source.devices);
	free(base->ring_fds);
	free(base->lost);
	free(base->cpus);
}
