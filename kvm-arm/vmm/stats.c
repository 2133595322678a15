/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The file behind KVM_GET_STATS_FD: a header, descriptors with a name each, and
 * a block of 64-bit values (Documentation/virt/kvm/api.rst of Linux).
 */
#include "kvm-arm/vmm/stats.h"

#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "kvm-arm/vmm/kvm.h"

struct stats {
	int fd; /* borrowed */
	struct kvm_stats_header header;
	size_t row_size; /* of a descriptor with its name */
	char *rows;	 /* owned */
};

static int stats_get(const struct stats *stats, void *bytes, size_t length, size_t at)
{
	ssize_t n = pread(stats->fd, bytes, length, (off_t)at);

	if (n == (ssize_t)length)
		return 0;
	return error_set(n < 0 ? -errno : -EIO, "cannot read KVM's statistics of a vCPU: %s",
			 n < 0 ? strerror(errno) : "they end too early");
}

/* Reads the header and all descriptors. */
static int stats_open(struct stats *stats)
{
	struct kvm_stats_header *header = &stats->header;
	size_t size;
	int r = stats_get(stats, header, sizeof(*header), 0);

	if (r < 0)
		return r;
	stats->row_size = sizeof(struct kvm_stats_desc) + header->name_size;
	size = stats->row_size * header->num_desc;
	stats->rows = malloc(size);
	if (!stats->rows)
		return -ENOMEM;
	return stats_get(stats, stats->rows, size, header->desc_offset);
}

static int stats_value(const struct stats *stats, const char *name, uint64_t *ret_value)
{
	for (size_t i = 0; i < stats->header.num_desc; i++) {
		const struct kvm_stats_desc *row =
			(const void *)(stats->rows + i * stats->row_size);

		if (!strncmp(row->name, name, stats->header.name_size))
			return stats_get(stats, ret_value, sizeof(*ret_value),
					 stats->header.data_offset + row->offset);
	}
	return error_set(-ENOENT, "this kernel's KVM has no vCPU statistic named '%s'", name);
}

int stats_read(int vcpu_fd, const char *const *names, size_t n, uint64_t *ret_values)
{
	_cleanup_close_ int fd = kvm_call(vcpu_fd, KVM_GET_STATS_FD, NULL);
	_cleanup_free_ char *rows = NULL;
	struct stats stats = { .fd = fd };
	int r;

	if (fd < 0)
		return error_set(fd,
				 "cannot open KVM's statistics of a vCPU: %s; Linux 5.14 or "
				 "later is needed",
				 strerror(-fd));
	r = stats_open(&stats);
	rows = stats.rows;
	for (size_t i = 0; i < n && r >= 0; i++)
		r = stats_value(&stats, names[i], &ret_values[i]);
	return r;
}
