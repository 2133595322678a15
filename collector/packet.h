/* SPDX-License-Identifier: GPL-2.0-only */
/* The bytes of a packet: what metadata.c declares and stream.c writes. */
#ifndef COLLECTOR_PACKET_H
#define COLLECTOR_PACKET_H

#include <stddef.h>
#include <stdint.h>
#include <linux/types.h>

#include "probes/pauser.h"

enum {
	PACKET_BYTES = 4096, /* no packet crosses a multiple of this in its file */
	PACKET_GRAIN = 512,  /* a packet has a multiple of this */
	PACKET_LEAST = 1024, /* a smaller rest before such a multiple is the packet's before it */
	PACKET_MAGIC = 0xc1fc1fc1, /* CTF 1.8 */
	TRACE_UUID_BYTES = 16,
};

enum packet_stream_id { STREAM_EXITS = 0, STREAM_VCPUS = 1 };

struct packet_head {
	uint32_t magic;
	uint8_t uuid[TRACE_UUID_BYTES];
	uint32_t stream_id;
	uint64_t timestamp_begin;  /* [ns] */
	uint64_t timestamp_end;	   /* [ns] */
	uint64_t content_size;	   /* [bits] */
	uint64_t packet_size;	   /* [bits] */
	uint64_t events_discarded; /* since the stream's begin */
	uint32_t cpu_id;
	uint32_t hole; /* 0: the first event begins behind it */
};

enum { PACKET_HEAD_BYTES = offsetof(struct packet_head, hole) };

/* How an event of STREAM_VCPUS begins, at a multiple of 8. */
struct event_head {
	uint64_t timestamp; /* [ns] */
	uint32_t id;
} __attribute__((packed, aligned(4)));

enum { EVENT_ALIGN = 8 };

/*
 * How an event of STREAM_EXITS begins, at any byte. The time's high half is that of
 * the event before it, or one more where the low one is less.
 */
struct exits_head {
	uint16_t id;
	uint32_t timestamp; /* [ns] */
	uint32_t vcpu : 24;
} __attribute__((packed));

/* Event `el2` of STREAM_EXITS, right before the record that it belongs to. */
struct el2_event {
	struct exits_head head;
	uint64_t esr;
	uint64_t ticks;
	uint32_t count;
	uint32_t seq; /* of the record */
	uint8_t code;
} __attribute__((packed));

/* Event `pause` of STREAM_EXITS, likewise. */
struct pause_event {
	struct exits_head head;
	uint64_t ticks;
	uint32_t who; /* as an event `pauser` says */
	uint32_t seq;
} __attribute__((packed));

/* Event `vcpu` of STREAM_VCPUS; the VM's name and its cgroup follow, each with its NUL. */
struct vcpu_event {
	struct event_head head;
	uint32_t slot;
	uint32_t pid;
	uint32_t tid;
	uint32_t index;
};

/* Event `end` of STREAM_VCPUS. */
struct end_event {
	struct event_head head;
	uint32_t hole; /* 0: the fields align to 8 */
	uint64_t records;
	uint64_t lost;
	uint64_t clamped;
	uint64_t torn;
	uint64_t pause_runs;
	uint64_t pause_ns;
};

/* What follows the head of an event `pauser` of STREAM_VCPUS; the name up to its NUL. */
struct pauser_fields {
	uint64_t number;
	uint32_t who;
	uint8_t by; /* enum pause_by */
	char name[PAUSER_NAME_BYTES];
} __attribute__((packed));

/* Event `device` of STREAM_VCPUS; the name follows, with its NUL. */
struct device_event {
	struct event_head head;
	uint32_t hole; /* 0: the fields align to 8 */
	uint64_t first, last;
	uint32_t pid;	/* 0: of every VM */
	uint8_t source; /* enum device_source */
};

enum { DEVICE_EVENT_BYTES = offsetof(struct device_event, source) + 1 };

/* An event of STREAM_VCPUS that stores totals: the fields of probes/totals_events.h follow. */
struct total_event {
	struct event_head head;
	uint32_t hole; /* 0: the fields align to 8 */
};

/* Event `rest_until` of STREAM_VCPUS. */
struct until_event {
	struct event_head head;
	uint32_t hole; /* 0: the fields align to 8 */
	uint64_t at;   /* CLOCK_MONOTONIC [ns] */
};

/* What is recorded from an event `choice` on. */
enum choice_what {
	CHOICE_OFF,	/* nothing */
	CHOICE_TOTALS,	/* totals, no record */
	CHOICE_SAMPLES, /* totals, and one record of so many */
	CHOICE_ALL	/* what the command line says */
};

/* Event `choice` of STREAM_VCPUS; why follows, with its NUL. */
struct choice_event {
	struct event_head head;
	uint32_t what;
	uint32_t one_of;
};

enum { MARK_BY_HOST = 0xffffffff /* in place of a slot */ };

/* Event `mark` of STREAM_VCPUS; the text follows, with its NUL. */
struct mark_event {
	struct event_head head;
	uint32_t hole;	 /* 0: the fields align to 8 */
	uint64_t ns;	 /* CLOCK_MONOTONIC */
	uint64_t number; /* a guest's */
	uint32_t slot;	 /* of the vCPU that put it, or MARK_BY_HOST */
} __attribute__((packed, aligned(4)));

_Static_assert(PACKET_HEAD_BYTES == 68, "the packet header and context are 24 + 44 bytes");
_Static_assert(sizeof(struct event_head) == 12, "the event header is 8 + 4 bytes");
_Static_assert(sizeof(struct exits_head) == 9, "header and context are 2 + 4 + 3 bytes");
_Static_assert(sizeof(struct vcpu_event) == 28, "the names follow without a hole");
_Static_assert(offsetof(struct until_event, at) == 16, "the payload begins at a multiple of 8");
_Static_assert(sizeof(struct choice_event) == 20, "the reason follows without a hole");
_Static_assert(sizeof(struct mark_event) == 36, "the text follows without a hole");
_Static_assert(offsetof(struct end_event, records) == 16, "the payload begins at a multiple of 8");

#endif
