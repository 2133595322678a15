/* SPDX-License-Identifier: GPL-2.0-only */
#include "tui/terminal.h"

#define NCURSES_WIDECHAR 1
#define NCURSES_NOMACROS 1
#include <curses.h>
#include <errno.h>
#include <langinfo.h>
#include <locale.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <term.h>
#include <termios.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/error.h"

#undef columns /* term.h's name for a capability */

/* How a style looks: in 256 colours, in 8, and without. Colours are -1 for the terminal's own. */
static const struct look {
	short fore256, back256, fore8, back8;
	attr_t with, without; /* attributes with colours, and without */
} looks[STYLES] = {
	[STYLE_PLAIN] = { -1, -1, -1, -1, A_NORMAL, A_NORMAL },
	[STYLE_STRONG] = { -1, -1, -1, -1, A_BOLD, A_BOLD },
	[STYLE_FAINT] = { 245, -1, -1, -1, A_NORMAL, A_NORMAL },
	[STYLE_TITLE] = { 255, 24, COLOR_WHITE, COLOR_BLUE, A_BOLD, A_REVERSE },
	[STYLE_TAB] = { 252, 238, -1, -1, A_NORMAL, A_NORMAL },
	[STYLE_TAB_ON] = { 16, 80, COLOR_BLACK, COLOR_CYAN, A_BOLD, A_REVERSE },
	[STYLE_HEADER] = { 16, 71, COLOR_BLACK, COLOR_GREEN, A_NORMAL, A_REVERSE },
	[STYLE_HEADER_SORTED] = { 16, 80, COLOR_BLACK, COLOR_CYAN, A_NORMAL, A_REVERSE | A_BOLD },
	[STYLE_SELECTED] = { 16, 80, COLOR_BLACK, COLOR_CYAN, A_NORMAL, A_REVERSE },
	[STYLE_ALERT] = { 214, -1, COLOR_YELLOW, -1, A_BOLD, A_BOLD },
	[STYLE_KEY] = { 16, 80, COLOR_BLACK, COLOR_CYAN, A_NORMAL, A_REVERSE },
	[STYLE_GROUP] = { 16, 71, COLOR_BLACK, COLOR_GREEN, A_NORMAL, A_NORMAL },
	{ 16, 75, COLOR_WHITE, COLOR_BLUE, A_NORMAL, A_NORMAL },
	{ 16, 215, COLOR_BLACK, COLOR_YELLOW, A_NORMAL, A_NORMAL },
	{ 16, 170, COLOR_WHITE, COLOR_MAGENTA, A_NORMAL, A_NORMAL },
	{ 16, 80, COLOR_BLACK, COLOR_CYAN, A_NORMAL, A_NORMAL },
	{ 231, 160, COLOR_WHITE, COLOR_RED, A_NORMAL, A_NORMAL },
	[STYLE_UNATTRIBUTED] = { 16, 250, COLOR_BLACK, COLOR_WHITE, A_NORMAL, A_REVERSE },
};

/* What a signal handler needs to put the terminal right; made while it is opened. */
static struct {
	bool open, coloured, mouse;
	struct termios before;
	char reset[256];
	size_t reset_bytes;
} terminal;

/* --- leaving it as it was -------------------------------------------------------- */

static void put_right(void)
{
	if (write(STDOUT_FILENO, terminal.reset, terminal.reset_bytes) < 0)
		return;
	tcsetattr(STDIN_FILENO, TCSANOW, &terminal.before);
}

static const int fatal_signals[] = { SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT, SIGQUIT };

static struct sigaction fatal_before[ARRAY_SIZE(fatal_signals)];

/* What was to happen before happens once the terminal is right. */
static void on_fatal(int number)
{
	put_right();
	for (size_t i = 0; i < ARRAY_SIZE(fatal_signals); i++)
		sigaction(fatal_signals[i], &fatal_before[i], NULL);
	raise(number);
}

static void catch_fatal(void)
{
	const struct sigaction action = { .sa_handler = on_fatal };

	for (size_t i = 0; i < ARRAY_SIZE(fatal_signals); i++)
		sigaction(fatal_signals[i], &action, &fatal_before[i]);
}

