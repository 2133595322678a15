/* SPDX-License-Identifier: GPL-2.0-only */
#include "analyzer/bt2_event.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/error.h"

/* Where a member of the payload goes in the item. */
struct target {
	uint16_t offset;
	uint8_t bytes; /* 0: nowhere */
	bool text;
};

struct bt2_plan {
	const bt_event_class *class; /* borrowed: lives as long as the graph */
	bool known;		     /* else the event is skipped */
	bool zero_is_untouched;	     /* the class with all stages: a length of 0 is no stage */
	enum trace_item_kind kind;
	struct stage_set stages; /* that are members */
	struct stage_set cycled; /* that have a member for their cycles */
	uint64_t slot;		 /* index of `vcpu` in the event's context */
	size_t slot_offset;	 /* of the item's member that it goes to */
	uint64_t members;
	struct target target[];
};

struct member {
	const char *name;
	struct target target;
	bool optional;
};

#define PLACE(member, text)                                                                        \
	{                                                                                          \
		offsetof(struct trace_item, member), sizeof(((struct trace_item *)0)->member),     \
			text                                                                       \
	}

static const struct member record_members[] = {
#define EXIT_FIELD(bits, name, base, help) { #name, PLACE(record.fixed.name, false), false },
#include "probes/events.def"
#undef EXIT_FIELD
};

/* Fields of a record that go to another place than `fixed`. */
static const struct member set_members[] = {
	{ "missing", PLACE(record.missing.word[0], false), true },
	{ "missing_high", PLACE(record.missing.word[1], false), true },
};

/* Of the fields of a record, those that are in every trace; what else it lacks is 0. */
static const char *const in_every_record[] = { "begin", "emit", "seq" };

static const struct member el2_members[] = {
	{ "esr", PLACE(el2.esr, false), false },     { "ticks", PLACE(el2.ticks, false), false },
	{ "count", PLACE(el2.count, false), false }, { "seq", PLACE(el2.seq, false), false },
	{ "code", PLACE(el2.code, false), false },
};

static const struct member pause_members[] = {
	{ "ticks", PLACE(pause.ticks, false), false },
	{ "who", PLACE(pause.who, false), false },
	{ "seq", PLACE(pause.seq, false), false },
};

static const struct member pauser_members[] = {
	{ "number", PLACE(pauser.number, false), false },
	{ "who", PLACE(pauser.who, false), false },
	{ "by", PLACE(pauser.by, false), false },
	{ "name", PLACE(pauser.name, true), false },
};

static const struct member device_members[] = {
	{ "first", PLACE(device.first, false), false },
	{ "last", PLACE(device.last, false), false },
	{ "pid", PLACE(device.pid, false), false },
	{ "source", PLACE(device.source, false), false },
	{ "name", PLACE(device.name, true), false },
};

static const struct member vcpu_members[] = {
	{ "slot", PLACE(vcpu.slot, false), false }, { "pid", PLACE(vcpu.pid, false), false },
	{ "tid", PLACE(vcpu.tid, false), false },   { "index", PLACE(vcpu.index, false), false },
	{ "vm", PLACE(vcpu.vm, true), false },	    { "cgroup", PLACE(vcpu.cgroup, true), true },
};

static const struct member end_members[] = {
	{ "records", PLACE(end.records, false), false },
	{ "lost", PLACE(end.lost, false), false },
	{ "clamped", PLACE(end.clamped, false), false },
	{ "torn", PLACE(end.torn, false), true },
	{ "pause_runs", PLACE(end.pause_runs, false), true },
	{ "pause_ns", PLACE(end.pause_ns, false), true },
};

static const struct member choice_members[] = {
	{ "what", PLACE(choice.what, false), false },
	{ "one_of", PLACE(choice.one_of, false), false },
	{ "why", PLACE(choice.why, true), false },
};

