/* SPDX-License-Identifier: GPL-2.0-only */
#include "collector/metadata.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "base/error.h"
#include "collector/bits.h"

#define CYCLES_SUFFIX "_cycles"

static const struct {
	const char *name;
	unsigned int base;
} fixed_fields[] = {
#define EXIT_FIELD(bits, name, base, help) { #name, base },
#include "probes/events.def"
#undef EXIT_FIELD
};

static const char *const kind_names[EXIT_KINDS] = {
	[EXIT_KIND_START] = "start",
	[EXIT_KIND_EXIT] = "exit",
	[EXIT_KIND_CONTINUATION] = "continuation",
};

/* Words that TSDL takes for itself. */
static const char *const keywords[] = {
	"align",     "callsite", "char",	   "clock",   "const",	"double",  "enum",
	"env",	     "event",	 "floating_point", "float",   "int",	"integer", "long",
	"short",     "signed",	 "stream",	   "string",  "struct", "trace",   "type",
	"typealias", "typedef",	 "unsigned",	   "variant", "void",
};

static const char types_text[] =
	"typealias integer { size = 64; align = 64; signed = false; map = clock.monotonic.value; }"
	" := clock_ns;\n"
	"typealias integer { size = 32; align = 1; signed = false; map = clock.monotonic.value; }"
	" := clock_low_ns;\n"
	"typealias integer { size = 16; align = 8; signed = false; } := event_id;\n\n";

static const char packet_header_text[] = "\tpacket.header := struct {\n"
					 "\t\tu32 magic;\n"
					 "\t\tu8 uuid[16];\n"
					 "\t\tu32 stream_id;\n"
					 "\t};\n"
					 "};\n\n";

static const char stream_text[] = "\tpacket.context := struct {\n"
				  "\t\tclock_ns timestamp_begin;\n"
				  "\t\tclock_ns timestamp_end;\n"
				  "\t\tu64 content_size;\n"
				  "\t\tu64 packet_size;\n"
				  "\t\tu64 events_discarded;\n"
				  "\t\tu32 cpu_id;\n"
				  "\t};\n";

static const char vcpus_header_text[] = "\tevent.header := struct {\n"
					"\t\tclock_ns timestamp;\n"
					"\t\tu32 id;\n"
					"\t};\n";

/* struct exits_head */
static const char exits_header_text[] = "\tevent.header := struct {\n"
					"\t\tevent_id id;\n"
					"\t\tclock_low_ns timestamp;\n"
					"\t};\n"
					"\tevent.context := struct {\n"
					"\t\tb24 vcpu;\n"
					"\t};\n";

static const char vcpus_events_text[] = "event {\n"
					"\tname = \"vcpu\";\n"
					"\tid = 0;\n"
					"\tstream_id = 1;\n"
					"\tfields := struct {\n"
					"\t\tu32 slot;\n"
					"\t\tu32 pid;\n"
					"\t\tu32 tid;\n"
					"\t\tu32 index;\n"
					"\t\tstring vm;\n"
					"\t\tstring cgroup;\n"
					"\t};\n"
					"};\n\n"
					"event {\n"
					"\tname = \"end\";\n"
					"\tid = 1;\n"
					"\tstream_id = 1;\n"
					"\tfields := struct {\n"
					"\t\tu64 records;\n"
					"\t\tu64 lost;\n"
					"\t\tu64 clamped;\n"
					"\t\tu64 torn;\n"
					"\t\tu64 pause_runs;\n"
					"\t\tu64 pause_ns;\n"
					"\t};\n"
					"};\n\n";

/* EVENT_MARK is its id. */
static const char mark_fields_text[] = "\tfields := struct {\n"
				       "\t\tu64 ns;\n"
				       "\t\tu64 number;\n"
				       "\t\tu32 slot;\n"
				       "\t\tstring text;\n"
				       "\t};\n"
				       "};\n\n";

