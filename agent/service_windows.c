#include "agent/service.h"

#include "agent/agent.h"
#include "agent/host.h"
#include "core/base/log.h"
#include "core/base/str.h"
#include "core/posix/include/posix_windows.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>
#include <windows.h>

#define SERVICE L"wheelfarm-agent"

static struct {
	SERVICE_STATUS_HANDLE handle;
	int (*run)(void *user);
	void *user;
	int code;
	LONG stopping;
} self;

static void say(DWORD state, DWORD code)
{
	enum { DRAIN_MS = 30000 }; /* told again and again while jobs end */
	SERVICE_STATUS status = {
		.dwServiceType = SERVICE_WIN32_OWN_PROCESS,
		.dwCurrentState = state,
		.dwControlsAccepted = state == SERVICE_RUNNING
			? SERVICE_ACCEPT_STOP | SERVICE_ACCEPT_SHUTDOWN | SERVICE_ACCEPT_PRESHUTDOWN
			: 0,
		.dwWin32ExitCode = code != 0 ? ERROR_SERVICE_SPECIFIC_ERROR : NO_ERROR,
		.dwServiceSpecificExitCode = code,
		.dwWaitHint = state == SERVICE_STOP_PENDING ? DRAIN_MS : 0,
	};
	static LONG checkpoint;
	if (state == SERVICE_STOP_PENDING) {
		status.dwCheckPoint = (DWORD)InterlockedIncrement(&checkpoint);
	}
	SetServiceStatus(self.handle, &status);
}

static DWORD WINAPI on_control(DWORD control, DWORD type, LPVOID data, LPVOID context)
{
	switch (control) {
	case SERVICE_CONTROL_STOP:
	case SERVICE_CONTROL_SHUTDOWN:
	case SERVICE_CONTROL_PRESHUTDOWN:
		InterlockedExchange(&self.stopping, 1);
		say(SERVICE_STOP_PENDING, 0);
		host_stop();
		return NO_ERROR;
	case SERVICE_CONTROL_INTERROGATE:
		return NO_ERROR;
	default:
		return ERROR_CALL_NOT_IMPLEMENTED;
	}
}

static VOID CALLBACK still_stopping(PVOID context, BOOLEAN fired)
{
	if (InterlockedCompareExchange(&self.stopping, 0, 0) != 0) {
		say(SERVICE_STOP_PENDING, 0);
	}
}

static VOID WINAPI service_main(DWORD argc, LPWSTR *argv)
{
	enum { AGAIN_MS = 10000 };
	HANDLE timer = NULL;
	self.handle = RegisterServiceCtrlHandlerExW(SERVICE, on_control, NULL);
	say(SERVICE_RUNNING, 0);
	CreateTimerQueueTimer(&timer, NULL, still_stopping, NULL, AGAIN_MS, AGAIN_MS, 0);
	self.code = self.run(self.user);
	DeleteTimerQueueTimer(NULL, timer, INVALID_HANDLE_VALUE);
	say(SERVICE_STOPPED, (DWORD)self.code);
}

/* A service has no console: what it says goes to a file beside its configuration. Its stderr has no descriptor, so
 * it could not be opened anew everywhere. */
static void log_beside(const char *config)
{
	char *path = str_format("%s.log", config);
	wchar_t *wide = posix_wide(path);
	FILE *file = wide != NULL ? _wfopen(wide, L"ab") : NULL;
	if (file != NULL) {
		setvbuf(file, NULL, _IONBF, 0);
		log_to(file);
	}
	free(wide);
	free(path);
}

static int failed(const char *what)
{
	DWORD error = GetLastError();
	char text[256] = "";
	FormatMessageA(FORMAT_MESSAGE_FROM_SYSTEM | FORMAT_MESSAGE_IGNORE_INSERTS, NULL, error, 0, text,
		sizeof(text), NULL);
	struct str said = str_trim(str_from(text));
	fprintf(log_file(), "wheelfarm-agent: %s: %.*s (error %lu)\n", what, STR_ARG(said), error);
	return AGENT_WORLD;
}

