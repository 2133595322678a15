/* SPDX-License-Identifier: GPL-2.0-only */
#include "analyzer/reader.h"

#include <errno.h>
#include <glob.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "analyzer/vmm_join.h"
#include "base/buffer.h"
#include "base/error.h"

/* A recording in parts is a directory of traces: names the first. */
static int check_parts(const char *path)
{
	_cleanup_free_ char *pattern = format_text("%s/[pd]*-[0-9]*/metadata", path);
	_cleanup_(globfree) glob_t found = { 0 };

	if (!pattern)
		return -ENOMEM;
	if (glob(pattern, 0, NULL, &found) != 0)
		return 0;
	return error_set(-EISDIR,
			 "'%s' holds %zu parts of a recording, each a trace; name one, as '%.*s'",
			 path, found.gl_pathc,
			 (int)(strlen(found.gl_pathv[0]) - strlen("/metadata")), found.gl_pathv[0]);
}

/* What babeltrace2 would say of these in ten lines. */
static int check_directory(const char *path)
{
	_cleanup_free_ char *metadata = format_text("%s/metadata", path);
	struct stat status;
	int r;

	if (!metadata)
		return -ENOMEM;
	if (stat(path, &status) < 0)
		return error_set(-errno,
				 "cannot open the trace '%s': %s; 'hyptrace record -o' writes one",
				 path, strerror(errno));
	if (!S_ISDIR(status.st_mode))
		return error_set(-ENOTDIR,
				 "'%s' is not a directory; a trace is the directory that "
				 "'hyptrace record -o' wrote",
				 path);
	if (stat(metadata, &status) < 0 && (r = check_parts(path)) < 0)
		return r;
	if (stat(metadata, &status) < 0)
		return error_set(-errno,
				 "'%s' is not a trace: it holds no readable file 'metadata'; name "
				 "the directory that 'hyptrace record -o' wrote",
				 path);
	return 0;
}

/* A trace whose VMM's side cannot be read is read without, and says why. */
static int open_vmm_side(struct reader *reader, const char *path)
{
	char *why;
	int r;

	if (!reader_facts_joined(&reader->facts))
		return 0;
	r = vmm_join_open(path, &reader->facts, &reader->vmm);
	if (r >= 0 || r == -ENOMEM)
		return r;
	why = strdup(error_text(r));
	if (!why)
		return -ENOMEM;
	error_clear();
	free(reader->facts.vmm_side);
	reader->facts.vmm_side = why;
	return 0;
}

int reader_open(const char *path, struct reader **ret_reader)
{
	_cleanup_reader_ struct reader *reader = NULL;
	int r = check_directory(path);

	if (r >= 0)
		r = reader_bt2_open(path, &reader);
	if (r >= 0)
		r = open_vmm_side(reader, path);
	if (r < 0)
		return r;
	*ret_reader = TAKE_PTR(reader);
	return 0;
}

static void close_vmm_side(struct reader *reader)
{
	vmm_join_closep(&reader->vmm);
	reader->vmm = NULL;
}

static int join_vmm_side(struct reader *reader, struct trace_record *record)
{
	int r;

	record->user = (struct vmm_split){ 0 };
	r = reader->vmm ? vmm_join_record(reader->vmm, record) : 0;
	if (r >= 0 || r == -ENOMEM)
		return r;
	error_clear();
	close_vmm_side(reader);
	reader->facts.vmm_damaged = true;
	return 0;
}

int reader_next(struct reader *reader, struct trace_item *item)
{
	int r = reader->ops->next(reader, item), join = 0;

	reader->begun = true;
	if (r > 0 && item->kind == TRACE_RECORD)
		join = join_vmm_side(reader, &item->record);
	return join < 0 ? join : r;
}

int reader_rewind(struct reader *reader, const char *path)
{
	if (!reader->begun)
		return 0;
	reader->ops->rewind(reader);
	reader->begun = false;
	close_vmm_side(reader);
	return open_vmm_side(reader, path);
}

void reader_close(struct reader *reader)
{
	close_vmm_side(reader);
	reader_facts_release(&reader->facts);
	reader->ops->close(reader);
}

int reader_facts_set_stages(struct reader_facts *facts, const char *names)
{
	while (*(names += strspn(names, " "))) {
		size_t length = strcspn(names, " ");

		if (facts->stage_count == EXIT_STAGES_MAX)
			return -EINVAL;
		facts->stage_name[facts->stage_count] = strndup(names, length);
		if (!facts->stage_name[facts->stage_count])
			return -ENOMEM;
		facts->stage_count++;
		names += length;
	}
	return facts->stage_count ? 0 : -EINVAL;
}

bool reader_facts_wanted_vmm(const struct reader_facts *facts)
{
	return facts->vmm_side && *facts->vmm_side && strcmp(facts->vmm_side, "?") != 0;
}

bool reader_facts_joined(const struct reader_facts *facts)
{
	return facts->vmm_side && !strcmp(facts->vmm_side, READER_VMM_JOINED);
}

void reader_facts_release(struct reader_facts *facts)
{
#define READER_STRING(name) free(facts->name);
	READER_STRINGS(READER_STRING)
#undef READER_STRING
	free(facts->chosen);
	for (size_t i = 0; i < facts->stage_count; i++)
		free(facts->stage_name[i]);
	*facts = (struct reader_facts){ 0 };
}