/* EVENT_CHOICE is its id. */
static const char choice_fields_text[] = "\tfields := struct {\n"
					 "\t\tu32 what;\n"
					 "\t\tu32 one_of;\n"
					 "\t\tstring why;\n"
					 "\t};\n"
					 "};\n\n";

/* The events that store totals; what is not of an event expands to nothing. */
static const struct total_field {
	int event;
	unsigned int bits;
	const char *name;
} total_fields[] = {
#define TOTALS_VCPU(bits, name, member) { EVENT_TOTAL_VCPU, bits, #name },
#define TOTALS_STAGE(bits, name) { EVENT_TOTAL_STAGE, bits, #name },
#define TOTALS_PATTERN(bits, name) { EVENT_TOTAL_PATTERN, bits, #name },
#define TOTALS_REASON(bits, name) { EVENT_TOTAL_REASON, bits, #name },
#define TOTALS_PAUSER(bits, name) { EVENT_TOTAL_PAUSER, bits, #name },
#include "probes/totals.def"
#undef TOTALS_VCPU
#undef TOTALS_STAGE
#undef TOTALS_PATTERN
#undef TOTALS_REASON
#undef TOTALS_PAUSER
};

static const struct {
	int id;
	const char *name;
} total_events[] = {
	{ EVENT_TOTAL_VCPU, "rest_vcpu" },	  { EVENT_TOTAL_STAGE, "rest_stage" },
	{ EVENT_TOTAL_PATTERN, "rest_pattern" }, { EVENT_TOTAL_REASON, "rest_reason" },
	{ EVENT_TOTAL_PAUSER, "rest_pauser" },
};

/* EVENT_TOTALS_UNTIL is its id. */
static const char until_fields_text[] = "\tfields := struct {\n"
					"\t\tu64 at;\n"
					"\t};\n"
					"};\n\n";

/* EVENT_PAUSER is its id. */
static const char pauser_fields_text[] = "\tfields := struct {\n"
					 "\t\tu64 number;\n"
					 "\t\tu32 who;\n"
					 "\t\tu8 by;\n"
					 "\t\tstring name;\n"
					 "\t};\n"
					 "};\n\n";

/* EVENT_DEVICE is its id. */
static const char device_fields_text[] = "\tfields := struct {\n"
					 "\t\tx64 first;\n"
					 "\t\tx64 last;\n"
					 "\t\tu32 pid;\n"
					 "\t\tu8 source;\n"
					 "\t\tstring name;\n"
					 "\t};\n"
					 "};\n\n";

/* EVENT_PAUSE is its id. */
static const char pause_fields_text[] = "\tfields := struct {\n"
					"\t\tb64 ticks;\n"
					"\t\tb32 who;\n"
					"\t\tb32 seq;\n"
					"\t};\n"
					"};\n\n";

/* EVENT_EL2 is its id. */
static const char el2_fields_text[] = "\tfields := struct {\n"
				      "\t\th64 esr;\n"
				      "\t\tb64 ticks;\n"
				      "\t\tb32 count;\n"
				      "\t\tb32 seq;\n"
				      "\t\tb8 code;\n"
				      "\t};\n"
				      "};\n\n";

int metadata_string(struct buffer *out, const char *text)
{
	int r = buffer_append(out, "\"", 1);

	for (; r >= 0 && *text; text++) {
		unsigned char c = (unsigned char)*text;

		if (c == '"' || c == '\\')
			r = buffer_printf(out, "\\%c", c);
		else if (c < ' ' || c == 0x7f)
			r = buffer_printf(out, "\\%03o", c);
		else
			r = buffer_append(out, text, 1);
	}
	return r < 0 ? r : buffer_append(out, "\"", 1);
}

static bool reserved(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(keywords); i++)
		if (!strcmp(name, keywords[i]))
			return true;
	for (size_t i = 0; i < ARRAY_SIZE(fixed_fields); i++)
		if (!strcmp(name, fixed_fields[i].name))
			return true;
	return false;
}

