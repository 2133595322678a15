/* SPDX-License-Identifier: GPL-2.0-only */
#include "collector/source.h"

int source_find_devices(struct source *source, uint64_t now_ns, bool all)
{
	int r = source->ops->devices ? source->ops->devices(source) : 0;

	if (r < 0)
		return r;
	return all ? device_finder_finish(&source->devices)
		   : device_finder_turn(&source->devices, now_ns);
}
