/* SPDX-License-Identifier: GPL-2.0-only */
/* The events of LTTng's provider hyptrace_vmm, in the form that lttng-ust wants. */
#undef LTTNG_UST_TRACEPOINT_PROVIDER
#define LTTNG_UST_TRACEPOINT_PROVIDER hyptrace_vmm

#undef LTTNG_UST_TRACEPOINT_INCLUDE
#define LTTNG_UST_TRACEPOINT_INCLUDE "probes/ust/events.h"

#if !defined(PROBES_UST_EVENTS_H) || defined(LTTNG_UST_TRACEPOINT_HEADER_MULTI_READ)
#define PROBES_UST_EVENTS_H

#include <lttng/tracepoint.h>

#include "probes/ust/stay.h"

/* clang-format off */
LTTNG_UST_TRACEPOINT_EVENT(hyptrace_vmm, stay,
	LTTNG_UST_TP_ARGS(const struct vmm_stay *, stay),
	LTTNG_UST_TP_FIELDS(
		lttng_ust_field_integer(uint64_t, begin_ns, stay->begin_ns)
		lttng_ust_field_integer(uint64_t, lock_ns, stay->lock_ns)
		lttng_ust_field_integer_hex(uint64_t, address, stay->address)
		lttng_ust_field_integer(int32_t, vcpu, stay->vcpu)
		lttng_ust_field_integer(int32_t, tid, stay->tid)
		lttng_ust_field_integer(int32_t, result, stay->result)
		lttng_ust_field_integer(uint32_t, exit_reason, stay->exit_reason)
		lttng_ust_field_integer(uint32_t, locks, stay->locks)
	)
)

LTTNG_UST_TRACEPOINT_EVENT(hyptrace_vmm, lock,
	LTTNG_UST_TP_ARGS(const struct vmm_lock *, lock),
	LTTNG_UST_TP_FIELDS(
		lttng_ust_field_integer(uint64_t, begin_ns, lock->begin_ns)
		lttng_ust_field_integer_hex(uint64_t, mutex, lock->mutex)
		lttng_ust_field_integer(int32_t, vcpu, lock->vcpu)
		lttng_ust_field_integer(int32_t, tid, lock->tid)
	)
)

/* The first event of a process. */
LTTNG_UST_TRACEPOINT_EVENT(hyptrace_vmm, attached,
	LTTNG_UST_TP_ARGS(int32_t, pid),
	LTTNG_UST_TP_FIELDS(
		lttng_ust_field_integer(int32_t, pid, pid)
	)
)
/* clang-format on */

#endif

#include <lttng/tracepoint-event.h>
