/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A simple writer of trace directories, for tests of what reads them: the
 * format as ARCHITECTURE.md documents it, written a second time. Any failure
 * ends the program.
 */
#ifndef TESTS_GOLDEN_REPORT_TRACE_H
#define TESTS_GOLDEN_REPORT_TRACE_H

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <linux/types.h>

#include "probes/exit_record.h"

enum {
	WRITER_PACKET = 4096,
	WRITER_STREAMS = 4,
	WRITER_CLASSES = 200,
	WRITER_STAGES = 128,
	WRITER_EL2 = WRITER_CLASSES /* number of the event `el2` */
};

static const uint8_t writer_uuid[16] = {
	1, 2, 3, 4, 5, 6, 0x47, 8, 0x89, 10, 11, 12, 13, 14, 15, 16
};

struct writer_stream {
	FILE *file;
	const uint8_t *uuid; /* of the trace */
	uint32_t id, cpu;
	uint64_t begin, last, discarded;
	size_t used; /* 0 while no packet is open */
	uint8_t packet[WRITER_PACKET];
};

/* Stages of a record. */
struct writer_set {
	uint64_t word[2];
};

struct writer_class {
	unsigned int kind;
	struct writer_set touched, cycled;
	bool wide;
};

/* What a trace says of its host; members that are NULL or 0 get a default. */
struct writer_facts {
	const char *mode, *unit, *stages, *barriers, *tier, *arch, *clock,
		*vmm_side;
	uint64_t hz;
	unsigned int stamp_cost_64, eret, irq, trap, hvc; /* instructions not stamped */
	bool emulated;
	bool old;     /* leave out what the first traces did not have */
	bool cycles;  /* say that there are cycles */
	bool foreign; /* leave hyptrace_version out */
	bool unnamed; /* leave the stages out */
};

struct writer {
	const char *path;
	struct writer_facts facts;
	unsigned int stage_count;
	char stage[WRITER_STAGES][64];
	struct writer_stream stream[WRITER_STREAMS]; /* the last one is `vcpus` */
	struct writer_class class[WRITER_CLASSES];
	unsigned int classes;
	unsigned int patterns; /* beyond so many, the class with all stages; 0 is no limit */
};

static inline void writer_check(bool good, const char *what)
{
	if (good)
		return;
	fprintf(stderr, "%s: %s\n", what, strerror(errno));
	exit(99);
}

static inline FILE *writer_file(const struct writer *writer, const char *name)
{
	char path[4096];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", writer->path, name);
	file = fopen(path, "wb");
	writer_check(file != NULL, path);
	return file;
}

static inline void writer_put(struct writer_stream *stream, const void *bytes, size_t size)
{
	memcpy(stream->packet + stream->used, bytes, size);
	stream->used += size;
}

static inline void writer_align(struct writer_stream *stream, size_t to)
{
	while (stream->used % to)
		stream->packet[stream->used++] = 0;
}

static inline void writer_put_number(struct writer_stream *stream, uint64_t number, size_t size)
{
	writer_align(stream, size);
	writer_put(stream, &number, size); /* little endian, like the hosts of the tests */
}

/* Header and context of a packet; its end is not known yet. */
static inline void writer_open_packet(struct writer_stream *stream, uint64_t time)
{
	memset(stream->packet, 0, sizeof(stream->packet));
	stream->used = 0;
	stream->begin = time;
	writer_put_number(stream, 0xc1fc1fc1, 4);
	writer_put(stream, stream->uuid, 16);
	writer_put_number(stream, stream->id, 4);
	for (int i = 0; i < 5; i++)
		writer_put_number(stream, 0, 8);
	writer_put_number(stream, stream->cpu, 4);
}

static inline void writer_close_packet(struct writer_stream *stream)
{
	uint64_t context[5] = { stream->begin, stream->last, stream->used * 8, WRITER_PACKET * 8,
				stream->discarded };

	if (!stream->used)
		return;
	memcpy(stream->packet + 24, context, sizeof(context));
	writer_check(fwrite(stream->packet, WRITER_PACKET, 1, stream->file) == 1, "packet");
	stream->used = 0;
}

