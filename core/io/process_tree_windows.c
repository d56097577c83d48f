/* On Windows a Job Object holds the tree: nothing leaves it, it ends as one, it is counted as one, and it
 * ends when the last handle of it closes, so also with us, however we end. */
#include "core/io/process_tree.h"

#include "core/base/mem.h"
#include "core/io/command_line_windows.h"
#include "core/io/environment_windows.h"
#include "core/posix/include/posix_windows.h"

#include <errno.h>
#include <fcntl.h>
#include <io.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>
#include <windows.h>
#include <psapi.h>

enum { KILLED = 137 }; /* what a process that we end leaves as its exit code: nobody reads it */

struct process_tree {
	HANDLE job;
	HANDLE port; /* where the job says which limit was met */
	HANDLE child;
	HANDLE wait;
	uv_async_t woken_later; /* from the thread that waits to the loop */
	void (*woken)(void *user);
	void (*closed)(void *user);
	void *user;
};

static void on_woken(uv_async_t *async)
{
	struct process_tree *t = async->data;
	t->woken(t->user);
}

/* On a thread of Windows' own. */
static VOID CALLBACK on_child_end(PVOID context, BOOLEAN timed_out)
{
	struct process_tree *t = context;
	uv_async_send(&t->woken_later);
}

struct process_tree *process_tree_open(uv_loop_t *loop, void (*woken)(void *user), void *user)
{
	struct process_tree *t = MEM_NEW(struct process_tree);
	t->woken = woken;
	t->user = user;
	uv_async_init(loop, &t->woken_later, on_woken);
	t->woken_later.data = t;
	return t;
}

static void close_handle(HANDLE *handle)
{
	if (*handle != NULL) {
		CloseHandle(*handle);
		*handle = NULL;
	}
}

/* Which of the limits the job really has is asked afterwards: what Windows refuses is not in force. */
static int make_job(struct process_tree *t, const struct process_limits *l,
	struct process_in_force *in_force, struct err *e)
{
	JOBOBJECT_EXTENDED_LIMIT_INFORMATION want = {0};
	JOBOBJECT_EXTENDED_LIMIT_INFORMATION have = {0};
	DWORD *flags = &want.BasicLimitInformation.LimitFlags;
	*flags = JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE | JOB_OBJECT_LIMIT_DIE_ON_UNHANDLED_EXCEPTION;
	if (l->memory_bytes != 0) {
		*flags |= JOB_OBJECT_LIMIT_JOB_MEMORY;
		want.JobMemoryLimit = (SIZE_T)l->memory_bytes;
	}
	if (l->pids != 0) {
		*flags |= JOB_OBJECT_LIMIT_ACTIVE_PROCESS;
		want.BasicLimitInformation.ActiveProcessLimit = (DWORD)l->pids;
	}
	t->job = CreateJobObjectW(NULL, NULL);
	if (t->job == NULL ||
		!SetInformationJobObject(t->job, JobObjectExtendedLimitInformation, &want, sizeof(want))) {
		posix_fail(GetLastError());
		return err_set(e, -errno, "no job object can be had: %s", err_text(-errno));
	}
	t->port = CreateIoCompletionPort(INVALID_HANDLE_VALUE, NULL, 0, 1);
	JOBOBJECT_ASSOCIATE_COMPLETION_PORT port = {.CompletionKey = t, .CompletionPort = t->port};
	SetInformationJobObject(
		t->job, JobObjectAssociateCompletionPortInformation, &port, sizeof(port));
	QueryInformationJobObject(t->job, JobObjectExtendedLimitInformation, &have, sizeof(have), NULL);
	DWORD got = have.BasicLimitInformation.LimitFlags;
	in_force->memory = (got & JOB_OBJECT_LIMIT_JOB_MEMORY) != 0 ? "(job)" : NULL;
	in_force->pids = (got & JOB_OBJECT_LIMIT_ACTIVE_PROCESS) != 0 ? "(job)" : NULL;
	return 0;
}

