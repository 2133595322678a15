/* SPDX-License-Identifier: GPL-2.0-only */
#include "analyzer/vmm_join.h"

#include <errno.h>
#include <fts.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "analyzer/account.h"
#include "analyzer/bt2_graph.h"
#include "base/buffer.h"
#include "base/error.h"

#define FOLDER "ust"
#define STAY_EVENT "hyptrace_vmm:stay"
#define NS_PER_S UINT64_C(1000000000)

enum { TRACES_MOST = 16 };

/* The newest stay of a thread that no record has taken. */
struct pending {
	uint32_t tid;
	struct vmm_stay_times times;
};

enum stay_member { MEMBER_BEGIN, MEMBER_LOCK, MEMBER_TID, STAY_MEMBERS };

static const struct {
	const char *name;
	bt_field_class_type type;
} members[STAY_MEMBERS] = {
	[MEMBER_BEGIN] = { "begin_ns", BT_FIELD_CLASS_TYPE_UNSIGNED_INTEGER },
	[MEMBER_LOCK] = { "lock_ns", BT_FIELD_CLASS_TYPE_UNSIGNED_INTEGER },
	[MEMBER_TID] = { "tid", BT_FIELD_CLASS_TYPE_SIGNED_INTEGER },
};

struct vmm_join {
	const struct reader_facts *facts;
	int stage_user;
	struct stage_set pauses;
	char *path;
	struct bt2_graph graph;
	const bt_event_class *class; /* the newest: whether it is a stay, and its members */
	bool is_stay;
	uint64_t member[STAY_MEMBERS];
	struct pending *pending; /* sorted by thread; owned */
	size_t count;
};

/* --- the trace --------------------------------------------------------------- */

struct inputs {
	char *path[TRACES_MOST];
	size_t count;
};

static void inputs_release(struct inputs *inputs)
{
	while (inputs->count)
		free(inputs->path[--inputs->count]);
}

DEFINE_CLEANUP(FTS *, fts_close)

static bool is_metadata(const FTSENT *entry)
{
	return entry->fts_info == FTS_F && !strcmp(entry->fts_name, "metadata") &&
	       entry->fts_statp->st_size;
}

/* LTTng makes a folder for each user and word size, some levels down. */
static int find_inputs(char *path, struct inputs *inputs)
{
	char *const roots[] = { path, NULL };
	_cleanup_(fts_closep) FTS *walk = fts_open(roots, FTS_PHYSICAL | FTS_NOCHDIR, NULL);
	FTSENT *entry;

	if (!walk)
		return -errno;
	while (inputs->count < TRACES_MOST && (entry = fts_read(walk))) {
		if (!is_metadata(entry))
			continue;
		inputs->path[inputs->count] =
			strndup(entry->fts_path, entry->fts_pathlen - strlen("/metadata"));
		if (!inputs->path[inputs->count])
			return -ENOMEM;
		inputs->count++;
	}
	return 0;
}

/* Raw values of two clocks are one time where both are this boot's CLOCK_MONOTONIC. */
static int check_clock(const struct vmm_join *join, const bt_stream_class *stream)
{
	const bt_clock_class *clock = bt_stream_class_borrow_default_clock_class_const(stream);
	bt_uuid uuid = clock ? bt_clock_class_get_uuid(clock) : NULL;

	if (!uuid || memcmp(uuid, join->facts->clock_uuid, sizeof(join->facts->clock_uuid)) ||
	    bt_clock_class_get_frequency(clock) != NS_PER_S)
		return error_set(-EPROTO,
				 "the VMM's trace in '%s' is of another boot or another clock",
				 join->path);
	return 0;
}

/* So that what is wrong with all of it is known before the first record. */
static int check_first(struct vmm_join *join)
{
	const bt_message *message = NULL;
	int r = bt2_graph_peek(&join->graph, &message);

	if (r <= 0 || bt_message_get_type(message) != BT_MESSAGE_TYPE_STREAM_BEGINNING)
		return r;
	return check_clock(join, bt_stream_borrow_class_const(
					 bt_message_stream_beginning_borrow_stream_const(message)));
}

static int open_trace(struct vmm_join *join)
{
	_cleanup_(inputs_release) struct inputs inputs = { 0 };
	int r = find_inputs(join->path, &inputs);

	if (r < 0)
		return r;
	if (!inputs.count)
		return error_set(-ENOENT,
				 "the VMM told nothing: it made no VM, or nothing could be "
				 "preloaded into it");
	r = bt2_graph_open(&join->graph, join->path, (const char *const *)inputs.path,
			   inputs.count);
	return r < 0 ? r : check_first(join);
}

static int find_stage(const struct reader_facts *facts, const char *name)
{
	for (size_t i = 0; i < facts->stage_count; i++)
		if (!strcmp(facts->stage_name[i], name))
			return (int)i;
	return -1;
}

int vmm_join_open(const char *directory, const struct reader_facts *facts,
		  struct vmm_join **ret_join)
{
	_cleanup_(vmm_join_closep) struct vmm_join *join = calloc(1, sizeof(*join));
	int r;

	if (!join)
		return -ENOMEM;
	join->facts = facts;
	join->stage_user = find_stage(facts, "io_user");
	join->pauses = account_pauses(facts);
	join->path = format_text("%s/" FOLDER, directory);
	if (!join->path)
		return -ENOMEM;
	r = open_trace(join);
	if (r < 0)
		return r;
	*ret_join = TAKE_PTR(join);
	return 0;
}

void vmm_join_close(struct vmm_join *join)
{
	bt2_graph_release(&join->graph);
	free(join->pending);
	free(join->path);
	free(join);
}

