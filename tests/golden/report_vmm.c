/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Writes traces with a VMM's side beside them: report_vmm NAME DIR. The VMM's
 * trace is LTTng-UST's in form, and what its vCPU's thread says of four ways
 * through user space, one of which is missing. A tick is 1 ns, and the counter is
 * the clock.
 *
 *                begin  io_user        stay            leaving work lock returning
 *   read         10000  10100..11100   10300..10900        200  500  100       200
 *   write        20000  20100..21100   lost
 *   read, paused 30000  30100..31400   30250..31150        150  600    0       250
 *   kick         40000  40100..41100   40200..40800        100  600    0       300
 */
#include "tests/golden/report_trace.h"

enum { SAVE_GP, HANDLER, IO_USER, FLUSH, RESTORE_GP, PREEMPTED, STAGES };

static const char stage_names[] =
	"sr_save_gp th_handler io_user id_flush sr_restore_gp host_preempted";

enum { SLOT = 0, PID = 4000, TID = 4001, OTHER_TID = 4002, LATER = 1500 };

/* A trace of the VMM and what is the matter with it. */
struct vmm_trace {
	const char *clock_uuid;
	uint64_t offset_s;
	bool cut;
};

static const uint8_t vmm_uuid[16] = { 2, 2, 3, 4, 5, 6, 0x47, 8, 0x89, 10, 11, 12, 13, 14, 15, 16 };

static const char own_boot[] = "11111111-2222-4333-8444-555555555555";

/* --- hyptrace's records ------------------------------------------------------ */

static void live(struct writer *writer, struct exit_fixed fixed, uint64_t paused)
{
	uint64_t length[WRITER_STAGES] = {
		[SAVE_GP] = 10, [HANDLER] = 90,	   [IO_USER] = 1000,
		[FLUSH] = 40,	[RESTORE_GP] = 60, [PREEMPTED] = paused
	};
	uint64_t touched = (1 << PREEMPTED) - 1;

	fixed.tid = TID;
	fixed.kind = EXIT_KIND_EXIT;
	fixed.code = EXIT_CODE_TRAP;
	fixed.flags |= EXIT_FLAG_USER;
	fixed.emit = fixed.begin + 1200 + paused + LATER;
	writer_record(writer, 0, SLOT, fixed.emit, &fixed,
		      paused ? touched | 1 << PREEMPTED : touched, length);
}

static void write_records(struct writer *writer)
{
	/* Data aborts: a word read, a word written. */
	const uint64_t read = 0x93808006, write = 0x93808046;

	writer_vcpu(writer, 5000, SLOT, PID, TID, 0, "vmm");
	live(writer,
	     (struct exit_fixed){ .begin = 10000,
				  .esr = read,
				  .ipa = 0x9000018,
				  .guest = 800,
				  .flags = EXIT_FLAG_MMIO_USER,
				  .user_reason = 6 },
	     0);
	live(writer,
	     (struct exit_fixed){ .begin = 20000,
				  .esr = write,
				  .ipa = 0x9000000,
				  .guest = 8800,
				  .seq = 1,
				  .flags = EXIT_FLAG_MMIO_USER,
				  .user_reason = 6 },
	     0);
	live(writer,
	     (struct exit_fixed){ .begin = 30000,
				  .esr = read,
				  .ipa = 0x9000018,
				  .guest = 8800,
				  .seq = 2,
				  .flags = EXIT_FLAG_MMIO_USER,
				  .user_reason = 6 },
	     300);
	live(writer,
	     (struct exit_fixed){ .begin = 40000,
				  .esr = 0x5a000000,
				  .guest = 8500,
				  .seq = 3,
				  .user_reason = 10 },
	     0);
	writer_end(writer, 60000, 4, 0, 0, 0);
}

/* --- the VMM's --------------------------------------------------------------- */

static FILE *vmm_file(const struct writer *writer, const char *name)
{
	static const char *const folders[] = { "ust", "ust/ust", "ust/ust/uid", "ust/ust/uid/0",
					       "ust/ust/uid/0/64-bit" };
	char path[4096];
	FILE *file;

	for (size_t i = 0; i < sizeof(folders) / sizeof(*folders); i++) {
		snprintf(path, sizeof(path), "%s/%s", writer->path, folders[i]);
		writer_check(mkdir(path, 0777) == 0 || errno == EEXIST, path);
	}
	snprintf(path, sizeof(path), "%s/ust/ust/uid/0/64-bit/%s", writer->path, name);
	file = fopen(path, "wb");
	writer_check(file != NULL, path);
	return file;
}

