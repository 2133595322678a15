/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a trace directory holds, item by item in order of time, whichever way
 * it is read.
 */
#ifndef ANALYZER_READER_H
#define ANALYZER_READER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <linux/types.h>

#include "analyzer/vmm_split.h"
#include "probes/stage_set.h"
#include "base/cleanup.h"
#include "probes/exit_record.h"
#include "probes/totals_events.h"

/* What the trace says in words, by the name that its environment uses. */
#define READER_STRINGS(X)                                                                          \
	X(hyptrace_version)                                                                        \
	X(kernel)                                                                                  \
	X(arch)                                                                                    \
	X(kvm_mode)                                                                                \
	X(tier)                                                                                    \
	X(clock_name)                                                                              \
	X(barriers)                                                                                \
	X(vmm_side) /* READER_VMM_JOINED; why there is none; "" or "?": none was wanted */         \
	X(unit)

/* Likewise in numbers; 0 where the trace does not say. */
#define READER_NUMBERS(X)                                                                          \
	X(cycle_counter)  /* 1: stages have their length in CPU cycles too */                      \
	X(stamp_cost_64)  /* what 64 stamps take [ticks] */                                        \
	X(unstamped_eret) /* instructions from the last stamp to and with the ERET */              \
	X(unstamped_irq)  /* instructions from the vector to the first stamp, by cause */          \
	X(unstamped_trap)                                                                          \
	X(unstamped_hvc)                                                                           \
	X(totals_ms) /* how often totals are stored; 0: once, as the last thing of a vCPU */

/* What `vmm_side` says where the VMM recorded itself with LTTng-UST, and it can be read. */
#define READER_VMM_JOINED "lttng-ust"

/* What the trace says about the host it was taken on. All strings are owned, none but `chosen` is
 * NULL. */
struct reader_facts {
#define READER_STRING(name) char *name;
	READER_STRINGS(READER_STRING)
#undef READER_STRING
#define READER_NUMBER(name) uint32_t name;
	READER_NUMBERS(READER_NUMBER)
#undef READER_NUMBER
	char *chosen;	   /* which records were wanted; NULL: all */
	uint64_t clock_hz; /* ticks of the stages' clock per second, never 0 */
	bool emulated;
	bool vmm_damaged;	/* so was the VMM's trace, from some place on; once that is met */
	uint8_t clock_uuid[16]; /* of CLOCK_MONOTONIC in the boot that was traced; 0: not known */
	size_t stage_count;	/* 1 to EXIT_STAGES_MAX */
	char *stage_name[EXIT_STAGES_MAX]; /* by stage number */
};

enum trace_item_kind {
	TRACE_VCPU,
	TRACE_RECORD,
	TRACE_EL2,
	TRACE_PAUSE,
	TRACE_PAUSER,
	TRACE_DEVICE,
	TRACE_DISCARDED,
	TRACE_END,
	TRACE_CHOICE,
	TRACE_MARK,
	/* What the probes added up themselves, from the begin up to some moment. */
	TRACE_TOTAL_VCPU,
	TRACE_TOTAL_STAGE,
	TRACE_TOTAL_PATTERN,
	TRACE_TOTAL_REASON,
	TRACE_TOTAL_PAUSER,
	TRACE_TOTALS_UNTIL
};

/* A vCPU's identity; may come after records of its slot. */
struct trace_vcpu {
	uint32_t slot, pid, tid, index;
	const char *vm;	    /* valid until the next item is read */
	const char *cgroup; /* likewise; NULL where the trace does not say */
};

struct trace_record {
	uint64_t timestamp; /* CLOCK_MONOTONIC at emission [ns] */
	uint32_t slot;
	struct exit_fixed fixed;
	struct stage_set touched; /* the stages that were stamped */
	struct stage_set cycled;  /* those of them whose cycles are known */
	struct stage_set missing; /* should have been stamped and were not; not in `fixed` */
	uint64_t length[EXIT_STAGES_MAX]; /* by stage number, undefined where not touched [ticks] */
	uint32_t cycles[EXIT_STAGES_MAX]; /* likewise, undefined where not cycled */
	struct vmm_split user;		  /* what io_user is made of, where the VMM tells */
};

/* Exits of one cause that EL2 finished alone before record `seq`, which follows. */
struct trace_el2 {
	uint64_t esr; /* UINT64_MAX: several causes */
	uint64_t ticks;
	uint32_t slot, seq, count;
	uint8_t code; /* EXIT_CODE_* */
};

