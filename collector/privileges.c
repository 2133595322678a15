/* SPDX-License-Identifier: GPL-2.0-only */
#include "collector/privileges.h"

#include <cap-ng.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/cmdline.h"
#include "base/error.h"

/* A module that is built in has no state of its own. */
#define KVM_MODULE "/sys/module/kvm/initstate"
#define LOCKDOWN_FILE "/sys/kernel/security/lockdown"
#define UID_MAP_FILE "/proc/self/uid_map"

static const struct need {
	unsigned int capability;
	const char *text;
	bool module; /* only where the probes attach to one */
} needs[] = {
	{ CAP_BPF, "CAP_BPF (to load BPF programs)", false },
	{ CAP_PERFMON, "CAP_PERFMON (to trace the kernel with them)", false },
	{ CAP_SYS_ADMIN, "CAP_SYS_ADMIN (to attach them to KVM, which is a module here)", true },
};

/* What root that stays root may keep. */
static const struct {
	unsigned int capability, keep;
} of_root[] = {
	{ CAP_CHOWN, PRIVILEGES_FILES },
	{ CAP_DAC_OVERRIDE, PRIVILEGES_FILES },
	{ CAP_FOWNER, PRIVILEGES_FILES },
	{ CAP_KILL, PRIVILEGES_KILL },
};

/* --- what there is ---------------------------------------------------------- */

static bool has(unsigned int capability)
{
	return capng_have_capability(CAPNG_EFFECTIVE, capability);
}

bool privileges_missing(bool module, char ret_text[PRIVILEGES_TEXT])
{
	size_t length = 0;

	ret_text[0] = '\0';
	capng_get_caps_process();
	if (has(CAP_SYS_ADMIN))
		return false;
	for (size_t i = 0; i < ARRAY_SIZE(needs); i++)
		if ((module || !needs[i].module) && !has(needs[i].capability))
			length += (size_t)snprintf(ret_text + length, PRIVILEGES_TEXT - length,
						   "%s%s", length ? " and " : "", needs[i].text);
	return length;
}

bool privileges_kvm_is_module(void)
{
	return access(KVM_MODULE, F_OK) == 0;
}

static bool file_has(const char *path, const char *word)
{
	_cleanup_fclose_ FILE *file = fopen(path, "re");
	char line[128];

	return file && fgets(line, sizeof(line), file) && strstr(line, word);
}

const char *privileges_obstacle(void)
{
	if (file_has(LOCKDOWN_FILE, "[confidentiality]"))
		return "the kernel is locked down for confidentiality: boot with "
		       "lockdown=integrity or without";
	if (access(UID_MAP_FILE, F_OK) == 0 && !file_has(UID_MAP_FILE, "4294967295"))
		return "capabilities in a user namespace (a container) do not count: run it "
		       "on the host";
	return NULL;
}

int privileges_check(bool module)
{
	char missing[PRIVILEGES_TEXT];

	if (!privileges_missing(module, missing))
		return 0;
	return error_set(-EPERM, "this process lacks %s; run it with sudo", missing);
}

/* --- the invoking user ------------------------------------------------------ */

/* Numbers that sudo has set; anything else was not sudo. */
static bool read_id(const char *name, unsigned int *ret_id)
{
	const char *text = getenv(name);
	long long number;

	if (!text)
		return false;
	if (cmdline_number(text, name, 0, UINT32_MAX - 1, &number) < 0) {
		error_clear();
		return false;
	}
	*ret_id = (unsigned int)number;
	return true;
}

struct privileges_user privileges_user(void)
{
	struct privileges_user user = { .uid = geteuid(), .gid = getegid() };
	uid_t uid;
	gid_t gid;

	if (user.uid || !read_id("SUDO_UID", &uid) || !read_id("SUDO_GID", &gid) || !uid)
		return user;
	return (struct privileges_user){ .uid = uid, .gid = gid, .sudo = true };
}

static int set_groups(const struct privileges_user *user, const struct passwd *entry)
{
	int r = entry ? initgroups(entry->pw_name, user->gid) : setgroups(1, &user->gid);

	return r < 0 ? -errno : 0;
}

/* All ids, saved ones too: there is no way back. */
static int become(const struct privileges_user *user, const struct passwd *entry)
{
	int r = set_groups(user, entry);

	if (r < 0)
		return r;
	if (setresgid(user->gid, user->gid, user->gid) < 0 ||
	    setresuid(user->uid, user->uid, user->uid) < 0)
		return -errno;
	return 0;
}

/* Of what root has, as `keep` says; of nobody else's anything. */
static int set_capabilities(unsigned int keep)
{
	bool kept[ARRAY_SIZE(of_root)];

	capng_get_caps_process();
	for (size_t i = 0; i < ARRAY_SIZE(of_root); i++)
		kept[i] = geteuid() == 0 && of_root[i].keep & keep &&
			  capng_have_capability(CAPNG_PERMITTED, of_root[i].capability);
	capng_clear(CAPNG_SELECT_CAPS);
	for (size_t i = 0; i < ARRAY_SIZE(of_root); i++)
		if (kept[i])
			capng_update(CAPNG_ADD, CAPNG_EFFECTIVE | CAPNG_PERMITTED,
				     of_root[i].capability);
	return capng_apply(CAPNG_SELECT_CAPS) < 0 ? -EPERM : 0;
}

int privileges_drop(unsigned int keep)
{
	const struct privileges_user user = privileges_user();
	int r = user.sudo ? become(&user, getpwuid(user.uid)) : 0;

	if (r >= 0)
		r = set_capabilities(keep);
	if (r < 0)
		return error_set(r, "cannot give up privileges for user %u: %s", user.uid,
				 strerror(-r));
	return 0;
}

/* --- COMMAND ---------------------------------------------------------------- */

static void set_home(const struct passwd *entry)
{
	if (!entry)
		return;
	setenv("HOME", entry->pw_dir, 1);
	setenv("USER", entry->pw_name, 1);
	setenv("LOGNAME", entry->pw_name, 1);
}

int privileges_become_user(void)
{
	const struct privileges_user user = privileges_user();
	const struct passwd *entry = user.sudo ? getpwuid(user.uid) : NULL;
	int r = user.sudo ? become(&user, entry) : 0;

	if (r < 0 || !user.uid)
		return r;
	if (user.sudo)
		set_home(entry);
	return set_capabilities(0);
}
