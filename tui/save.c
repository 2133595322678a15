/* SPDX-License-Identifier: GPL-2.0-only */
#include "tui/save.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <time.h>

#include "base/error.h"
#include "tui/screens.h"

enum { ROWS_LEAST = 60, ROWS_MOST = 1200, COLUMNS_LEAST = 100 };

/* No row of the tables is cut off. */
static int draw_whole(struct model *model, struct buffer *out)
{
	_cleanup_canvas_ struct canvas canvas = { .utf8 = model->canvas.utf8 };
	struct table_look look = *model_look(model);
	int columns = model->canvas.columns, rows = look.rows + ROWS_LEAST, r;

	columns = columns < COLUMNS_LEAST ? COLUMNS_LEAST : columns;
	r = canvas_resize(&canvas, rows > ROWS_MOST ? ROWS_MOST : rows, columns);
	if (r >= 0)
		r = screens_draw(model, &canvas);
	if (r >= 0)
		r = canvas_text(&canvas, out);
	*model_look(model) = look;
	return r;
}

static int write_file(const char *name, const struct buffer *text)
{
	_cleanup_close_ int fd = open(name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);

	if (fd < 0)
		return error_set(-errno, "cannot save '%s': %s", name, strerror(errno));
	errno = EIO;
	if (write(fd, buffer_text(text), text->length) != (ssize_t)text->length)
		return error_set(-errno, "cannot save '%s': %s", name, strerror(errno));
	return 0;
}

/* "hyptrace-20261127-213000"; a second one in a second gets a number. */
static char *free_name(void)
{
	time_t now = time(NULL);
	struct tm local;
	char stamp[32];
	char *name = NULL;

	localtime_r(&now, &local);
	strftime(stamp, sizeof(stamp), "%Y%m%d-%H%M%S", &local);
	for (int i = 1; i < 100; i++) {
		_cleanup_free_ char *text = NULL;

		free(name);
		name = i == 1 ? format_text("hyptrace-%s", stamp)
			      : format_text("hyptrace-%s-%d", stamp, i);
		text = name ? format_text("%s.txt", name) : NULL;
		if (!text || access(text, F_OK) < 0)
			break;
	}
	return name;
}

/* In ns or instructions, whatever units the screen is in. */
static int print_json(const struct report *report, struct buffer *out)
{
	struct report plain = *report;

	plain.summary = summary_of_ledger(report->ledger, false, -1);
	return view_json(&plain, out);
}

static int save(struct model *model, const char *name)
{
	_cleanup_buffer_ struct buffer text = { 0 }, json = { 0 };
	_cleanup_free_ char *text_name = format_text("%s.txt", name);
	_cleanup_free_ char *json_name = format_text("%s.json", name);
	int r = text_name && json_name ? draw_whole(model, &text) : -ENOMEM;

	if (r >= 0)
		r = print_json(feed_report(model->feed), &json);
	if (r >= 0)
		r = write_file(text_name, &text);
	return r < 0 ? r : write_file(json_name, &json);
}

int save_snapshot(struct model *model, int code)
{
	_cleanup_free_ char *name = free_name();
	int r = name ? save(model, name) : -ENOMEM;

	if (r < 0)
		model_say(model, "%s", error_text(r));
	else
		model_say(model, "saved %s.txt and %s.json", name, name);
	error_clear();
	return 0;
}