/* The process's start, with what belongs to it: freed by finish_start. */
struct start {
	char *program; /* UTF-8 */
	wchar_t *file;
	wchar_t *line;
	wchar_t *environment;
	wchar_t *folder;
	HANDLE inherited[2]; /* nothing to read, and the pipe: all that the child gets */
	LPPROC_THREAD_ATTRIBUTE_LIST attributes;
	STARTUPINFOEXW info;
};

static void finish_start(struct start *s)
{
	free(s->program);
	free(s->file);
	free(s->line);
	free(s->environment);
	free(s->folder);
	close_handle(&s->inherited[0]);
	close_handle(&s->inherited[1]);
	if (s->attributes != NULL) {
		DeleteProcThreadAttributeList(s->attributes);
		free(s->attributes);
	}
}

static int set_streams(struct start *s, int pipe)
{
	SECURITY_ATTRIBUTES inherit = {.nLength = sizeof(inherit), .bInheritHandle = TRUE};
	HANDLE nothing = CreateFileW(
		L"NUL", GENERIC_READ, FILE_SHARE_READ | FILE_SHARE_WRITE, &inherit, OPEN_EXISTING, 0, NULL);
	if (nothing == INVALID_HANDLE_VALUE) {
		return posix_fail(GetLastError());
	}
	s->inherited[0] = nothing;
	HANDLE self = GetCurrentProcess();
	if (!DuplicateHandle(self, (HANDLE)_get_osfhandle(pipe), self, &s->inherited[1], 0, TRUE,
			DUPLICATE_SAME_ACCESS)) {
		return posix_fail(GetLastError());
	}
	s->info.StartupInfo = (STARTUPINFOW){
		.cb = sizeof(s->info),
		.dwFlags = STARTF_USESTDHANDLES,
		.hStdInput = s->inherited[0],
		.hStdOutput = s->inherited[1],
		.hStdError = s->inherited[1],
	};
	return 0;
}

/* In the job from its first instruction on, and with two handles of ours alone. */
static int set_attributes(struct start *s, struct process_tree *t)
{
	SIZE_T size = 0;
	InitializeProcThreadAttributeList(NULL, 2, 0, &size);
	s->attributes = mem_new(1, size);
	if (!InitializeProcThreadAttributeList(s->attributes, 2, 0, &size) ||
		!UpdateProcThreadAttribute(s->attributes, 0, PROC_THREAD_ATTRIBUTE_HANDLE_LIST,
			s->inherited, sizeof(s->inherited), NULL, NULL) ||
		!UpdateProcThreadAttribute(s->attributes, 0, PROC_THREAD_ATTRIBUTE_JOB_LIST, &t->job,
			sizeof(t->job), NULL, NULL)) {
		return posix_fail(GetLastError());
	}
	s->info.lpAttributeList = s->attributes;
	return 0;
}

static int set_texts(struct start *s, const struct process_spec *spec, struct err *e)
{
	struct buf line = {0};
	s->program = environment_find_program(spec->argv[0], spec->env);
	if (s->program == NULL) {
		return err_set(e, -errno, "%s: it cannot be run: %s", spec->argv[0], strerror(errno));
	}
	int code = command_line(s->program, spec->argv, &line, e);
	if (code != 0) {
		buf_finish(&line);
		return code;
	}
	bool batch = command_line_kind_of(s->program) == COMMAND_LINE_BATCH;
	s->file = environment_file(batch ? "cmd.exe" : s->program);
	s->line = posix_wide(line.p);
	s->environment = environment_block(spec->env);
	buf_finish(&line);
	if (s->file == NULL || s->line == NULL || s->environment == NULL) {
		return err_set(e, -errno, "%s: it cannot be run: %s", spec->argv[0], strerror(errno));
	}
	struct posix_stat st;
	if (spec->cwd != NULL) {
		if (posix_stat(spec->cwd, &st) != 0 || (st.st_mode & 0170000) != 0040000) {
			return err_set(
				e, -ENOENT, "%s: its folder cannot be entered: %s", spec->argv[0], spec->cwd);
		}
		s->folder = environment_file(spec->cwd);
	}
	return 0;
}