static bool field_name(const char *name)
{
	if (!islower((unsigned char)name[0]))
		return false;
	return strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_") == strlen(name);
}

/* Whether `name` is that of the field for the cycles of stage `stage`. */
static bool names_cycles(const char *name, const char *stage)
{
	size_t length = strlen(stage);

	return !strncmp(name, stage, length) && !strcmp(name + length, CYCLES_SUFFIX);
}

static bool names_clash(const char *a, const char *b)
{
	return !strcmp(a, b) || names_cycles(a, b) || names_cycles(b, a);
}

/* One wrong name would make the whole trace unreadable. */
static int check_stage_names(const struct source_facts *source)
{
	for (unsigned int i = 0; i < source->stage_count; i++) {
		const char *name = source->stage_names[i];
		bool fits = field_name(name) && !reserved(name);

		for (unsigned int j = 0; j < i; j++)
			fits &= !names_clash(name, source->stage_names[j]);
		if (!fits)
			return error_set(-EINVAL,
					 "the kernel's stage '%s' cannot name a field of the "
					 "trace; rename it in enum kvm_ws_stage",
					 name);
	}
	return 0;
}

/* Named by a letter and its bits, decimal and hexadecimal. */
static int put_type(struct buffer *out, unsigned int bits, unsigned int align, char decimal,
		    char hexadecimal)
{
	return buffer_printf(
		out,
		"typealias integer { size = %u; align = %u; signed = false; } := %c%u;\n"
		"typealias integer { size = %u; align = %u; signed = false; base = 16; } := %c%u;\n",
		bits, align, decimal, bits, bits, align, hexadecimal, bits);
}

static int put_types(struct buffer *out)
{
	int r = 0;

	for (unsigned int bits = 8; r >= 0 && bits <= 64; bits *= 2)
		r = put_type(out, bits, bits, 'u', 'x');
	for (unsigned int bits = 1; r >= 0 && bits <= BITS_ANYWHERE; bits++)
		r = put_type(out, bits, 1, 'b', 'h');
	if (r >= 0)
		r = put_type(out, 64, 8, 'b', 'h');
	return r < 0 ? r : buffer_append(out, types_text, strlen(types_text));
}

static int put_uuid(struct buffer *out, const uint8_t *uuid)
{
	int r = buffer_printf(out, "\tuuid = \"");

	for (int i = 0; r >= 0 && i < TRACE_UUID_BYTES; i++)
		r = buffer_printf(out, i == 4 || i == 6 || i == 8 || i == 10 ? "-%02x" : "%02x",
				  uuid[i]);
	return r < 0 ? r : buffer_printf(out, "\";\n");
}

static int put_trace(struct buffer *out, const struct trace_facts *facts)
{
	int r = buffer_printf(out, "trace {\n\tmajor = 1;\n\tminor = 8;\n");

	if (r >= 0)
		r = put_uuid(out, facts->uuid);
	if (r >= 0)
		r = buffer_printf(out, "\tbyte_order = le;\n"); /* collector/bits.h */
	return r < 0 ? r : buffer_append(out, packet_header_text, strlen(packet_header_text));
}

static int put_stage_list(struct buffer *out, const struct source_facts *source)
{
	int r = buffer_printf(out, "\tstages = \"");

	for (unsigned int i = 0; r >= 0 && i < source->stage_count; i++)
		r = buffer_printf(out, "%s%s", i ? " " : "", source->stage_names[i]);
	return r < 0 ? r : buffer_printf(out, "\";\n");
}

