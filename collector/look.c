/* SPDX-License-Identifier: GPL-2.0-only */
/* The kernel and what it lets this process do. */
#include "collector/look.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "base/number.h"
#include "collector/bpf_source.h"
#include "collector/privileges.h"
#include "collector/stage_names.h"
#include "collector/tiers.h"

#define BTF_FILE "/sys/kernel/btf/vmlinux"
#define KVM_DEVICE "/dev/kvm"
#define LOCKDOWN_FILE "/sys/kernel/security/lockdown"
#define MONOTONIC "CLOCK_MONOTONIC" /* collector/trip_source.c */
#define CLOCK_FILE "/sys/devices/system/clocksource/clocksource0/current_clocksource"

enum { COARSE_TICK_NS = 5 };

void finding_set(struct finding *finding, enum look_state state, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	finding->state = state;
	vsnprintf(finding->text, sizeof(finding->text), format, args);
	va_end(args);
}

void finding_remedy(struct finding *finding, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(finding->remedy, sizeof(finding->remedy), format, args);
	va_end(args);
}

int look_read_line(const char *path, char *ret_line, size_t size)
{
	_cleanup_fclose_ FILE *file = fopen(path, "re");

	if (!file)
		return -errno;
	if (!fgets(ret_line, (int)size, file))
		return -EIO;
	ret_line[strcspn(ret_line, "\n")] = '\0';
	return 0;
}

/* --- the kernel --------------------------------------------------------------- */

void look_kernel(const struct look_host *host, struct finding *ret_finding)
{
	struct utsname name;

	uname(&name);
	finding_set(ret_finding, LOOK_GOOD, "%s, %s", name.release, name.machine);
}

static void look_mode(const struct look_host *host, struct finding *finding)
{
	const char *mode = host->source ? host->source->facts.kvm_mode : NULL;

	if (!mode) {
		finding_set(finding, LOOK_GOOD, "in use; its mode is known once the probes load");
		return;
	}
	finding_set(finding, LOOK_GOOD, "mode %s", mode);
	if (strcmp(mode, "protected"))
		return;
	finding->state = LOOK_MISSING;
	finding_remedy(finding, "the hypervisor must not be traced in protected mode: boot "
				"without kvm-arm.mode=protected");
}

void look_kvm(const struct look_host *host, struct finding *ret_finding)
{
	if (access(KVM_DEVICE, F_OK) < 0) {
		finding_set(ret_finding, LOOK_MISSING, "there is no " KVM_DEVICE);
		finding_remedy(ret_finding, "load its modules, or use 'hyptrace lab'");
		return;
	}
	look_mode(host, ret_finding);
	if (ret_finding->state != LOOK_GOOD || access(KVM_DEVICE, R_OK | W_OK) == 0)
		return;
	finding_set(ret_finding, LOOK_REDUCED, "this user may not open " KVM_DEVICE);
	finding_remedy(ret_finding, "to run VMs as COMMAND, join the group of " KVM_DEVICE);
}

void look_tier(const struct look_host *host, struct finding *ret_finding)
{
	const char *name = NULL;

	if (tiers_find(&name) < 0) {
		error_clear();
		finding_set(ret_finding, LOOK_MISSING, "not known without the kernel's types");
	} else if (!name) {
		finding_set(ret_finding, LOOK_MISSING, "this kernel has no tracepoint of KVM");
		finding_remedy(ret_finding, "load KVM's modules, or use 'hyptrace lab'");
	} else if (!strcmp(name, "patched")) {
		finding_set(ret_finding, LOOK_GOOD, "patched: each register class is seen");
	} else if (!strcmp(name, "generic")) {
		finding_set(ret_finding, LOOK_REDUCED,
			    "generic: what does not leave the kernel counts as guest");
		finding_remedy(ret_finding,
			       "for more, load kvm-amd or kvm-intel, with their types");
	} else if (!strcmp(name, "stock") && !stock_has_vcpu()) {
		finding_set(ret_finding, LOOK_MISSING,
			    "stock, but this kernel was built without KALLSYMS_ALL");
		finding_remedy(ret_finding, "boot one that has it, as Debian's 6.12, or one built "
					    "with kernel-patches/");
	} else {
		finding_set(ret_finding, LOOK_REDUCED, "%s: the world switch counts as guest",
			    name);
		finding_remedy(ret_finding, "for more, an arm64 kernel built with kernel-patches/");
	}
}

