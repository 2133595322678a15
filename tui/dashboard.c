/* SPDX-License-Identifier: GPL-2.0-only */
#include "tui/dashboard.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "collector/facts.h"
#include "tui/keys.h"
#include "tui/screens.h"
#include "tui/terminal.h"

enum { NS_PER_MS = 1000000, PART_MS = 250, OPENING_MS = 20, EARLY_KEYS = 32 };
enum { ROWS_LEAST = 10, COLUMNS_LEAST = 40 };

struct dashboard {
	struct model model;
	struct wakeups *wakeups;
	int pid_fd;
	struct wakeup last;
	uint64_t refreshed_ns;			 /* while a trace is being read */
	bool redraw, due;			 /* due: a new reading */
	struct terminal_input early[EARLY_KEYS]; /* that came before there was anything to show */
	unsigned int early_count, early_taken;
};

/* --- drawing ------------------------------------------------------------------------- */

/* Also brings up to date what keys are about: the rows, and which of them is selected. */
static int compose(struct dashboard *dashboard)
{
	struct model *model = &dashboard->model;
	int rows, columns, r;

	terminal_size(&rows, &columns);
	r = canvas_resize(&model->canvas, rows, columns);
	if (r < 0)
		return r;
	for (int i = 0; i < SCREENS; i++)
		model->look[i].tag = NULL;
	if (rows < ROWS_LEAST || columns < COLUMNS_LEAST) {
		canvas_put(&model->canvas, 0, 0, columns, STYLE_PLAIN, "make the window larger");
	} else {
		model_units(model);
		r = screens_draw(model, &model->canvas);
	}
	return r;
}

static int draw(struct dashboard *dashboard)
{
	int r = compose(dashboard);

	terminal_show(&dashboard->model.canvas);
	dashboard->redraw = false;
	return r;
}

/* --- input ------------------------------------------------------------------------------ */

static int take_input(struct model *model, const struct terminal_input *input)
{
	if (input->click)
		return keys_click(model, input->row, input->column, input->twice);
	if (model->typing) {
		keys_type(model, input->key, input->text);
		return 0;
	}
	if (input->key)
		return keys_press(model, input->key);
	return keys_press(model, input->text[1] ? 0 : input->text[0]);
}

static bool next_input(struct dashboard *dashboard, struct terminal_input *ret_input)
{
	if (dashboard->early_taken == dashboard->early_count)
		return terminal_read(ret_input);
	*ret_input = dashboard->early[dashboard->early_taken++];
	return true;
}

/*
 * What goes wrong by a key is said, and ends nothing. Each key finds what the one before it
 * has left, though nobody has seen it yet.
 */
static int take_all_input(struct dashboard *dashboard)
{
	struct terminal_input input;
	int r = 0;

	while (r >= 0 && !dashboard->model.quit && next_input(dashboard, &input)) {
		if (dashboard->redraw)
			r = compose(dashboard);
		if (r < 0)
			break;
		r = take_input(&dashboard->model, &input);
		if (r < 0)
			model_say(&dashboard->model, "%s", error_text(r));
		error_clear();
		terminal_set_mouse(dashboard->model.settings.mouse);
		dashboard->redraw = true;
		r = 0;
	}
	return r;
}

/* --- time --------------------------------------------------------------------------------- */

static int refresh(struct dashboard *dashboard)
{
	struct feed *feed = dashboard->model.feed;

	dashboard->due = false;
	dashboard->redraw = true;
	dashboard->refreshed_ns = clock_now_ns();
	return feed->ops->refresh(feed);
}

/* A piece of the trace; what there is so far is shown every quarter of a second. */
static int work(struct dashboard *dashboard)
{
	struct feed *feed = dashboard->model.feed;
	int r = feed->ops->work(feed);

	if (r < 0) {
		model_say(&dashboard->model, "%s", error_text(r));
		error_clear();
	}
	if (feed->busy && clock_now_ns() < dashboard->refreshed_ns + PART_MS * (uint64_t)NS_PER_MS)
		return 0;
	return refresh(dashboard);
}

/* Waits for a key, a signal, the timer, for so long at the most; -1: for as long as it takes. */
static int wait(struct dashboard *dashboard, int timeout_ms)
{
	struct pollfd from[] = { { .fd = STDIN_FILENO, .events = POLLIN },
				 { .fd = dashboard->wakeups->epoll_fd, .events = POLLIN } };
	struct wakeup wakeup = { 0 };
	int r = poll(from, ARRAY_SIZE(from), timeout_ms);

	if (r < 0 && errno != EINTR)
		return error_set(-errno, "cannot wait for keys: %s", strerror(errno));
	if (r < 0)
		dashboard->redraw = true;
	if (r > 0 && from[0].revents & (POLLHUP | POLLERR))
		dashboard->model.quit = true;
	if (r > 0 && from[1].revents) {
		r = wakeups_wait(dashboard->wakeups, false, &wakeup);
		if (wakeup.signal)
			dashboard->last = wakeup;
		dashboard->model.quit |= wakeup.signal != 0;
		if (wakeup.ended)
			wakeups_forget(dashboard->wakeups, dashboard->pid_fd);
		dashboard->last.ended |= wakeup.ended;
		dashboard->due |= (wakeup.tick || wakeup.ended) && !dashboard->model.paused;
		dashboard->redraw |= wakeup.ended;
	}
	return r < 0 && errno != EINTR ? r : 0;
}