static int put_env_numbers(struct buffer *out, const struct trace_facts *facts)
{
	const struct source_facts *source = facts->source;
	const struct {
		const char *key;
		uint64_t value;
	} rows[] = {
		{ "clock_hz", source->counter_hz },
		{ "emulated", facts->emulated },
		{ "cycle_counter", source->cycles },
		{ "stamp_cost_64", source->stamp_cost_64 },
		{ "unstamped_eret", source->unstamped_eret },
		{ "unstamped_irq", source->unstamped_irq },
		{ "unstamped_trap", source->unstamped_trap },
		{ "unstamped_hvc", source->unstamped_hvc },
		{ "totals_ms", facts->totals_ms },
	};
	int r = 0;

	for (size_t i = 0; r >= 0 && i < ARRAY_SIZE(rows); i++)
		r = buffer_printf(out, "\t%s = %" PRIu64 ";\n", rows[i].key, rows[i].value);
	return r;
}

static int put_env_text(struct buffer *out, const char *key, const char *value)
{
	int r = buffer_printf(out, "\t%s = ", key);

	if (r >= 0)
		r = metadata_string(out, value);
	return r < 0 ? r : buffer_printf(out, ";\n");
}

static int put_env(struct buffer *out, const struct trace_facts *facts)
{
	const struct {
		const char *key, *value;
	} texts[] = {
		{ "hyptrace_version", facts->version },
		{ "kernel", facts->kernel },
		{ "arch", facts->arch },
		{ "kvm_mode", facts->source->kvm_mode },
		{ "tier", facts->source->tier },
		{ "clock_name", facts->source->counter_name },
		{ "barriers", facts->source->synchronised ? "synchronised" : "plain" },
		{ "unit", facts->unit },
		{ "vmm_side", facts->vmm_side ? facts->vmm_side : "" },
	};
	int r = buffer_printf(out, "env {\n");

	for (size_t i = 0; r >= 0 && i < ARRAY_SIZE(texts); i++)
		r = put_env_text(out, texts[i].key, texts[i].value);
	if (r >= 0 && facts->chosen && *facts->chosen)
		r = put_env_text(out, "chosen", facts->chosen);
	if (r >= 0)
		r = put_env_numbers(out, facts);
	if (r >= 0)
		r = put_stage_list(out, facts->source);
	return r < 0 ? r : buffer_printf(out, "};\n\n");
}

/* This form, and no other, merges with an LTTng-UST trace of the same boot. */
static int put_clock(struct buffer *out, const struct trace_facts *facts)
{
	return buffer_printf(out,
			     "clock {\n"
			     "\tname = \"monotonic\";\n"
			     "\tuuid = \"%s\";\n"
			     "\tdescription = \"CLOCK_MONOTONIC\";\n"
			     "\tfreq = 1000000000;\n"
			     "\toffset = %" PRId64 ";\n"
			     "\tabsolute = true;\n"
			     "};\n\n",
			     facts->boot_id, facts->clock_offset_ns);
}

static int put_stream(struct buffer *out, enum packet_stream_id id, const char *header)
{
	return buffer_printf(out, "stream {\n\tid = %d;\n%s%s};\n\n", id, header, stream_text);
}

static int put_event(struct buffer *out, const char *name, int id, enum packet_stream_id stream,
		     const char *fields)
{
	int r = buffer_printf(out, "event {\n\tname = \"%s\";\n\tid = %d;\n\tstream_id = %d;\n",
			      name, id, stream);

	return r < 0 ? r : buffer_append(out, fields, strlen(fields));
}

static int put_total_events(struct buffer *out)
{
	int r = 0;

	for (size_t i = 0; r >= 0 && i < ARRAY_SIZE(total_events); i++) {
		r = buffer_printf(out,
				  "event {\n\tname = \"%s\";\n\tid = %d;\n\tstream_id = %d;\n"
				  "\tfields := struct {\n",
				  total_events[i].name, total_events[i].id, STREAM_VCPUS);
		for (size_t j = 0; r >= 0 && j < ARRAY_SIZE(total_fields); j++)
			if (total_fields[j].event == total_events[i].id)
				r = buffer_printf(out, "\t\tu%u %s;\n", total_fields[j].bits,
						  total_fields[j].name);
		if (r >= 0)
			r = buffer_printf(out, "\t};\n};\n\n");
	}
	return r;
}