/* The system's list of services is locked while it starts those that start with it. */
static bool start(SC_HANDLE made)
{
	enum { TRIES = 60, AGAIN_MS = 1000 };
	for (int i = 0; i < TRIES; i++) {
		if (StartServiceW(made, 0, NULL)) {
			return true;
		}
		if (GetLastError() != ERROR_SERVICE_DATABASE_LOCKED) {
			return false;
		}
		Sleep(AGAIN_MS);
	}
	return false;
}

static int install(SC_HANDLE manager, const char *config)
{
	wchar_t program[32768];
	wchar_t line[65536];
	wchar_t *given = posix_wide(config);
	wchar_t full[32768];
	int code = AGENT_FINE;
	GetModuleFileNameW(NULL, program, sizeof(program) / sizeof(*program));
	if (given == NULL || GetFullPathNameW(given, 32768, full, NULL) == 0) {
		free(given);
		return failed("--config");
	}
	free(given);
	swprintf(line, sizeof(line) / sizeof(*line), L"\"%ls\" --service run --config \"%ls\"", program,
		full);
	SC_HANDLE made = CreateServiceW(manager, SERVICE, L"wheelfarm agent", SERVICE_ALL_ACCESS,
		SERVICE_WIN32_OWN_PROCESS, SERVICE_AUTO_START, SERVICE_ERROR_NORMAL, line, NULL, NULL, NULL,
		NULL, NULL);
	if (made == NULL) {
		return failed("the service cannot be made");
	}
	SERVICE_DESCRIPTIONW about = {.lpDescription = L"Builds and tests wheels for a wheelfarm."};
	SC_ACTION again[] = {{SC_ACTION_RESTART, 60000}};
	SERVICE_FAILURE_ACTIONSW failure = {
		.dwResetPeriod = 86400, .cActions = 1, .lpsaActions = again};
	ChangeServiceConfig2W(made, SERVICE_CONFIG_DESCRIPTION, &about);
	ChangeServiceConfig2W(made, SERVICE_CONFIG_FAILURE_ACTIONS, &failure);
	if (!start(made)) {
		code = failed("the service is there, but does not start");
	}
	CloseServiceHandle(made);
	return code;
}

static int remove_service(SC_HANDLE manager)
{
	SERVICE_STATUS status;
	SC_HANDLE there = OpenServiceW(manager, SERVICE, SERVICE_STOP | DELETE | SERVICE_QUERY_STATUS);
	if (there == NULL) {
		return failed("there is no such service");
	}
	ControlService(there, SERVICE_CONTROL_STOP, &status);
	int code = DeleteService(there) ? AGENT_FINE : failed("the service cannot be removed");
	CloseServiceHandle(there);
	return code;
}

int service(const char *word, const char *config, int (*run)(void *user), void *user)
{
	if (strcmp(word, "run") == 0) {
		SERVICE_TABLE_ENTRYW table[] = {{(wchar_t *)SERVICE, service_main}, {NULL, NULL}};
		self.run = run;
		self.user = user;
		log_beside(config);
		return StartServiceCtrlDispatcherW(table) ? self.code : failed("--service run");
	}
	bool installs = strcmp(word, "install") == 0;
	if (!installs && strcmp(word, "remove") != 0) {
		fprintf(stderr, "wheelfarm-agent: --service is install or remove, not %s\n", word);
		return AGENT_USAGE;
	}
	SC_HANDLE manager =
		OpenSCManagerW(NULL, NULL, installs ? SC_MANAGER_CREATE_SERVICE : SC_MANAGER_CONNECT);
	if (manager == NULL) {
		return failed("the system's services cannot be reached");
	}
	int code = installs ? install(manager, config) : remove_service(manager);
	CloseServiceHandle(manager);
	return code;
}
