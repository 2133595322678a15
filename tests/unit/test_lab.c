/* SPDX-License-Identifier: GPL-2.0-only */
/* The archive and the hashes were worked out by hand or published with FNV. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/error.h"
#include "kvm-arm/lab/arch.h"
#include "kvm-arm/lab/cache.h"
#include "kvm-arm/lab/cpio.h"
#include "kvm-arm/lab/kconfig.h"
#include "kvm-arm/lab/machine.h"
#include "kvm-arm/lab/words.h"

/* 110 bytes of header, "a" and its NUL make 112; three bytes are padded to four. */
static void cpio_pads_names_and_files(void **state)
{
	_cleanup_buffer_ struct buffer archive = { 0 };
	static const char header[] = "070701" /* magic */
				     "00000000"
				     "000081a4" /* inode, mode 0100644 */
				     "00000000"
				     "00000000"
				     "00000001" /* user, group, links */
				     "00000000"
				     "00000003" /* time, length */
				     "00000000"
				     "00000000"
				     "00000000"
				     "00000000" /* devices */
				     "00000002"
				     "00000000"; /* name with its NUL, checksum */

	(void)state;
	assert_int_equal(cpio_add(&archive, "a", S_IFREG | 0644, "xyz", 3), 0);
	assert_int_equal(archive.length, 110 + 2 + 3 + 1);
	assert_memory_equal(archive.data, header, 110);
	assert_memory_equal(archive.data + 110, "a\0xyz", 6);
}

/* 116 bytes as above, then 110 + 11 bytes, padded to 124. */
static void cpio_ends_with_a_trailer(void **state)
{
	_cleanup_buffer_ struct buffer archive = { 0 };

	(void)state;
	assert_int_equal(cpio_add(&archive, "a", S_IFREG | 0644, "xyz", 3), 0);
	assert_int_equal(cpio_end(&archive), 0);
	assert_int_equal(archive.length, 116 + 124);
	assert_string_equal(archive.data + 116 + 110, "TRAILER!!!");
}

static void hash_is_fnv_1a(void **state)
{
	static const struct {
		const char *text;
		uint64_t hash;
	} known[] = {
		{ "", 0xcbf29ce484222325u },
		{ "a", 0xaf63dc4c8601ec8cu },
		{ "foobar", 0x85944171f73967e8u },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(known); i++) {
		uint64_t hash = LAB_HASH_START;

		lab_hash_bytes(&hash, known[i].text, strlen(known[i].text));
		assert_int_equal(hash, known[i].hash);
	}
}

static void hash_keeps_texts_apart(void **state)
{
	uint64_t one = LAB_HASH_START, two = LAB_HASH_START;

	(void)state;
	lab_hash_text(&one, "ab");
	lab_hash_text(&one, "c");
	lab_hash_text(&two, "a");
	lab_hash_text(&two, "bc");
	assert_int_not_equal(one, two);
}

static void modes_are_found_by_name(void **state)
{
	const struct kvm_mode *mode = NULL;

	(void)state;
	assert_int_equal(kvm_mode_find("hvhe", &mode), 0);
	assert_string_equal(mode->append, "arm64_sw.hvhe=1");
	assert_int_equal(kvm_mode_find("el3", &mode), -EINVAL);
	assert_string_equal(mode->name, "hvhe");
	assert_string_equal(error_text(-EINVAL), "lab: there is no KVM mode 'el3'; the modes are "
						 "nvhe, vhe, hvhe, protected");
	error_clear();
}

static void architectures_are_found_by_name(void **state)
{
	const struct arch *arch = NULL;

	(void)state;
	assert_int_equal(arch_find("x86", &arch), 0);
	assert_string_equal(arch->debian, "amd64");
	assert_false(arch->el2);
	assert_int_equal(arch_find("amd64", &arch), -EINVAL);
	assert_string_equal(arch->name, "x86");
	assert_string_equal(error_text(-EINVAL),
			    "lab: there is no architecture 'amd64'; the lab has arm64, x86");
	error_clear();
}

static void words_end_with_null(void **state)
{
	_cleanup_words_ struct words words = { 0 };

	(void)state;
	words_add(&words, "%d", 7);
	words_add(&words, "%s", "two words");
	assert_int_equal(words.error, 0);
	assert_int_equal(words.count, 2);
	assert_string_equal(words.words[0], "7");
	assert_string_equal(words.words[1], "two words");
	assert_null(words.words[2]);
}

/* A file of options, its path in a list of one. */
static void options_file(struct words *files, const char *text)
{
	char path[] = "/tmp/hyptrace-options-XXXXXX";
	int fd = mkstemp(path);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	close(fd);
	words_add(files, "%s", path);
}

static void the_last_line_about_an_option_counts(void **state)
{
	static const struct {
		const char *first, *second;
		int drops;
	} rows[] = {
		{ "CONFIG_X=y\n", "", 0 },
		{ "CONFIG_X=y\n", "CONFIG_X=n\n", 1 },
		{ "CONFIG_X=n\n", "CONFIG_X=y", 0 },
		{ "CONFIG_X=y\n", "# CONFIG_X is not set\n", 1 },
		{ "CONFIG_X=y\n", "CONFIG_X_Y=n\n# CONFIG_X is nothing\n", 0 },
		{ "CONFIG_X=n\nCONFIG_X=y\n", "# CONFIG_X_Y is not set\n", 0 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		_cleanup_words_ struct words files = { 0 };

		options_file(&files, rows[i].first);
		options_file(&files, rows[i].second);
		assert_int_equal(kconfig_drops(&files, "CONFIG_X"), rows[i].drops);
		for (size_t file = 0; file < files.count; file++)
			unlink(files.words[file]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(cpio_pads_names_and_files),
		cmocka_unit_test(cpio_ends_with_a_trailer),
		cmocka_unit_test(hash_is_fnv_1a),
		cmocka_unit_test(hash_keeps_texts_apart),
		cmocka_unit_test(modes_are_found_by_name),
		cmocka_unit_test(architectures_are_found_by_name),
		cmocka_unit_test(words_end_with_null),
		cmocka_unit_test(the_last_line_about_an_option_counts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