static const struct member mark_members[] = {
	{ "ns", PLACE(mark.ns, false), false },
	{ "number", PLACE(mark.number, false), false },
	{ "slot", PLACE(mark.slot, false), false },
	{ "text", PLACE(mark.text, true), false },
};

static const struct member total_vcpu_members[] = {
#define TOTALS_VCPU(bits, name, member) { #name, PLACE(total_vcpu.name, false), true },
#include "probes/totals.def"
#undef TOTALS_VCPU
};

static const struct member total_stage_members[] = {
#define TOTALS_STAGE(bits, name) { #name, PLACE(total_stage.name, false), true },
#include "probes/totals.def"
#undef TOTALS_STAGE
};

static const struct member total_pattern_members[] = {
#define TOTALS_PATTERN(bits, name) { #name, PLACE(total_pattern.name, false), true },
#include "probes/totals.def"
#undef TOTALS_PATTERN
};

static const struct member total_reason_members[] = {
#define TOTALS_REASON(bits, name) { #name, PLACE(total_reason.name, false), true },
#include "probes/totals.def"
#undef TOTALS_REASON
};

static const struct member total_pauser_members[] = {
#define TOTALS_PAUSER(bits, name) { #name, PLACE(total_pauser.name, false), true },
#include "probes/totals.def"
#undef TOTALS_PAUSER
};

static const struct member totals_until_members[] = {
	{ "at", PLACE(until, false), false },
};

/* The events of the format; the three kinds of record have one layout. */
static const struct layout {
	const char *event;
	enum trace_item_kind kind;
	const struct member *member;
	size_t count;
} layouts[] = {
	{ "start", TRACE_RECORD, record_members, ARRAY_SIZE(record_members) },
	{ "exit", TRACE_RECORD, record_members, ARRAY_SIZE(record_members) },
	{ "continuation", TRACE_RECORD, record_members, ARRAY_SIZE(record_members) },
	{ "el2", TRACE_EL2, el2_members, ARRAY_SIZE(el2_members) },
	{ "pause", TRACE_PAUSE, pause_members, ARRAY_SIZE(pause_members) },
	{ "pauser", TRACE_PAUSER, pauser_members, ARRAY_SIZE(pauser_members) },
	{ "device", TRACE_DEVICE, device_members, ARRAY_SIZE(device_members) },
	{ "vcpu", TRACE_VCPU, vcpu_members, ARRAY_SIZE(vcpu_members) },
	{ "end", TRACE_END, end_members, ARRAY_SIZE(end_members) },
	{ "choice", TRACE_CHOICE, choice_members, ARRAY_SIZE(choice_members) },
	{ "mark", TRACE_MARK, mark_members, ARRAY_SIZE(mark_members) },
	{ "rest_vcpu", TRACE_TOTAL_VCPU, total_vcpu_members, ARRAY_SIZE(total_vcpu_members) },
	{ "rest_stage", TRACE_TOTAL_STAGE, total_stage_members, ARRAY_SIZE(total_stage_members) },
	{ "rest_pattern", TRACE_TOTAL_PATTERN, total_pattern_members,
	  ARRAY_SIZE(total_pattern_members) },
	{ "rest_reason", TRACE_TOTAL_REASON, total_reason_members,
	  ARRAY_SIZE(total_reason_members) },
	{ "rest_pauser", TRACE_TOTAL_PAUSER, total_pauser_members,
	  ARRAY_SIZE(total_pauser_members) },
	{ "rest_until", TRACE_TOTALS_UNTIL, totals_until_members,
	  ARRAY_SIZE(totals_until_members) },
};

static const struct layout *find_layout(const char *event)
{
	for (size_t i = 0; event && i < ARRAY_SIZE(layouts); i++)
		if (!strcmp(layouts[i].event, event))
			return &layouts[i];
	return NULL;
}

static int wrong_event(const struct layout *layout, const char *member, const char *what)
{
	return error_set(-EPROTO,
			 "the trace's event '%s' %s '%s'; it was written by another version of "
			 "hyptrace, read it with that one",
			 layout->event, what, member);
}

