/* SPDX-License-Identifier: GPL-2.0-only */
#include "analyzer/views.h"

static bool has_vcpus(const struct ledger *ledger)
{
	for (size_t slot = 0; slot < ledger->vcpu_slots; slot++)
		if (ledger->vcpu[slot])
			return true;
	return false;
}

static int put_view(const struct report *report,
		    int (*print)(const struct report *report, struct buffer *out),
		    struct buffer *out)
{
	int r = buffer_printf(out, "\n");

	return r < 0 ? r : print(report, out);
}

int view_usual(const struct report *report, struct buffer *out)
{
	int r;

	if (!has_vcpus(report->ledger))
		return buffer_printf(out, "no vCPU ran meanwhile\n");
	r = view_accounts(report, out);
	if (r >= 0)
		r = put_view(report, view_reasons, out);
	if (r >= 0 && report->ledger->devices.count)
		r = put_view(report, view_devices, out);
	return r;
}