static bool is_slow_clock(const char *source)
{
	return !strcmp(source, "hpet") || !strcmp(source, "acpi_pm") || !strcmp(source, "jiffies");
}

/* That of the kernel, which below tier patched is that of the records, too. */
static void look_kernel_clock(const struct source_facts *facts, struct finding *finding)
{
	char source[64] = "unknown";

	look_read_line(CLOCK_FILE, source, sizeof(source));
	if (facts)
		finding_set(finding, LOOK_GOOD, "%s in ns, read from %s", facts->counter_name,
			    source);
	else
		finding_set(finding, LOOK_GOOD, "%s", source);
	if (!is_slow_clock(source))
		return;
	finding->state = LOOK_REDUCED;
	finding_remedy(finding, "a clock that is slow to read: is there a better one in "
				"available_clocksource?");
}

/* Of the records where the probes load, else the kernel's own. */
void look_clock(const struct look_host *host, struct finding *ret_finding)
{
	const struct source_facts *facts = host->source ? &host->source->facts : NULL;
	char hz[NUMBER_TEXT], tick[NUMBER_TEXT];

	if (!facts || !facts->counter_hz || !strcmp(facts->counter_name, MONOTONIC)) {
		look_kernel_clock(facts && facts->counter_hz ? facts : NULL, ret_finding);
		return;
	}
	finding_set(ret_finding, LOOK_GOOD, "%s at %s Hz, a tick is %s", facts->counter_name,
		    number_thousands((int64_t)facts->counter_hz, hz),
		    number_duration(1000000000, facts->counter_hz, 3, tick));
	if (facts->counter_hz >= 1000000000 / COARSE_TICK_NS)
		return;
	ret_finding->state = LOOK_REDUCED;
	finding_remedy(ret_finding, "nothing shorter than a tick is seen: 'record --clock "
				    "cycles' counts CPU cycles too");
}

void look_btf(const struct look_host *host, struct finding *ret_finding)
{
	if (access(BTF_FILE, R_OK) == 0) {
		finding_set(ret_finding, LOOK_GOOD, BTF_FILE);
		return;
	}
	finding_set(ret_finding, LOOK_MISSING, "cannot read " BTF_FILE ": %s", strerror(errno));
	finding_remedy(ret_finding, "mount /sys, or build the kernel with CONFIG_DEBUG_INFO_BTF=y");
}

/* --- what it permits ----------------------------------------------------------- */

void look_privileges(const struct look_host *host, struct finding *ret_finding)
{
	bool module = privileges_kvm_is_module();
	char missing[PRIVILEGES_TEXT];
	const char *obstacle = privileges_obstacle();

	if (privileges_missing(module, missing)) {
		finding_set(ret_finding, LOOK_MISSING, "no %s", missing);
		finding_remedy(ret_finding, "run it with sudo");
	} else if (obstacle) {
		finding_set(ret_finding, LOOK_MISSING, "%.*s", (int)strcspn(obstacle, ":"),
			    obstacle);
		finding_remedy(ret_finding, "%s", obstacle + strcspn(obstacle, ":") + 2);
	} else {
		finding_set(ret_finding, LOOK_GOOD, "CAP_BPF and CAP_PERFMON%s",
			    module ? ", and CAP_SYS_ADMIN as KVM is a module" : "");
	}
}

void look_lockdown(const struct look_host *host, struct finding *ret_finding)
{
	char line[80];
	const char *chosen;

	if (look_read_line(LOCKDOWN_FILE, line, sizeof(line)) < 0) {
		finding_set(ret_finding, LOOK_GOOD, "none, or not shown in securityfs");
		return;
	}
	chosen = strchr(line, '[') ? strchr(line, '[') + 1 : line;
	finding_set(ret_finding, LOOK_GOOD, "%.*s", (int)strcspn(chosen, "]"), chosen);
	if (strncmp(chosen, "confidentiality", strlen("confidentiality")))
		return;
	ret_finding->state = LOOK_MISSING;
	finding_remedy(ret_finding, "no probe may read the kernel's memory then: boot with "
				    "lockdown=integrity or without");
}
