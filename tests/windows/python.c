/* Stands in for python.exe where no Python for x64 Windows is at hand: it answers as agent/probe does for a source
 * tree that wants nothing, and its build is the tree's own build.cmd, run by cmd. A tree without one (the farm's
 * canary, which wants Python) gets the wheel that lies beside this program. */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>
#include <windows.h>

static int write(const wchar_t *path, const char *text)
{
	FILE *file = _wfopen(path, L"wb");
	if (file == NULL || fputs(text, file) < 0) {
		return 1;
	}
	return fclose(file);
}

/* What lies beside this program and is called so, into a folder. */
static int copy_here(const wchar_t *pattern, const wchar_t *folder)
{
	wchar_t here[4096];
	wchar_t from[8192];
	wchar_t to[8192];
	WIN32_FIND_DATAW found;
	GetModuleFileNameW(NULL, here, 4096);
	*wcsrchr(here, L'\\') = L'\0';
	swprintf(from, 8192, L"%ls\\%ls", here, pattern);
	HANDLE search = FindFirstFileW(from, &found);
	if (search == INVALID_HANDLE_VALUE) {
		return 1;
	}
	FindClose(search);
	swprintf(from, 8192, L"%ls\\%ls", here, found.cFileName);
	swprintf(to, 8192, L"%ls\\%ls", folder, found.cFileName);
	return CopyFileW(from, to, FALSE) ? 0 : 1;
}

static int make_environment(const wchar_t *folder)
{
	wchar_t scripts[4096];
	swprintf(scripts, 4096, L"%ls\\Scripts", folder);
	CreateDirectoryW(scripts, NULL);
	return copy_here(L"python.exe", scripts) | copy_here(L"*.whl", scripts);
}

/* cmd /d /c build.cmd DIST, in the source tree; its exit code. */
static int build(const wchar_t *source, const wchar_t *dist)
{
	wchar_t line[32768];
	STARTUPINFOW info = {.cb = sizeof(info)};
	PROCESS_INFORMATION made;
	DWORD code = 1;
	swprintf(line, 32768, L"%ls\\build.cmd", source);
	if (GetFileAttributesW(line) == INVALID_FILE_ATTRIBUTES) {
		return copy_here(L"*.whl", dist);
	}
	swprintf(line, 32768, L"cmd /d /c build.cmd \"%ls\"", dist);
	for (wchar_t *p = line; *p != L'\0'; p++) {
		*p = *p == L'/' && p > line + 10 ? L'\\' : *p;
	}
	if (!CreateProcessW(NULL, line, NULL, NULL, TRUE, 0, NULL, source, &info, &made)) {
		printf("cmd does not start: %lu\n", GetLastError());
		return 1;
	}
	WaitForSingleObject(made.hProcess, INFINITE);
	GetExitCodeProcess(made.hProcess, &code);
	return (int)code;
}

int wmain(int argc, wchar_t **argv);
int wmain(int argc, wchar_t **argv)
{
	const wchar_t *probe = argc > 2 ? wcsrchr(argv[1], L'/') : NULL;
	if (probe == NULL) {
		printf("python.exe of the tests: no probe\n");
		return 2;
	}
	if (wcscmp(probe, L"/build_requires.py") == 0) {
		printf("{\"requires\": [], \"backend\": \"build_cmd\", \"backend_path\": [\".\"]}\n");
		return 0;
	}
	if (wcscmp(probe, L"/fetch_requires.py") == 0) {
		printf("{\"wheels\": {}}\n");
		return 0;
	}
	if (wcscmp(probe, L"/make_environment.py") == 0) {
		return make_environment(argv[2]);
	}
	if (wcscmp(probe, L"/backend_hook.py") == 0 && argc > 5) {
		bool wheel = wcscmp(argv[2], L"wheel") == 0;
		return wheel ? build(argv[3], argv[6]) : write(argv[4], "{\"requires\": []}");
	}
	printf("python.exe of the tests: unknown probe %ls\n", probe);
	return 2;
}