static int create(
	struct process_tree *t, struct start *s, const struct process_spec *spec, struct err *e)
{
	PROCESS_INFORMATION made = {0};
	DWORD flags = CREATE_NO_WINDOW | CREATE_NEW_PROCESS_GROUP | CREATE_UNICODE_ENVIRONMENT |
		EXTENDED_STARTUPINFO_PRESENT;
	if (!CreateProcessW(s->file, s->line, NULL, NULL, TRUE, flags, s->environment, s->folder,
			&s->info.StartupInfo, &made)) {
		posix_fail(GetLastError());
		return err_set(e, -errno, "%s: it cannot be run: %s", spec->argv[0], strerror(errno));
	}
	CloseHandle(made.hThread);
	t->child = made.hProcess;
	if (!RegisterWaitForSingleObject(
			&t->wait, t->child, on_child_end, t, INFINITE, WT_EXECUTEONLYONCE)) {
		mem_bug("a process cannot be waited for: error %lu", GetLastError());
	}
	return 0;
}

int process_tree_start(struct process_tree *t, const struct process_spec *spec,
	struct process_in_force *in_force, uv_file *output, struct err *e)
{
	struct start s = {0};
	uv_file ends[2] = {-1, -1};
	*in_force = (struct process_in_force){.tree = "(job)"};
	int code = make_job(t, &spec->limits, in_force, e);
	if (code == 0) {
		code = uv_pipe(ends, UV_NONBLOCK_PIPE, 0);
		if (code != 0) {
			err_set(e, code, "%s: no pipe for it: %s", spec->argv[0], uv_strerror(code));
		}
	}
	if (code == 0 && (set_streams(&s, ends[1]) != 0 || set_attributes(&s, t) != 0)) {
		code = err_set(
			e, -errno, "%s: its output cannot be set up: %s", spec->argv[0], strerror(errno));
	}
	if (code == 0) {
		code = set_texts(&s, spec, e);
	}
	if (code == 0) {
		code = create(t, &s, spec, e);
	}
	finish_start(&s);
	if (ends[1] >= 0) {
		_close(ends[1]);
	}
	if (code == 0) {
		*output = ends[0];
		return 0;
	}
	if (ends[0] >= 0) {
		_close(ends[0]);
	}
	close_handle(&t->job);
	close_handle(&t->port);
	return code;
}

/* An exit code that Windows gives to who does not exit: NTSTATUS, as the signal that Linux would name. */
static int signal_of(DWORD code)
{
	static const struct {
		DWORD status;
		int number;
	} table[] = {
		{0xc0000005, SIGSEGV}, /* access violation */
		{0xc0000006, SIGSEGV}, /* page that cannot be read in */
		{0xc00000fd, SIGSEGV}, /* stack overflow */
		{0xc0000374, SIGABRT}, /* heap corruption */
		{0xc0000409, SIGABRT}, /* fail fast; abort() of the C library */
		{0xc0000602, SIGABRT},
		{0x80000003, SIGABRT}, /* breakpoint */
		{0xc000001d, SIGILL},
		{0xc0000096, SIGILL}, /* privileged instruction */
		{0xc000008e, SIGFPE},
		{0xc0000094, SIGFPE},
		{0xc0000095, SIGFPE},
		{0xc000013a, SIGINT},
	};
	for (size_t i = 0; i < sizeof(table) / sizeof(*table); i++) {
		if (table[i].status == code) {
			return table[i].number;
		}
	}
	return 0;
}