/* A pause of record `seq`, which follows; it is in the stages of pauses too. */
struct trace_pause {
	uint64_t ticks;
	uint32_t slot, who, seq;
};

/* Who or what made pauses; may come after them. */
struct trace_pauser {
	uint64_t number;  /* of an interrupt or softirq */
	uint32_t who;	  /* as pauses name it */
	uint8_t by;	  /* enum pause_by */
	const char *name; /* valid until the next item is read */
};

/* Where a VM has a device; may come after accesses to it. */
struct trace_device {
	uint64_t first, last; /* addresses */
	uint32_t pid;	      /* 0: every VM */
	uint8_t source;	      /* enum device_source */
	const char *name;     /* valid until the next item is read */
};

struct trace_end {
	uint64_t records, lost, clamped, torn;
	uint64_t pause_runs, pause_ns; /* of the programs that see preemption and interrupts */
};

/* What is recorded from now on: the numbers of collector/packet.h. */
enum trace_choice_what { TRACE_OFF, TRACE_TOTALS_ONLY, TRACE_SAMPLES, TRACE_ALL };

struct trace_choice {
	uint32_t what, one_of;
	const char *why; /* valid until the next item is read */
};

enum { TRACE_MARK_BY_HOST = 0xffffffff /* in place of a slot */ };

struct trace_mark {
	uint64_t ns;	  /* CLOCK_MONOTONIC */
	uint64_t number;  /* a guest's */
	uint32_t slot;	  /* of the vCPU that put it, or TRACE_MARK_BY_HOST */
	const char *text; /* the host's; valid until the next item is read */
};

struct trace_item {
	enum trace_item_kind kind;
	union {
		struct trace_vcpu vcpu;
		struct trace_record record;
		struct trace_el2 el2;
		struct trace_pause pause;
		struct trace_pauser pauser;
		struct trace_device device;
		uint64_t discarded; /* records lost since the stream's last such item */
		struct trace_end end;
		struct trace_choice choice;
		struct trace_mark mark;
		struct total_vcpu total_vcpu;
		struct total_stage total_stage;
		struct total_pattern total_pattern;
		struct total_reason total_reason;
		struct total_pauser total_pauser;
		uint64_t until; /* those before it are of that moment [CLOCK_MONOTONIC, ns] */
	};
};

struct reader;

/* A way of reading; `struct reader` is the first member of what it allocates. */
struct reader_ops {
	int (*next)(struct reader *reader, struct trace_item *item);
	void (*rewind)(struct reader *reader);
	void (*close)(struct reader *reader);
};

struct vmm_join;

struct reader {
	const struct reader_ops *ops;
	struct reader_facts facts;
	struct vmm_join *vmm; /* NULL without a VMM's side */
	bool begun;	      /* items were read */
};

/*
 * Opens the trace directory and reads its facts. Returns 0; or a negative errno
 * and a sentence for what is not a directory, not a trace, not one of
 * hyptrace's, or damaged. The caller closes the reader.
 */
int reader_open(const char *path, struct reader **ret_reader);

/*
 * The next item. Returns 1; 0 after the last one; or a negative errno and a
 * sentence where the trace is damaged. What `item` held before is lost either
 * way (a record is too large to build twice).
 */
int reader_next(struct reader *reader, struct trace_item *item);

/*
 * Has reader_next() give the first item again; quicker than to open `path`, its
 * trace, once more. Returns 0 or -ENOMEM.
 */
int reader_rewind(struct reader *reader, const char *path);

void reader_close(struct reader *reader);

DEFINE_CLEANUP(struct reader *, reader_close)
#define _cleanup_reader_ _cleanup_(reader_closep)

/* Reads a CTF directory with libbabeltrace2; `path` is a directory. As reader_open(). */
int reader_bt2_open(const char *path, struct reader **ret_reader);

/*
 * Splits the space-separated names into facts->stage_name. Returns 0; -EINVAL
 * where there are none or too many; -ENOMEM.
 */
int reader_facts_set_stages(struct reader_facts *facts, const char *names);

/* Whether --vmm was given; else nothing is missing. */
bool reader_facts_wanted_vmm(const struct reader_facts *facts);

/* Whether the VMM's side is joined to the records. */
bool reader_facts_joined(const struct reader_facts *facts);

void reader_facts_release(struct reader_facts *facts);

#endif