static void add_reset(const char *text)
{
	size_t length = text ? strlen(text) : 0;

	if (terminal.reset_bytes + length > sizeof(terminal.reset))
		return;
	memcpy(terminal.reset + terminal.reset_bytes, text, length);
	terminal.reset_bytes += length;
}

/* The terminal's own words for it; a capability that it lacks is NULL or -1. */
static void add_capability(const char *name)
{
	char *text = tigetstr(name);

	if (text && text != (char *)-1)
		add_reset(text);
}

static void prepare_reset(void)
{
	static const char *const capabilities[] = { "sgr0", "op", "cnorm", "rmkx", "rmcup" };

	terminal.reset_bytes = 0;
	if (tigetstr("XM") != NULL && tigetstr("kmous") && tigetstr("kmous") != (char *)-1)
		add_reset("\033[?1006l\033[?1000l");
	for (size_t i = 0; i < ARRAY_SIZE(capabilities); i++)
		add_capability(capabilities[i]);
}

/* --- the guard -------------------------------------------------------------------- */

static pid_t guarded;

static void pass_on(int number)
{
	kill(guarded, number);
}

static void set_handler(int number, void (*handler)(int))
{
	const struct sigaction action = { .sa_handler = handler, .sa_flags = SA_RESTART };

	sigaction(number, &action, NULL);
}

/* Signals of the terminal reach the child anyway. */
static int wait_for_child(void)
{
	int status = 0;

	set_handler(SIGINT, SIG_IGN);
	set_handler(SIGQUIT, SIG_IGN);
	set_handler(SIGTERM, pass_on);
	set_handler(SIGHUP, pass_on);
	while (waitpid(guarded, &status, 0) < 0 && errno == EINTR)
		;
	if (!WIFSIGNALED(status))
		return WEXITSTATUS(status);
	put_right();
	return 128 + WTERMSIG(status);
}

int terminal_guard(int *ret_status)
{
	pid_t parent = getpid();
	int unknown;

	if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO))
		return error_set(-ENOTTY, "the dashboard needs a terminal; 'hyptrace stat' and "
					  "'hyptrace report' print without one");
	tcgetattr(STDIN_FILENO, &terminal.before);
	if (setupterm(NULL, STDOUT_FILENO, &unknown) != OK)
		return error_set(-ENOENT,
				 "the terminal's kind, TERM=%s, is not known here; install "
				 "ncurses-term, or try TERM=xterm or TERM=vt100",
				 getenv("TERM") ? getenv("TERM") : "");
	prepare_reset();
	del_curterm(cur_term); /* ncurses makes one of its own */
	guarded = fork();
	if (guarded < 0)
		return error_set(-errno, "cannot fork: %s", strerror(errno));
	if (guarded > 0) {
		*ret_status = wait_for_child();
		return 1;
	}
	prctl(PR_SET_PDEATHSIG, SIGTERM);
	if (getppid() != parent)
		raise(SIGTERM);
	return 0;
}

/* --- colours ---------------------------------------------------------------------- */

static void open_colours(void)
{
	/* Only once started does ncurses say how many there are. */
	terminal.coloured = has_colors() && start_color() == OK && COLORS >= 8;
	if (!terminal.coloured)
		return;
	use_default_colors();
	for (short i = 1; i < STYLES; i++) {
		const struct look *look = &looks[i];

		if (COLORS >= 256)
			init_pair(i, look->fore256, look->back256);
		else
			init_pair(i, look->fore8, look->back8);
	}
}

static void set_style(enum style style)
{
	if (terminal.coloured)
		attr_set(looks[style].with, (short)style, NULL);
	else
		attr_set(looks[style].without, 0, NULL);
}

/* --- opening, showing, reading ----------------------------------------------------- */

int terminal_open(void)
{
	setlocale(LC_ALL, "");
	setlocale(LC_NUMERIC, "C");
	set_escdelay(25);
	if (!initscr())
		return error_set(-EIO, "cannot take the terminal over");
	terminal.open = true;
	catch_fatal();
	cbreak();
	noecho();
	nonl();
	intrflush(stdscr, FALSE);
	keypad(stdscr, TRUE);
	nodelay(stdscr, TRUE);
	curs_set(0);
	open_colours();
	mouseinterval(0);
	return 0;
}