static int put_note_event(struct buffer *out, int id, const char *name, const char *fields)
{
	int r = buffer_printf(out, "event {\n\tname = \"%s\";\n\tid = %d;\n\tstream_id = %d;\n",
			      name, id, STREAM_VCPUS);

	return r < 0 ? r : buffer_append(out, fields, strlen(fields));
}

int metadata_begin(struct buffer *out, const struct trace_facts *facts)
{
	int r = check_stage_names(facts->source);

	if (r >= 0)
		r = buffer_printf(out, "/* CTF 1.8 */\n\n");
	if (r >= 0)
		r = put_clock(out, facts);
	if (r >= 0)
		r = put_types(out);
	if (r >= 0)
		r = put_trace(out, facts);
	if (r >= 0)
		r = put_env(out, facts);
	if (r >= 0)
		r = put_stream(out, STREAM_EXITS, exits_header_text);
	if (r >= 0)
		r = put_stream(out, STREAM_VCPUS, vcpus_header_text);
	if (r >= 0)
		r = put_event(out, "el2", EVENT_EL2, STREAM_EXITS, el2_fields_text);
	if (r >= 0)
		r = put_event(out, "pause", EVENT_PAUSE, STREAM_EXITS, pause_fields_text);
	if (r >= 0)
		r = put_event(out, "pauser", EVENT_PAUSER, STREAM_VCPUS, pauser_fields_text);
	if (r >= 0)
		r = put_event(out, "device", EVENT_DEVICE, STREAM_VCPUS, device_fields_text);
	if (r >= 0)
		r = put_total_events(out);
	if (r >= 0)
		r = put_event(out, "rest_until", EVENT_TOTALS_UNTIL, STREAM_VCPUS,
			      until_fields_text);
	if (r >= 0)
		r = put_note_event(out, EVENT_CHOICE, "choice", choice_fields_text);
	if (r >= 0)
		r = put_note_event(out, EVENT_MARK, "mark", mark_fields_text);
	return r < 0 ? r : buffer_append(out, vcpus_events_text, strlen(vcpus_events_text));
}

static int put_fixed_fields(struct buffer *out, const uint8_t *bits)
{
	int r = 0;

	for (size_t i = 0; r >= 0 && i < EXIT_FIELDS; i++)
		if (bits[i])
			r = buffer_printf(out, "\t\t%c%u %s;\n", fixed_fields[i].base == 16 ? 'h' : 'b',
					  bits[i], fixed_fields[i].name);
	return r;
}

static int put_stage_fields(struct buffer *out, const struct event_class *event,
			    const char *const *stage_names)
{
	const uint8_t *bits = event->bits + EXIT_FIELDS;

	for_each_stage(i, &event->fields.stages) {
		int r = buffer_printf(out, "\t\tb%u %s;\n", *bits++, stage_names[i]);

		if (r < 0)
			return r;
	}
	for_each_stage(i, &event->fields.cycles) {
		int r = buffer_printf(out, "\t\tb%u %s" CYCLES_SUFFIX ";\n", *bits++, stage_names[i]);

		if (r < 0)
			return r;
	}
	return 0;
}

int metadata_exit_class(struct buffer *out, const struct event_class *event,
			const char *const *stage_names)
{
	int r = buffer_printf(out,
			      "event {\n\tname = \"%s\";\n\tid = %u;\n\tstream_id = %d;\n"
			      "\tfields := struct {\n",
			      kind_names[event->kind], event->id, STREAM_EXITS);

	if (r >= 0)
		r = put_fixed_fields(out, event->bits);
	if (r >= 0)
		r = put_stage_fields(out, event, stage_names);
	return r < 0 ? r : buffer_printf(out, "\t};\n};\n\n");
}
