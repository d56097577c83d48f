#include "agent/host.h"

#include "agent/agent.h"
#include "core/base/str.h"
#include "core/io/file.h"
#include "core/posix/include/posix_windows.h"

#include <fcntl.h>
#include <io.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>
#include <windows.h>
#include <shellapi.h>
#include <tlhelp32.h>

/* Who is to be told to stop, and whether that was asked for before there was anybody. */
static SRWLOCK stop_lock = SRWLOCK_INIT;
static void (*stop_call)(void *user);
static void *stop_user;
static bool stop_wanted;

void host_stop(void)
{
	AcquireSRWLockExclusive(&stop_lock);
	stop_wanted = true;
	if (stop_call != NULL) {
		stop_call(stop_user);
	}
	ReleaseSRWLockExclusive(&stop_lock);
}

void host_stop_through(void (*stop)(void *user), void *user)
{
	AcquireSRWLockExclusive(&stop_lock);
	stop_call = stop;
	stop_user = user;
	if (stop != NULL && stop_wanted) {
		stop(user);
	}
	ReleaseSRWLockExclusive(&stop_lock);
}

void host_start(int *argc, char ***argv)
{
	int count = 0;
	wchar_t **wide = CommandLineToArgvW(GetCommandLineW(), &count);
	if (wide != NULL) {
		char **words = mem_new((size_t)count + 1, sizeof(*words));
		for (int i = 0; i < count; i++) {
			words[i] = posix_narrow(wide[i], wcslen(wide[i]));
		}
		LocalFree(wide);
		*argc = count;
		*argv = words; /* for the life of the program */
	}
	_setmode(1, _O_BINARY);
	_setmode(2, _O_BINARY);
	/* no box that waits for somebody to click, neither here nor in what is started */
	SetErrorMode(SEM_FAILCRITICALERRORS | SEM_NOGPFAULTERRORBOX | SEM_NOOPENFILEERRORBOX);
}

/* --- the parent --- */

static DWORD parent_number(void)
{
	PROCESSENTRY32W entry = {.dwSize = sizeof(entry)};
	DWORD found = 0;
	HANDLE all = CreateToolhelp32Snapshot(TH32CS_SNAPPROCESS, 0);
	for (BOOL ok = Process32FirstW(all, &entry); ok && found == 0;
		 ok = Process32NextW(all, &entry)) {
		found = entry.th32ProcessID == GetCurrentProcessId() ? entry.th32ParentProcessID : 0;
	}
	CloseHandle(all);
	return found;
}

static VOID CALLBACK on_parent_end(PVOID context, BOOLEAN timed_out)
{
	host_stop();
}

int host_die_with_parent(struct err *e)
{
	HANDLE wait;
	HANDLE parent = OpenProcess(SYNCHRONIZE, FALSE, parent_number());
	if (parent == NULL ||
		!RegisterWaitForSingleObject(
			&wait, parent, on_parent_end, NULL, INFINITE, WT_EXECUTEONLYONCE)) {
		return err_set(e, ERR_CANCELLED, "the process that started this agent is gone");
	}
	return 0;
}

/* --- the machine --- */

bool host_has_users(void)
{
	return false;
}

int64_t host_uid(void)
{
	return -1;
}

const char *host_os(void)
{
	return "windows";
}

const char *host_machine(struct arena *a)
{
	USHORT process = IMAGE_FILE_MACHINE_UNKNOWN;
	USHORT native = IMAGE_FILE_MACHINE_UNKNOWN;
	IsWow64Process2(GetCurrentProcess(), &process, &native);
	switch (native) {
	case IMAGE_FILE_MACHINE_AMD64:
		return "x86_64";
	case IMAGE_FILE_MACHINE_ARM64:
		return "aarch64";
	default:
		return arena_printf(a, "machine %04x", native);
	}
}

int64_t host_page_size(void)
{
	SYSTEM_INFO info;
	GetNativeSystemInfo(&info);
	return info.dwPageSize;
}

bool host_emulates_aarch64(void)
{
	return false;
}

/* %ProgramData%\wheelfarm\cache: the same for who tries it by hand and for the service. */
const char *host_cache(struct arena *a)
{
	const char *base = getenv("ProgramData");
	return base != NULL ? arena_printf(a, "%s/wheelfarm/cache", base) : NULL;
}

bool host_has_shell(void)
{
	return false;
}

const char *host_path(struct arena *a, const char *path)
{
	char *out = arena_copy(a, path, strlen(path));
	for (char *p = out; *p != '\0'; p++) {
		*p = *p == '\\' ? '/' : *p;
	}
	char letter = (char)(out[0] | 0x20);
	bool drive = letter >= 'a' && letter <= 'z' && out[1] == ':' && out[2] == '/';
	return drive || (out[0] == '/' && out[1] == '/') ? out : NULL;
}