static bool has_type(const bt_field_class *class, bool text)
{
	return bt_field_class_type_is(bt_field_class_get_type(class),
				      text ? BT_FIELD_CLASS_TYPE_STRING
					   : BT_FIELD_CLASS_TYPE_UNSIGNED_INTEGER);
}

static uint64_t member_count(const bt_field_class *payload)
{
	return payload ? bt_field_class_structure_get_member_count(payload) : 0;
}

/* The index of a member, or -1. */
static int64_t find_member(const bt_field_class *payload, const char *name)
{
	for (uint64_t i = 0; i < member_count(payload); i++) {
		const bt_field_class_structure_member *member =
			bt_field_class_structure_borrow_member_by_index_const(payload, i);

		if (!strcmp(bt_field_class_structure_member_get_name(member), name))
			return (int64_t)i;
	}
	return -1;
}

static const bt_field_class *member_class(const bt_field_class *payload, uint64_t index)
{
	return bt_field_class_structure_member_borrow_field_class_const(
		bt_field_class_structure_borrow_member_by_index_const(payload, index));
}

static bool may_be_absent(const struct layout *layout, const struct member *wanted)
{
	if (layout->kind != TRACE_RECORD)
		return wanted->optional;
	for (size_t i = 0; i < ARRAY_SIZE(in_every_record); i++)
		if (!strcmp(in_every_record[i], wanted->name))
			return false;
	return true;
}

/* Finds `count` members of the layout. */
static int plan_members(struct bt2_plan *plan, const struct layout *layout,
			const struct member *member, size_t count, const bt_field_class *payload)
{
	for (size_t i = 0; i < count; i++) {
		const struct member *wanted = &member[i];
		int64_t index = find_member(payload, wanted->name);

		if (index < 0 && may_be_absent(layout, wanted))
			continue;
		if (index < 0)
			return wrong_event(layout, wanted->name, "lacks the field");
		if (!has_type(member_class(payload, (uint64_t)index), wanted->target.text))
			return wrong_event(layout, wanted->name, "has another type of field");
		plan->target[index] = wanted->target;
	}
	return 0;
}

/* Has the member `name`, where there is one, go to element `stage`; `target` is element 0. */
static int plan_stage(struct bt2_plan *plan, const struct layout *layout,
		      const bt_field_class *payload, const char *name, struct target target,
		      size_t stage, struct stage_set *found)
{
	int64_t index = find_member(payload, name);

	if (index < 0)
		return 0;
	if (!has_type(member_class(payload, (uint64_t)index), false))
		return wrong_event(layout, name, "has another type of field");
	target.offset += (uint16_t)(stage * target.bytes);
	plan->target[index] = target;
	stage_set_add(found, (unsigned int)stage);
	return 0;
}

/* Finds the members that are stages, and those that are their cycles. */
static int plan_stages(struct bt2_plan *plan, const struct layout *layout,
		       const struct reader_facts *facts, const bt_field_class *payload)
{
	static const struct target ticks = PLACE(record.length[0], false);
	static const struct target cycles = PLACE(record.cycles[0], false);
	int r = 0;

	for (size_t stage = 0; r >= 0 && stage < facts->stage_count; stage++) {
		_cleanup_free_ char *name = format_text("%s_cycles", facts->stage_name[stage]);

		if (!name)
			return -ENOMEM;
		r = plan_stage(plan, layout, payload, facts->stage_name[stage], ticks, stage,
			       &plan->stages);
		if (r >= 0)
			r = plan_stage(plan, layout, payload, name, cycles, stage, &plan->cycled);
	}
	plan->zero_is_untouched = stage_set_count(&plan->stages) == facts->stage_count;
	return r;
}