static void vmm_metadata(const struct writer *writer, const struct vmm_trace *trace)
{
	FILE *out = vmm_file(writer, "metadata");

	writer_metadata_head(out, vmm_uuid);
	fprintf(out,
		"clock { name = \"monotonic\"; uuid = \"%s\"; freq = 1000000000;\n"
		"offset_s = %llu; offset = 0; absolute = true; };\n"
		"typealias integer { size = 64; align = 64; signed = false;\n"
		"map = clock.monotonic.value; } := stamp;\n"
		"typealias integer { size = 32; align = 32; signed = true; } := i32;\n"
		"stream { id = 0; event.header := struct { stamp timestamp; u32 id; };\n"
		"packet.context := struct { stamp timestamp_begin; stamp timestamp_end;\n"
		"u64 content_size; u64 packet_size; u64 events_discarded; u32 cpu_id; }; };\n"
		"event { name = \"hyptrace_vmm:stay\"; id = 0; stream_id = 0; fields := struct {\n"
		"u64 begin_ns; u64 lock_ns; u64 address; i32 vcpu; i32 tid; i32 result;\n"
		"u32 exit_reason; u32 locks; }; };\n"
		"event { name = \"hyptrace_vmm:lock\"; id = 1; stream_id = 0; fields := struct {\n"
		"u64 begin_ns; u64 mutex; i32 vcpu; i32 tid; }; };\n",
		trace->clock_uuid, (unsigned long long)trace->offset_s);
	writer_check(fclose(out) == 0, "metadata");
}

static void stay(struct writer_stream *stream, int32_t tid, uint64_t begin, uint64_t end,
		 uint64_t lock)
{
	writer_event(stream, end, 0, 64);
	writer_put_number(stream, begin, 8);
	writer_put_number(stream, lock, 8);
	writer_put_number(stream, 0x9000018, 8);
	writer_put_number(stream, 0, 4);
	writer_put_number(stream, (uint32_t)tid, 4);
	writer_put_number(stream, 0, 4);
	writer_put_number(stream, 6, 4);
	writer_put_number(stream, lock ? 1 : 0, 4);
}

static void vmm_events(struct writer_stream *stream, const struct vmm_trace *trace)
{
	writer_event(stream, 10800, 1, 64);
	writer_put_number(stream, 10700, 8);
	writer_put_number(stream, 0x7f0000001000, 8);
	writer_put_number(stream, 0, 4);
	writer_put_number(stream, TID, 4);
	stay(stream, TID, 10300, 10900, 100);
	stay(stream, OTHER_TID, 20300, 20900, 0);
	writer_close_packet(stream);
	if (trace->cut) {
		writer_check(fwrite("cut", 3, 1, stream->file) == 1, "packet");
		return;
	}
	stay(stream, TID, 30250, 31150, 0);
	stay(stream, TID, 40200, 40800, 0);
	writer_close_packet(stream);
}

static void write_both(struct writer *writer, const struct vmm_trace *trace)
{
	struct writer_stream stream = { .file = vmm_file(writer, "vmm_0"), .uuid = vmm_uuid };

	write_records(writer);
	vmm_metadata(writer, trace);
	vmm_events(&stream, trace);
	writer_check(fclose(stream.file) == 0, "vmm_0");
}

static void write_joined(struct writer *writer)
{
	write_both(writer, &(struct vmm_trace){ .clock_uuid = own_boot });
}

static void write_offset(struct writer *writer)
{
	write_both(writer, &(struct vmm_trace){ .clock_uuid = own_boot, .offset_s = 1 });
}

static void write_other_boot(struct writer *writer)
{
	write_both(writer,
		   &(struct vmm_trace){ .clock_uuid = "99999999-2222-4333-8444-555555555555" });
}

static void write_cut(struct writer *writer)
{
	write_both(writer, &(struct vmm_trace){ .clock_uuid = own_boot, .cut = true });
}

int main(int argc, char **argv)
{
	static const struct sample samples[] = {
		{ "joined", write_joined, { .vmm_side = "lttng-ust" } },
		{ "offset", write_offset, { .vmm_side = "lttng-ust" } },
		{ "other_boot", write_other_boot, { .vmm_side = "lttng-ust" } },
		{ "cut", write_cut, { .vmm_side = "lttng-ust" } },
		{ "silent", write_records, { .vmm_side = "lttng-ust" } },
		{ "without", write_records, { .vmm_side = "'vmm' is a static program" } },
	};

	return sample_main(argc, argv, samples, sizeof(samples) / sizeof(*samples), stage_names);
}