/* Header of an event that takes at most `size` bytes. */
static inline void writer_event(struct writer_stream *stream, uint64_t time, uint32_t id,
				size_t size)
{
	if (stream->used + size + 32 > WRITER_PACKET)
		writer_close_packet(stream);
	if (!stream->used)
		writer_open_packet(stream, time);
	stream->last = time;
	writer_align(stream, 8);
	writer_put_number(stream, time, 8);
	writer_put_number(stream, id, 4);
}

static inline void writer_split_stages(struct writer *writer)
{
	const char *names = writer->facts.stages;

	while (*(names += strspn(names, " "))) {
		size_t length = strcspn(names, " ");

		snprintf(writer->stage[writer->stage_count++], 64, "%.*s", (int)length, names);
		names += length;
	}
}

/* Creates the directory, the streams of `WRITER_STREAMS - 1` CPUs and that of the vCPUs. */
static inline void writer_begin(struct writer *writer, const char *path,
				const struct writer_facts *facts)
{
	*writer = (struct writer){ .path = path, .facts = *facts };
	writer_split_stages(writer);
	writer_check(mkdir(path, 0777) == 0 || errno == EEXIST, path);
	for (unsigned int i = 0; i < WRITER_STREAMS; i++) {
		struct writer_stream *stream = &writer->stream[i];
		bool vcpus = i == WRITER_STREAMS - 1;
		char name[32];

		snprintf(name, sizeof(name), "exits_%u", i);
		stream->file = writer_file(writer, vcpus ? "vcpus" : name);
		stream->uuid = writer_uuid;
		stream->id = vcpus;
		stream->cpu = vcpus ? 0 : i;
		writer_open_packet(stream, 0);
		writer_close_packet(stream);
	}
}

static inline bool writer_has(const struct writer_set *set, unsigned int stage)
{
	return set->word[stage / 64] >> stage % 64 & 1;
}

static inline void writer_add(struct writer_set *set, unsigned int stage)
{
	set->word[stage / 64] |= UINT64_C(1) << stage % 64;
}

static inline bool writer_same(const struct writer_class *a, const struct writer_class *b)
{
	return a->kind == b->kind && a->wide == b->wide &&
	       !memcmp(&a->touched, &b->touched, sizeof(a->touched)) &&
	       !memcmp(&a->cycled, &b->cycled, sizeof(a->cycled));
}

/* The class, which beyond `patterns` is that with all stages. */
static inline unsigned int writer_class(struct writer *writer, struct writer_class class)
{
	unsigned int i;

	for (i = 0; i < writer->classes; i++)
		if (writer_same(&writer->class[i], &class))
			return i;
	if (writer->patterns && i >= writer->patterns)
		for (unsigned int stage = 0; stage < writer->stage_count; stage++)
			writer_add(&class.touched, stage);
	for (i = 0; i < writer->classes; i++)
		if (writer_same(&writer->class[i], &class))
			return i;
	writer_check(i < WRITER_CLASSES, "too many patterns of stages");
	writer->class[writer->classes++] = class;
	return i;
}

static inline bool writer_is_wide(const struct writer_set *touched, const uint64_t *length)
{
	for (unsigned int i = 0; i < WRITER_STAGES; i++)
		if (writer_has(touched, i) && length[i] > UINT32_MAX)
			return true;
	return false;
}