static int show_that_it_opens(struct dashboard *dashboard, uint64_t ns)
{
	struct canvas *canvas = &dashboard->model.canvas;
	int rows, columns, r;

	terminal_size(&rows, &columns);
	r = canvas_resize(canvas, rows, columns);
	if (r < 0)
		return r;
	canvas_paint(canvas, 0, 0, columns, STYLE_TITLE);
	canvas_put(canvas, 0, 1, columns - 1, STYLE_TITLE, dashboard->model.title);
	canvas_printf(canvas, 2, 1, STYLE_ALERT, "! opening the trace: %.1f s", (double)ns / 1e9);
	if (dashboard->early_count)
		canvas_printf(canvas, 3, 1, STYLE_PLAIN, "%u key%s waiting", dashboard->early_count,
			      dashboard->early_count == 1 ? "" : "s");
	canvas_put(canvas, rows - 1, 0, columns, STYLE_PLAIN, "q Quit");
	terminal_show(canvas);
	return 0;
}

static void keep_input(struct dashboard *dashboard)
{
	struct terminal_input input;

	while (terminal_read(&input)) {
		dashboard->model.quit |= input.text[0] == 'q';
		if (dashboard->early_count < EARLY_KEYS)
			dashboard->early[dashboard->early_count++] = input;
	}
}

/* Until the feed has something to show, one can only leave; other keys wait for it. */
static int await_feed(struct dashboard *dashboard)
{
	struct feed *feed = dashboard->model.feed;
	uint64_t begin = clock_now_ns();
	int r = 1;

	while (feed->ops->ready && !dashboard->model.quit && (r = feed->ops->ready(feed)) == 0) {
		r = show_that_it_opens(dashboard, clock_now_ns() - begin);
		if (r >= 0)
			r = wait(dashboard, OPENING_MS);
		if (r < 0)
			break;
		keep_input(dashboard);
	}
	return r < 0 ? r : 0;
}

static int loop(struct dashboard *dashboard)
{
	struct feed *feed = dashboard->model.feed;
	bool busy = feed->busy;
	int r = 0;

	/* So that the first screen has something to show. */
	if (feed->ops->work && busy && !dashboard->model.quit)
		r = work(dashboard);
	if (r >= 0)
		r = take_all_input(dashboard);
	while (r >= 0 && !dashboard->model.quit) {
		if (dashboard->redraw)
			r = draw(dashboard);
		if (r >= 0)
			r = wait(dashboard, busy ? 0 : -1);
		if (r < 0)
			return r;
		r = take_all_input(dashboard);
		if (r >= 0 && dashboard->redraw)
			r = draw(dashboard);
		busy = feed->busy;
		if (r >= 0 && feed->ops->work && busy)
			r = work(dashboard);
		if (r >= 0 && dashboard->due)
			r = refresh(dashboard);
	}
	return r;
}

/* --- the whole ------------------------------------------------------------------------------ */

static void load(struct dashboard *dashboard, struct feed *feed, const char *title)
{
	struct model *model = &dashboard->model;

	model->feed = feed;
	model->title = title;
	settings_load(&model->settings);
	model->feed->interval = model->settings.interval;
	model->screen = (enum screen_number)model->settings.screen;
	if (feed->live && screens[model->screen].offline)
		model->screen = SCREEN_OVERVIEW;
	for (int i = 0; i < SETTINGS_SORTS; i++) {
		const char *sort = model->settings.sort[i];

		model->look[i].ascending = *sort == '+';
		strcpy(model->look[i].sort, sort + (*sort == '+'));
	}
	model->canvas.utf8 = terminal_utf8();
	model->canvas.coloured = terminal_coloured();
	dashboard->redraw = true;
}

/* Not worth the run's own result. */
static void remember(const struct settings *settings)
{
	int r = settings_save(settings);

	if (r < 0)
		fprintf(stderr, "hyptrace: %s\n", error_text(r));
	error_clear();
}

int dashboard_run(struct feed *feed, struct wakeups *wakeups, int pid_fd, const char *title,
		  struct wakeup *ret_last)
{
	struct dashboard dashboard = { .wakeups = wakeups, .pid_fd = pid_fd };
	struct settings settings;
	int r;

	settings_load(&settings);
	r = terminal_open();
	if (r < 0)
		return r;
	terminal_set_mouse(settings.mouse);
	load(&dashboard, feed, title);
	r = wakeups_set_timer(wakeups, feed->live ? dashboard.model.settings.delay_ms : 0);
	if (r >= 0)
		r = await_feed(&dashboard);
	if (r >= 0)
		r = loop(&dashboard);
	terminal_close();
	canvas_release(&dashboard.model.canvas);
	*ret_last = dashboard.last;
	/* What went wrong before has a sentence of its own. */
	if (r >= 0)
		remember(&dashboard.model.settings);
	return r;
}
