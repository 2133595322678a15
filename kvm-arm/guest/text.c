/* SPDX-License-Identifier: GPL-2.0-only */
#include "kvm-arm/guest/text.h"

static void add_byte(struct text *text, char byte)
{
	if (text->length < sizeof(text->bytes))
		text->bytes[text->length++] = byte;
}

void text_add_bytes(struct text *text, const char *bytes, size_t length)
{
	for (size_t i = 0; i < length; i++)
		add_byte(text, bytes[i]);
}

void text_add(struct text *text, const char *string)
{
	while (*string)
		add_byte(text, *string++);
}

static void add_digits(struct text *text, uint64_t number, unsigned int base)
{
	if (number >= base)
		add_digits(text, number / base, base);
	add_byte(text, "0123456789abcdef"[number % base]);
}

void text_add_number(struct text *text, uint64_t number)
{
	add_digits(text, number, 10);
}

void text_add_hex(struct text *text, uint64_t number)
{
	text_add(text, "0x");
	add_digits(text, number, 16);
}

void text_add_quotient(struct text *text, uint64_t dividend, uint64_t divisor)
{
	uint64_t rest = dividend % divisor;
	uint64_t hundredths = (rest * 100 + divisor / 2) / divisor;

	text_add_number(text, dividend / divisor + hundredths / 100);
	add_byte(text, '.');
	add_byte(text, (char)('0' + hundredths / 10 % 10));
	add_byte(text, (char)('0' + hundredths % 10));
}

void text_add_pair(struct text *text, const char *name, uint64_t number)
{
	if (text->length && text->bytes[text->length - 1] != '\n')
		add_byte(text, ' ');
	text_add(text, name);
	add_byte(text, '=');
	text_add_number(text, number);
}

bool text_equal(const char *bytes, size_t length, const char *string)
{
	size_t i = 0;

	while (i < length && string[i] && bytes[i] == string[i])
		i++;
	return i == length && !string[i];
}

bool text_number(const char *bytes, size_t length, uint64_t *ret_number)
{
	uint64_t number = 0;

	for (size_t i = 0; i < length; i++) {
		if (bytes[i] < '0' || bytes[i] > '9')
			return false;
		number = number * 10 + (uint64_t)(bytes[i] - '0');
		if (number > UINT32_MAX)
			return false;
	}
	if (!length)
		return false;
	*ret_number = number;
	return true;
}
