/* SPDX-License-Identifier: GPL-2.0-only */
#include "collector/exit_event.h"

#include "collector/bits.h"
#include "collector/packet.h"

void exit_event_values(const struct ring_record *record, const struct stages *stages,
		       const struct event_pattern *pattern, uint64_t ret_value[EVENT_FIELDS_MAX])
{
	uint64_t *value = ret_value;

#define EXIT_FIELD(bits, name, base, help) *value++ = record->fixed.name;
#include "probes/events.def"
#undef EXIT_FIELD
	ret_value[EXIT_FIELD_missing] = stages->missing.word[0];
	ret_value[EXIT_FIELD_missing_high] = stages->missing.word[1];
	ret_value[EXIT_FIELD_stages] = stage_set_count(&pattern->fields.stages);
	for_each_stage(i, &pattern->fields.stages)
		*value++ = stages->length[i];
	for_each_stage(i, &pattern->fields.cycles)
		*value++ = stage_set_has(&stages->cycled, (unsigned int)i) ? stages->cycles[i] : 0;
}

size_t exit_event_bytes(const struct event_class *class)
{
	return sizeof(struct exits_head) + (class->payload_bits + 7) / 8;
}

void exit_event_fill(void *event, const struct event_class *class, const uint64_t *value)
{
	struct bit_writer writer = { .to = (uint8_t *)event + sizeof(struct exits_head) };

	for (unsigned int i = 0; i < class->count; i++)
		bits_put(&writer, value[i], class->bits[i]);
	bits_end(&writer);
}