/* --- its events -------------------------------------------------------------- */

static int find_member(const bt_field_class *payload, enum stay_member wanted, uint64_t *ret_index)
{
	uint64_t count = payload ? bt_field_class_structure_get_member_count(payload) : 0;

	for (uint64_t i = 0; i < count; i++) {
		const bt_field_class_structure_member *member =
			bt_field_class_structure_borrow_member_by_index_const(payload, i);
		const bt_field_class *class =
			bt_field_class_structure_member_borrow_field_class_const(member);

		if (strcmp(bt_field_class_structure_member_get_name(member), members[wanted].name))
			continue;
		if (!bt_field_class_type_is(bt_field_class_get_type(class), members[wanted].type))
			break;
		*ret_index = i;
		return 0;
	}
	return -EPROTO;
}

static int meet_class(struct vmm_join *join, const bt_event_class *class)
{
	const bt_field_class *payload = bt_event_class_borrow_payload_field_class_const(class);
	const char *name = bt_event_class_get_name(class);
	int r = check_clock(join, bt_event_class_borrow_stream_class_const(class));

	join->is_stay = name && !strcmp(name, STAY_EVENT);
	for (int i = 0; r >= 0 && join->is_stay && i < STAY_MEMBERS; i++)
		if (find_member(payload, (enum stay_member)i, &join->member[i]) < 0)
			r = error_set(-EPROTO, "the VMM's trace in '%s' is of another hyptrace",
				      join->path);
	if (r >= 0)
		join->class = class;
	return r;
}

static const bt_field *field_of(const struct vmm_join *join, const bt_event *event,
				enum stay_member member)
{
	return bt_field_structure_borrow_member_field_by_index_const(
		bt_event_borrow_payload_field_const(event), join->member[member]);
}

/* Where the thread is among the pending, or belongs. */
static size_t place_of(const struct vmm_join *join, uint32_t tid)
{
	size_t low = 0, high = join->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (join->pending[middle].tid < tid)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static struct pending *find_pending(const struct vmm_join *join, uint32_t tid)
{
	size_t place = place_of(join, tid);

	if (place == join->count || join->pending[place].tid != tid)
		return NULL;
	return &join->pending[place];
}

static int keep(struct vmm_join *join, uint32_t tid, const struct vmm_stay_times *times)
{
	struct pending *known = find_pending(join, tid), *grown;
	size_t place;

	if (known) {
		known->times = *times;
		return 0;
	}
	place = place_of(join, tid);
	grown = reallocarray(join->pending, join->count + 1, sizeof(*grown));
	if (!grown)
		return -ENOMEM;
	memmove(grown + place + 1, grown + place, (join->count - place) * sizeof(*grown));
	grown[place] = (struct pending){ tid, *times };
	join->pending = grown;
	join->count++;
	return 0;
}

static int take_event(struct vmm_join *join, const bt_message *message, uint64_t end_ns)
{
	const bt_event *event = bt_message_event_borrow_event_const(message);
	const bt_event_class *class = bt_event_borrow_class_const(event);
	int r = class == join->class ? 0 : meet_class(join, class);

	if (r < 0 || !join->is_stay)
		return r;
	return keep(join,
		    (uint32_t)bt_field_integer_signed_get_value(field_of(join, event, MEMBER_TID)),
		    &(struct vmm_stay_times){
			    .begin_ns = bt_field_integer_unsigned_get_value(
				    field_of(join, event, MEMBER_BEGIN)),
			    .end_ns = end_ns,
			    .lock_ns = bt_field_integer_unsigned_get_value(
				    field_of(join, event, MEMBER_LOCK)),
		    });
}

/* Takes the events up to a time of the clock. */
static int read_until(struct vmm_join *join, uint64_t until_ns)
{
	const bt_message *message = NULL;
	uint64_t at_ns;
	int r;

	while ((r = bt2_graph_peek(&join->graph, &message)) > 0) {
		if (bt_message_get_type(message) == BT_MESSAGE_TYPE_EVENT) {
			at_ns = bt_clock_snapshot_get_value(
				bt_message_event_borrow_default_clock_snapshot_const(message));
			if (at_ns > until_ns)
				return 0;
			r = take_event(join, message, at_ns);
		}
		if (r >= 0)
			r = bt2_graph_next(&join->graph, &message);
		if (r < 0)
			return r;
	}
	return r;
}

/* --- the records ------------------------------------------------------------- */

static struct vmm_way way_of(const struct vmm_join *join, const struct trace_record *record)
{
	struct vmm_way way = {
		.begin = record->fixed.begin,
		.length = record->length[join->stage_user],
		.emit = record->fixed.emit,
		.timestamp = record->timestamp,
		.hz = join->facts->clock_hz,
	};

	for_each_stage(stage, &record->touched) {
		if (stage_set_has(&join->pauses, (unsigned int)stage))
			way.paused += record->length[stage];
		else if (stage < join->stage_user)
			way.begin += record->length[stage];
	}
	return way;
}

/*
 * A record is emitted after its way through user space and before the thread's
 * next one: what the thread was last pending with is this one, or was lost.
 */
int vmm_join_record(struct vmm_join *join, struct trace_record *record)
{
	struct pending *pending;
	struct vmm_way way;
	int r;

	if (join->stage_user < 0 ||
	    !stage_set_has(&record->touched, (unsigned int)join->stage_user))
		return 0;
	r = read_until(join, record->timestamp);
	if (r < 0)
		return r;
	pending = find_pending(join, record->fixed.tid);
	if (!pending)
		return 0;
	way = way_of(join, record);
	record->user = vmm_split_make(&way, &pending->times);
	return 0;
}