/* The fixed part; the first traces had no missing_high. */
static inline void writer_fixed(const struct writer *writer, struct writer_stream *stream,
				const struct exit_fixed *fixed)
{
#define EXIT_FIELD(bits, name, base, help)                                                         \
	if (!writer->facts.old || strcmp(#name, "missing_high"))                                   \
		writer_put(stream, &fixed->name, bits / 8);
#include "probes/events.def"
#undef EXIT_FIELD
}

/* One record; lengths and cycles by stage number, 0 where not touched. */
static inline void writer_stages(struct writer *writer, unsigned int cpu, uint32_t slot,
				 uint64_t time, const struct exit_fixed *fixed,
				 struct writer_set touched, const uint64_t *length,
				 struct writer_set cycled, const uint32_t *cycles)
{
	struct writer_stream *stream = &writer->stream[cpu];
	bool wide = writer_is_wide(&touched, length);
	unsigned int id =
		writer_class(writer, (struct writer_class){ fixed->kind, touched, cycled, wide });
	struct exit_fixed copy = *fixed;

	copy.stages = (uint16_t)(__builtin_popcountll(touched.word[0]) +
				 __builtin_popcountll(touched.word[1]));
	writer_event(stream, time, id, 32 + sizeof(copy) + 12 * WRITER_STAGES);
	writer_put_number(stream, slot, 4);
	writer_fixed(writer, stream, &copy);
	for (unsigned int i = 0; i < writer->stage_count; i++)
		if (writer_has(&writer->class[id].touched, i))
			writer_put_number(stream, length[i], wide ? 8 : 4);
	for (unsigned int i = 0; i < writer->stage_count; i++)
		if (writer_has(&cycled, i))
			writer_put_number(stream, cycles[i], 4);
}

/* A record without cycles, of the first 64 stages. */
static inline void writer_record(struct writer *writer, unsigned int cpu, uint32_t slot,
				 uint64_t time, const struct exit_fixed *fixed, uint64_t touched,
				 const uint64_t *length)
{
	writer_stages(writer, cpu, slot, time, fixed, (struct writer_set){ { touched, 0 } }, length,
		      (struct writer_set){ { 0 } }, NULL);
}

static inline void writer_el2(struct writer *writer, unsigned int cpu, uint32_t slot, uint64_t time,
			      uint32_t seq, uint8_t code, uint64_t esr, uint32_t count,
			      uint64_t ticks)
{
	struct writer_stream *stream = &writer->stream[cpu];

	writer_event(stream, time, WRITER_EL2, 64);
	writer_put_number(stream, slot, 4);
	writer_put_number(stream, esr, 8);
	writer_put_number(stream, ticks, 8);
	writer_put_number(stream, count, 4);
	writer_put_number(stream, seq, 4);
	writer_put_number(stream, code, 1);
}

static inline void writer_vcpu(struct writer *writer, uint64_t time, uint32_t slot, uint32_t pid,
			       uint32_t tid, uint32_t index, const char *vm)
{
	struct writer_stream *stream = &writer->stream[WRITER_STREAMS - 1];

	writer_event(stream, time, 0, 64 + strlen(vm));
	writer_put_number(stream, slot, 4);
	writer_put_number(stream, pid, 4);
	writer_put_number(stream, tid, 4);
	writer_put_number(stream, index, 4);
	writer_put(stream, vm, strlen(vm) + 1);
}

static inline void writer_device(struct writer *writer, uint64_t time, uint64_t first,
				 uint64_t last, uint32_t pid, uint8_t source, const char *name)
{
	struct writer_stream *stream = &writer->stream[WRITER_STREAMS - 1];

	writer_event(stream, time, 2, 64 + strlen(name));
	writer_put_number(stream, first, 8);
	writer_put_number(stream, last, 8);
	writer_put_number(stream, pid, 4);
	writer_put_number(stream, source, 1);
	writer_put(stream, name, strlen(name) + 1);
}

static inline void writer_end_paused(struct writer *writer, uint64_t time, uint64_t records,
				     uint64_t lost, uint64_t clamped, uint64_t torn,
				     uint64_t pause_runs, uint64_t pause_ns)
{
	struct writer_stream *stream = &writer->stream[WRITER_STREAMS - 1];

	writer_event(stream, time, 1, 64);
	writer_put_number(stream, records, 8);
	writer_put_number(stream, lost, 8);
	writer_put_number(stream, clamped, 8);
	writer_put_number(stream, torn, 8);
	if (writer->facts.old)
		return;
	writer_put_number(stream, pause_runs, 8);
	writer_put_number(stream, pause_ns, 8);
}

static inline void writer_end(struct writer *writer, uint64_t time, uint64_t records, uint64_t lost,
			      uint64_t clamped, uint64_t torn)
{
	writer_end_paused(writer, time, records, lost, clamped, torn, 0, 0);
}

/* Counts records as lost on a CPU, in a packet of their own. */
static inline void writer_discard(struct writer *writer, unsigned int cpu, uint64_t time,
				  uint64_t count)
{
	struct writer_stream *stream = &writer->stream[cpu];

	writer_close_packet(stream);
	stream->discarded += count;
	writer_open_packet(stream, time);
	stream->last = time;
	writer_close_packet(stream);
}

static inline void writer_metadata_class(const struct writer *writer, FILE *out, unsigned int id)
{
	static const char *const kinds[] = { "start", "exit", "continuation" };
	const struct writer_class *class = &writer->class[id];

	fprintf(out, "event { name = \"%s\"; id = %u; stream_id = 0; fields := struct {\n",
		kinds[class->kind], id);
#define EXIT_FIELD(bits, name, base, help)                                                         \
	if (!writer->facts.old || strcmp(#name, "missing_high"))                                   \
		fprintf(out, "\tu%u %s;\n", bits, #name);
#include "probes/events.def"
#undef EXIT_FIELD
	for (unsigned int i = 0; i < writer->stage_count; i++)
		if (writer_has(&class->touched, i))
			fprintf(out, "\tu%u %s;\n", class->wide ? 64 : 32, writer->stage[i]);
	for (unsigned int i = 0; i < writer->stage_count; i++)
		if (writer_has(&class->cycled, i))
			fprintf(out, "\tu32 %s_cycles;\n", writer->stage[i]);
	fprintf(out, "}; };\n");
}

static inline void writer_metadata_costs(const struct writer_facts *facts, FILE *out)
{
	fprintf(out, "\tcycle_counter = %d; stamp_cost_64 = %u;\n", facts->cycles,
		facts->stamp_cost_64);
	fprintf(out, "\tunstamped_eret = %u; unstamped_irq = %u;\n", facts->eret, facts->irq);
	fprintf(out, "\tunstamped_trap = %u; unstamped_hvc = %u;\n", facts->trap, facts->hvc);
}

static inline void writer_metadata_env(const struct writer_facts *facts, FILE *out)
{
	fprintf(out, "env {\n");
	if (!facts->foreign)
		fprintf(out, "\thyptrace_version = \"0.1\";\n");
	fprintf(out, "\tkernel = \"6.12.30\"; arch = \"%s\"; kvm_mode = \"%s\";\n",
		facts->arch ? facts->arch : "arm64", facts->mode ? facts->mode : "nvhe");
	fprintf(out, "\ttier = \"%s\"; clock_name = \"%s\"; clock_hz = %llu;\n",
		facts->tier ? facts->tier : "patched", facts->clock ? facts->clock : "CNTPCT_EL0",
		(unsigned long long)(facts->hz ? facts->hz : 1000000000));
	fprintf(out, "\tbarriers = \"%s\"; unit = \"%s\"; emulated = %d;\n",
		facts->barriers ? facts->barriers : "plain", facts->unit ? facts->unit : "ns",
		facts->emulated);
	if (!facts->old)
		writer_metadata_costs(facts, out);
	if (facts->vmm_side)
		fprintf(out, "\tvmm_side = \"%s\";\n", facts->vmm_side);
	if (!facts->unnamed)
		fprintf(out, "\tstages = \"%s\";\n", facts->stages);
	fprintf(out, "};\n");
}

static inline void writer_metadata_head(FILE *out, const uint8_t *uuid)
{
	fputs("/* CTF 1.8 */\n", out);
	for (unsigned int bits = 8; bits <= 64; bits *= 2)
		fprintf(out,
			"typealias integer { size = %u; align = %u; signed = false; } := u%u;\n",
			bits, bits, bits);
	fputs("trace { major = 1; minor = 8; byte_order = le;\nuuid = \"", out);
	for (int i = 0; i < 16; i++)
		fprintf(out, "%s%02x", i == 4 || i == 6 || i == 8 || i == 10 ? "-" : "", uuid[i]);
	fputs("\";\n"
	      "packet.header := struct { u32 magic; u8 uuid[16]; u32 stream_id; }; };\n",
	      out);
}

static inline void writer_metadata_streams(const struct writer_facts *facts, FILE *out)
{
	fputs("clock { name = monotonic; freq = 1000000000; absolute = true; offset = 0;\n"
	      "uuid = \"11111111-2222-4333-8444-555555555555\"; };\n"
	      "typealias integer { size = 64; align = 64; signed = false;\n"
	      "map = clock.monotonic.value; } := stamp;\n",
	      out);
	for (int id = 0; id < 2; id++)
		fprintf(out,
			"stream { id = %d; event.header := struct { stamp timestamp; u32 id; };\n"
			"packet.context := struct { stamp timestamp_begin; stamp timestamp_end;\n"
			"u64 content_size; u64 packet_size; u64 events_discarded; u32 cpu_id; };\n"
			"%s};\n",
			id, id ? "" : "event.context := struct { u32 vcpu; };\n");
	fputs("event { name = \"vcpu\"; id = 0; stream_id = 1; fields := struct {\n"
	      "u32 slot; u32 pid; u32 tid; u32 index; string vm; }; };\n"
	      "event { name = \"end\"; id = 1; stream_id = 1; fields := struct {\n"
	      "u64 records; u64 lost; u64 clamped; u64 torn; ",
	      out);
	fprintf(out, "%s}; };\n", facts->old ? "" : "u64 pause_runs; u64 pause_ns; ");
	if (!facts->old)
		fputs("event { name = \"device\"; id = 2; stream_id = 1; fields := struct {\n"
		      "u64 first; u64 last; u32 pid; u8 source; string name; }; };\n",
		      out);
	if (!facts->old)
		fprintf(out,
			"event { name = \"el2\"; id = %u; stream_id = 0; fields := struct {\n"
			"u64 esr; u64 ticks; u32 count; u32 seq; u8 code; }; };\n",
			WRITER_EL2);
}

/* Closes the packets and writes the metadata. */
static inline void writer_finish(struct writer *writer)
{
	FILE *out = writer_file(writer, "metadata");

	for (unsigned int i = 0; i < WRITER_STREAMS; i++) {
		writer_close_packet(&writer->stream[i]);
		writer_check(fclose(writer->stream[i].file) == 0, "stream");
	}
	writer_metadata_head(out, writer_uuid);
	writer_metadata_env(&writer->facts, out);
	writer_metadata_streams(&writer->facts, out);
	for (unsigned int i = 0; i < writer->classes; i++)
		writer_metadata_class(writer, out, i);
	writer_check(fclose(out) == 0, "metadata");
}

/* A trace by name. */
struct sample {
	const char *name;
	void (*write)(struct writer *writer);
	struct writer_facts facts;
};

/* The main of a program NAME DIR that writes one of its samples; its exit status. */
static inline int sample_main(int argc, char **argv, const struct sample *samples, size_t count,
			      const char *stages)
{
	static struct writer writer;

	for (size_t i = 0; argc == 3 && i < count; i++) {
		struct writer_facts facts = samples[i].facts;

		if (strcmp(samples[i].name, argv[1]))
			continue;
		facts.stages = stages;
		writer_begin(&writer, argv[2], &facts);
		samples[i].write(&writer);
		writer_finish(&writer);
		return 0;
	}
	fprintf(stderr, "usage: %s NAME DIR\n", argv[0]);
	return 2;
}

#endif
