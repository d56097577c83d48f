/* What the process tests start: a program that does what its first word says. */
#include <fcntl.h>
#include <io.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>
#include <windows.h>

static int words(int argc, wchar_t **argv)
{
	for (int i = 2; i < argc; i++) {
		for (wchar_t *p = argv[i]; *p != L'\0'; p++) {
			printf("%04x", (unsigned)*p);
		}
		putchar('\n');
	}
	return 0;
}

static int order(void)
{
	for (int i = 0; i < 200; i++) {
		FILE *stream = i % 2 == 0 ? stdout : stderr;
		fprintf(stream, "line %d\n", i);
		fflush(stream);
	}
	return 0;
}

static int flood(void)
{
	char line[4096];
	memset(line, 'x', sizeof(line));
	line[sizeof(line) - 1] = '\n';
	for (;;) {
		fwrite(line, 1, sizeof(line), stdout);
	}
}

/* Starts itself as a process of a group and a console of its own, which outlives it; prints its number. */
static int leave(wchar_t *self)
{
	wchar_t line[1200];
	STARTUPINFOW info = {.cb = sizeof(info)};
	PROCESS_INFORMATION made;
	swprintf(line, 1200, L"\"%ls\" sleep 3600000", self);
	if (!CreateProcessW(self, line, NULL, NULL, TRUE,
			CREATE_NEW_PROCESS_GROUP | DETACHED_PROCESS | CREATE_BREAKAWAY_FROM_JOB, NULL, NULL,
			&info, &made) &&
		!CreateProcessW(self, line, NULL, NULL, TRUE, CREATE_NEW_PROCESS_GROUP | DETACHED_PROCESS,
			NULL, NULL, &info, &made)) {
		return 9;
	}
	printf("%lu\n", made.dwProcessId);
	return 0;
}

/* What is hard to remove: a folder in a folder until the path has over 600 characters, foreign names, a file
 * that is read-only, and one with a name that programs take for a device. */
static int litter(void)
{
	wchar_t path[2048] = L"\\\\?\\";
	GetCurrentDirectoryW(1024, path + 4);
	for (int i = 0; i < 12; i++) {
		wcscat(path,
			L"\\\x00fcber-\x65e5\x672c-\xd83d\xde00-0123456789012345678901234567890123456789");
		if (!CreateDirectoryW(path, NULL)) {
			return 1;
		}
	}
	static const wchar_t *const names[] = {L"\\read only.txt", L"\\aux.c", L"\\\x00e9t\x00e9"};
	size_t n = wcslen(path);
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		wcscpy(path + n, names[i]);
		HANDLE file =
			CreateFileW(path, GENERIC_WRITE, 0, NULL, CREATE_NEW, FILE_ATTRIBUTE_READONLY, NULL);
		if (file == INVALID_HANDLE_VALUE) {
			return 2;
		}
		CloseHandle(file);
	}
	return 0;
}

/* Runs a program in a console of ours and presses Ctrl-C for it once there is a file; its exit code. */
static int console(const wchar_t *sign, int argc, wchar_t **argv)
{
	wchar_t line[8192] = L"";
	STARTUPINFOW info = {.cb = sizeof(info)};
	PROCESS_INFORMATION made;
	DWORD code = 98;
	for (int i = 0; i < argc; i++) {
		wcscat(wcscat(wcscat(line, L"\""), argv[i]), L"\" ");
	}
	FreeConsole();
	if (!AllocConsole() ||
		!CreateProcessW(NULL, line, NULL, NULL, FALSE, 0, NULL, NULL, &info, &made)) {
		return 97;
	}
	while (GetFileAttributesW(sign) == INVALID_FILE_ATTRIBUTES &&
		WaitForSingleObject(made.hProcess, 200) == WAIT_TIMEOUT) {
	}
	SetConsoleCtrlHandler(NULL, TRUE); /* it is for all of the console, but not for us */
	if (!GenerateConsoleCtrlEvent(CTRL_C_EVENT, 0)) {
		return 96;
	}
	WaitForSingleObject(made.hProcess, INFINITE);
	GetExitCodeProcess(made.hProcess, &code);
	return (int)code;
}

static int spin(int ms)
{
	DWORD end = GetTickCount() + (DWORD)ms;
	volatile unsigned n = 0;
	while (GetTickCount() < end) {
		n++;
	}
	return 0;
}

static int variables(void)
{
	for (wchar_t *p = GetEnvironmentStringsW(); *p != L'\0'; p += wcslen(p) + 1) {
		printf("%ls\n", p);
	}
	return 0;
}

/* Handles that are ours besides the three. */
static int handles(void)
{
	int count = 0;
	for (uintptr_t h = 4; h < 4096; h += 4) {
		DWORD flags;
		char byte;
		DWORD n;
		HANDLE handle = (HANDLE)h;
		bool known = handle == GetStdHandle(STD_INPUT_HANDLE) ||
			handle == GetStdHandle(STD_OUTPUT_HANDLE) || handle == GetStdHandle(STD_ERROR_HANDLE);
		if (!known && GetHandleInformation(handle, &flags) &&
			GetFileType(handle) == FILE_TYPE_DISK &&
			SetFilePointer(handle, 0, NULL, FILE_BEGIN) == 0 &&
			ReadFile(handle, &byte, 1, &n, NULL) && byte == '!') {
			count++;
		}
	}
	printf("%d\n", count);
	return 0;
}

int wmain(int argc, wchar_t **argv);
int wmain(int argc, wchar_t **argv)
{
	const wchar_t *what = argc > 1 ? argv[1] : L"";
	int number = argc > 2 ? _wtoi(argv[2]) : 0;
	_setmode(1, _O_BINARY);
	_setmode(2, _O_BINARY);
	if (wcscmp(what, L"words") == 0) {
		return words(argc, argv);
	}
	if (wcscmp(what, L"exit") == 0) {
		return number;
	}
	if (wcscmp(what, L"order") == 0) {
		return order();
	}
	if (wcscmp(what, L"flood") == 0) {
		return flood();
	}
	if (wcscmp(what, L"leave") == 0) {
		return leave(argv[0]);
	}
	if (wcscmp(what, L"litter") == 0) {
		return litter();
	}
	if (wcscmp(what, L"console") == 0 && argc > 3) {
		return console(argv[2], argc - 3, argv + 3);
	}
	if (wcscmp(what, L"spin") == 0) {
		return spin(number);
	}
	if (wcscmp(what, L"variables") == 0) {
		return variables();
	}
	if (wcscmp(what, L"handles") == 0) {
		return handles();
	}
	if (wcscmp(what, L"read") == 0) {
		printf("%d\n", getchar());
		return 0;
	}
	if (wcscmp(what, L"crash") == 0) {
		*(volatile int *)(uintptr_t)number = 1;
	}
	if (wcscmp(what, L"folder") == 0) {
		wchar_t folder[1024];
		GetCurrentDirectoryW(1024, folder);
		printf("%ls\n", folder);
		return 0;
	}
	if (wcscmp(what, L"sleep") == 0) {
		puts("sleeping");
		fflush(stdout);
		Sleep((DWORD)number);
		return 0;
	}
	return 99;
}