/* The context that every event of the exits' streams has. */
static int plan_slot(struct bt2_plan *plan, const struct layout *layout)
{
	const bt_stream_class *stream = bt_event_class_borrow_stream_class_const(plan->class);
	const bt_field_class *context =
		bt_stream_class_borrow_event_common_context_field_class_const(stream);
	int64_t index = context ? find_member(context, "vcpu") : -1;

	if (index < 0 || !has_type(member_class(context, (uint64_t)index), false))
		return wrong_event(layout, "vcpu", "has a context without the field");
	plan->slot = (uint64_t)index;
	plan->slot_offset = offsetof(struct trace_item, record.slot);
	if (layout->kind == TRACE_EL2)
		plan->slot_offset = offsetof(struct trace_item, el2.slot);
	if (layout->kind == TRACE_PAUSE)
		plan->slot_offset = offsetof(struct trace_item, pause.slot);
	return 0;
}

static int plan_fill(struct bt2_plan *plan, const struct reader_facts *facts)
{
	const bt_field_class *payload =
		bt_event_class_borrow_payload_field_class_const(plan->class);
	const struct layout *layout = find_layout(bt_event_class_get_name(plan->class));
	int r;

	if (!layout)
		return 0;
	plan->known = true;
	plan->kind = layout->kind;
	r = plan_members(plan, layout, layout->member, layout->count, payload);
	if (r >= 0 && layout->kind == TRACE_RECORD)
		r = plan_members(plan, layout, set_members, ARRAY_SIZE(set_members), payload);
	if (r >= 0 && layout->kind == TRACE_RECORD)
		r = plan_stages(plan, layout, facts, payload);
	if (r >= 0 && (layout->kind == TRACE_RECORD || layout->kind == TRACE_EL2 ||
		       layout->kind == TRACE_PAUSE))
		r = plan_slot(plan, layout);
	return r;
}