bool process_tree_ended(struct process_tree *t, struct process_result *r)
{
	DWORD code = 0;
	if (t->child == NULL || WaitForSingleObject(t->child, 0) != WAIT_OBJECT_0 ||
		!GetExitCodeProcess(t->child, &code)) {
		return false;
	}
	r->signal = signal_of(code);
	r->exit_code = r->signal == 0 ? (int)code : 0;
	r->end = r->signal == 0 ? PROCESS_EXITED : PROCESS_SIGNALED;
	return true;
}

bool process_tree_kill(struct process_tree *t)
{
	JOBOBJECT_BASIC_ACCOUNTING_INFORMATION accounts = {0};
	TerminateJobObject(t->job, KILLED);
	return QueryInformationJobObject(
			   t->job, JobObjectBasicAccountingInformation, &accounts, sizeof(accounts), NULL) &&
		accounts.ActiveProcesses == 0 && WaitForSingleObject(t->child, 0) == WAIT_OBJECT_0;
}

static double seconds(FILETIME t)
{
	return (double)((uint64_t)t.dwHighDateTime << 32 | t.dwLowDateTime) / 1e7;
}

/* Of the child alone, for what the job does not count. */
static void measure_child(HANDLE child, struct process_usage *usage)
{
	FILETIME created, ended, kernel, user;
	PROCESS_MEMORY_COUNTERS memory = {.cb = sizeof(memory)};
	if (GetProcessTimes(child, &created, &ended, &kernel, &user)) {
		usage->cpu_s = seconds(kernel) + seconds(user);
	}
	if (GetProcessMemoryInfo(child, &memory, sizeof(memory))) {
		usage->peak_memory = memory.PeakPagefileUsage;
	}
}

void process_tree_measure(struct process_tree *t, struct process_usage *usage, bool *oom)
{
	JOBOBJECT_BASIC_AND_IO_ACCOUNTING_INFORMATION accounts = {0};
	JOBOBJECT_EXTENDED_LIMIT_INFORMATION limits = {0};
	*usage = (struct process_usage){0};
	measure_child(t->child, usage);
	if (QueryInformationJobObject(
			t->job, JobObjectBasicAndIoAccountingInformation, &accounts, sizeof(accounts), NULL)) {
		double cpu = (double)(accounts.BasicInfo.TotalUserTime.QuadPart +
						 accounts.BasicInfo.TotalKernelTime.QuadPart) /
			1e7;
		usage->cpu_s = cpu > usage->cpu_s ? cpu : usage->cpu_s;
		usage->io_read = accounts.IoInfo.ReadTransferCount;
		usage->io_write = accounts.IoInfo.WriteTransferCount;
	}
	if (QueryInformationJobObject(
			t->job, JobObjectExtendedLimitInformation, &limits, sizeof(limits), NULL) &&
		limits.PeakJobMemoryUsed > usage->peak_memory) {
		usage->peak_memory = limits.PeakJobMemoryUsed;
	}
	DWORD message;
	ULONG_PTR key;
	OVERLAPPED *whose;
	*oom = false;
	while (GetQueuedCompletionStatus(t->port, &message, &key, &whose, 0)) {
		*oom = *oom || message == JOB_OBJECT_MSG_JOB_MEMORY_LIMIT ||
			message == JOB_OBJECT_MSG_PROCESS_MEMORY_LIMIT;
	}
	close_handle(&t->job);
	close_handle(&t->port);
}

static void on_closed(uv_handle_t *handle)
{
	struct process_tree *t = handle->data;
	t->closed(t->user);
	free(t);
}

void process_tree_close(struct process_tree *t, void (*closed)(void *user), void *user)
{
	if (t->wait != NULL) {
		UnregisterWaitEx(
			t->wait, INVALID_HANDLE_VALUE); /* its thread is out of our hands by then */
	}
	close_handle(&t->child);
	close_handle(&t->job);
	close_handle(&t->port);
	t->closed = closed;
	t->user = user;
	uv_close((uv_handle_t *)&t->woken_later, on_closed);
}