void terminal_set_mouse(bool taken)
{
	const mmask_t wanted = BUTTON1_CLICKED | BUTTON1_PRESSED | BUTTON1_DOUBLE_CLICKED |
			       BUTTON4_PRESSED | BUTTON5_PRESSED;

	if (terminal.mouse != taken)
		mousemask(taken ? wanted : 0, NULL);
	terminal.mouse = taken;
}

void terminal_size(int *ret_rows, int *ret_columns)
{
	getmaxyx(stdscr, *ret_rows, *ret_columns);
}

bool terminal_utf8(void)
{
	return !strcmp(nl_langinfo(CODESET), "UTF-8");
}

bool terminal_coloured(void)
{
	return terminal.coloured;
}

/* A run of one style; the second half of a wide character is no character. */
static void show_run(const struct canvas_cell *cell, int row, int column, int length)
{
	wchar_t text[length + 1];
	int used = 0;

	for (int i = 0; i < length; i++)
		if (cell[i].glyph)
			text[used++] = cell[i].glyph;
	set_style((enum style)cell->style);
	mvaddnwstr(row, column, text, used);
}

static void show_row(const struct canvas *canvas, int row)
{
	const struct canvas_cell *cell = &canvas->cell[row * canvas->columns];
	int from = 0;

	for (int i = 1; i <= canvas->columns; i++)
		if (i == canvas->columns || cell[i].style != cell[from].style) {
			show_run(cell + from, row, from, i - from);
			from = i;
		}
}

/* What ncurses has been given; nothing after a change of size. */
static struct canvas shown;

static bool is_shown(const struct canvas *canvas, int row)
{
	const struct canvas_cell *cell = &canvas->cell[row * canvas->columns];
	const struct canvas_cell *before = &shown.cell[row * canvas->columns];

	for (int i = 0; i < canvas->columns; i++)
		if (cell[i].glyph != before[i].glyph || cell[i].style != before[i].style)
			return false;
	return true;
}

/* Only so that rows that stay as they are cost little: it may fail. */
static void remember(const struct canvas *canvas)
{
	if (canvas_resize(&shown, canvas->rows, canvas->columns) < 0)
		canvas_release(&shown);
	else
		memcpy(shown.cell, canvas->cell,
		       (size_t)(canvas->rows * canvas->columns) * sizeof(*canvas->cell));
}

void terminal_show(const struct canvas *canvas)
{
	bool known = shown.rows == canvas->rows && shown.columns == canvas->columns;

	for (int row = 0; row < canvas->rows; row++)
		if (!known || !is_shown(canvas, row))
			show_row(canvas, row);
	remember(canvas);
	refresh();
}

static bool take_mouse(struct terminal_input *input)
{
	MEVENT event;

	if (getmouse(&event) != OK)
		return false;
	input->row = event.y;
	input->column = event.x;
	input->key = 0;
	if (event.bstate & BUTTON4_PRESSED)
		input->key = KEY_UP;
	else if (event.bstate & BUTTON5_PRESSED)
		input->key = KEY_DOWN;
	else
		input->click = true;
	input->twice = event.bstate & BUTTON1_DOUBLE_CLICKED;
	return true;
}

bool terminal_read(struct terminal_input *ret_input)
{
	wint_t got;
	int kind = get_wch(&got);
	mbstate_t state = { 0 };

	*ret_input = (struct terminal_input){ 0 };
	if (kind == ERR)
		return false;
	if (kind == KEY_CODE_YES && got == KEY_RESIZE)
		canvas_release(&shown);
	if (kind == KEY_CODE_YES && got == KEY_MOUSE)
		return take_mouse(ret_input) || terminal_read(ret_input);
	if (kind == KEY_CODE_YES || got < ' ' || got == 0x7f)
		ret_input->key = (int)got;
	else if (wcrtomb(ret_input->text, (wchar_t)got, &state) == (size_t)-1)
		ret_input->text[0] = '?';
	return true;
}

void terminal_close(void)
{
	if (!terminal.open)
		return;
	endwin();
	canvas_release(&shown);
	terminal.open = false;
}