/* The place of the class among the sorted plans: where it is, or where it belongs. */
static size_t plan_place(const struct bt2_plans *plans, const bt_event_class *class)
{
	size_t low = 0, high = plans->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if ((uintptr_t)plans->plan[middle]->class < (uintptr_t) class)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* Makes room in the sorted list. The plan belongs to the list from then on. */
static int plans_insert(struct bt2_plans *plans, size_t place, struct bt2_plan *plan)
{
	struct bt2_plan **grown = reallocarray(plans->plan, plans->count + 1, sizeof(*plans->plan));

	if (!grown)
		return -ENOMEM;
	memmove(grown + place + 1, grown + place, (plans->count - place) * sizeof(*grown));
	grown[place] = plan;
	plans->plan = grown;
	plans->count++;
	return 0;
}

static int plan_make(struct bt2_plans *plans, const struct reader_facts *facts, size_t place,
		     const bt_event_class *class)
{
	uint64_t members = member_count(bt_event_class_borrow_payload_field_class_const(class));
	_cleanup_free_ struct bt2_plan *plan =
		calloc(1, sizeof(*plan) + members * sizeof(plan->target[0]));
	int r;

	if (!plan)
		return -ENOMEM;
	plan->class = class;
	plan->members = members;
	r = plan_fill(plan, facts);
	if (r < 0)
		return r;
	r = plans_insert(plans, place, plan);
	if (r < 0)
		return r;
	TAKE_PTR(plan);
	return 0;
}

static int plan_find(struct bt2_plans *plans, const struct reader_facts *facts,
		     const bt_event_class *class, const struct bt2_plan **ret_plan)
{
	size_t place;
	int r = 0;

	if (!plans->newest || plans->newest->class != class) {
		place = plan_place(plans, class);
		if (place == plans->count || plans->plan[place]->class != class)
			r = plan_make(plans, facts, place, class);
		if (r < 0)
			return r;
		plans->newest = plans->plan[place];
	}
	*ret_plan = plans->newest;
	return 0;
}

static void store(void *place, uint8_t bytes, uint64_t value)
{
	switch (bytes) {
	case 1:
		*(uint8_t *)place = (uint8_t)value;
		break;
	case 2:
		*(uint16_t *)place = (uint16_t)value;
		break;
	case 4:
		*(uint32_t *)place = (uint32_t)value;
		break;
	default:
		*(uint64_t *)place = value;
	}
}

static void copy_members(const struct bt2_plan *plan, const bt_field *payload,
			 struct trace_item *item)
{
	for (uint64_t i = 0; i < plan->members; i++) {
		const struct target *target = &plan->target[i];
		void *place = (char *)item + target->offset;
		const bt_field *field;

		if (!target->bytes)
			continue;
		field = bt_field_structure_borrow_member_field_by_index_const(payload, i);
		if (target->text)
			*(const char **)place = bt_field_string_get_value(field);
		else
			store(place, target->bytes, bt_field_integer_unsigned_get_value(field));
	}
}

static struct stage_set nonzero_stages(const struct trace_record *record,
				       const struct stage_set *stages)
{
	struct stage_set found = { 0 };

	for (int i = stage_set_next(stages, -1); i >= 0; i = stage_set_next(stages, i))
		if (record->length[i])
			stage_set_add(&found, (unsigned int)i);
	return found;
}

/* Cycles of a touched stage only; in the class with all stages, 0 is not known. */
static struct stage_set known_cycles(const struct bt2_plan *plan, const struct trace_record *record)
{
	struct stage_set found = { 0 };

	for (int i = stage_set_next(&plan->cycled, -1); i >= 0;
	     i = stage_set_next(&plan->cycled, i))
		if (stage_set_has(&record->touched, (unsigned int)i) &&
		    (record->cycles[i] || !plan->zero_is_untouched))
			stage_set_add(&found, (unsigned int)i);
	return found;
}

static void finish_record(const struct bt2_plan *plan, struct trace_record *record)
{
	record->touched = plan->stages;
	if (plan->zero_is_untouched)
		record->touched = nonzero_stages(record, &plan->stages);
	record->cycled = known_cycles(plan, record);
}

static void copy_slot(const struct bt2_plan *plan, const bt_event *event, struct trace_item *item)
{
	const bt_field *context = bt_event_borrow_common_context_field_const(event);
	const bt_field *slot =
		bt_field_structure_borrow_member_field_by_index_const(context, plan->slot);

	store((char *)item + plan->slot_offset, sizeof(uint32_t),
	      bt_field_integer_unsigned_get_value(slot));
}

/* What a trace may leave out is 0. */
static void clear_item(struct trace_item *item, enum trace_item_kind kind)
{
	item->kind = kind;
	if (kind == TRACE_RECORD) {
		item->record.fixed = (struct exit_fixed){ 0 };
		item->record.missing = (struct stage_set){ 0 };
	}
	if (kind == TRACE_VCPU)
		item->vcpu = (struct trace_vcpu){ 0 };
	if (kind == TRACE_END)
		item->end = (struct trace_end){ 0 };
	if (kind >= TRACE_TOTAL_VCPU)
		item->total_vcpu = (struct total_vcpu){ 0 }; /* the largest of them */
}

int bt2_event_decode(struct bt2_plans *plans, const struct reader_facts *facts,
		     const bt_event *event, struct trace_item *item)
{
	const struct bt2_plan *plan = NULL;
	int r = plan_find(plans, facts, bt_event_borrow_class_const(event), &plan);

	if (r < 0 || !plan->known)
		return r;
	clear_item(item, plan->kind);
	copy_members(plan, bt_event_borrow_payload_field_const(event), item);
	if (plan->slot_offset)
		copy_slot(plan, event, item);
	if (plan->kind == TRACE_RECORD)
		finish_record(plan, &item->record);
	return 1;
}

void bt2_plans_release(struct bt2_plans *plans)
{
	for (size_t i = 0; i < plans->count; i++)
		free(plans->plan[i]);
	free(plans->plan);
	*plans = (struct bt2_plans){ 0 };
}
