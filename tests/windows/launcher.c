/* The python.exe of a virtual environment, which a CPython that was not installed by its makers has not got
 * (Lib/venv/scripts/nt/venvlauncher.exe): it starts the Python that pyvenv.cfg names and says for whom. */
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <wchar.h>
#include <windows.h>

/* The value of `executable` in pyvenv.cfg, of the folder above this program's. */
static bool find_python(wchar_t *self, wchar_t *python, int size)
{
	wchar_t path[4096];
	char line[4096];
	bool found = false;
	swprintf(path, 4096, L"%ls", self);
	for (int i = 0; i < 2; i++) {
		wchar_t *end = wcsrchr(path, L'\\');
		if (end == NULL) {
			return false;
		}
		*end = L'\0';
	}
	wcscat(path, L"\\pyvenv.cfg");
	FILE *file = _wfopen(path, L"rb");
	while (file != NULL && !found && fgets(line, sizeof(line), file) != NULL) {
		if (strncmp(line, "executable = ", 13) == 0) {
			line[strcspn(line, "\r\n")] = '\0';
			found = MultiByteToWideChar(CP_UTF8, 0, line + 13, -1, python, size) != 0;
		}
	}
	if (file != NULL) {
		fclose(file);
	}
	return found;
}

int wmain(int argc, wchar_t **argv);
int wmain(int argc, wchar_t **argv)
{
	wchar_t self[4096];
	wchar_t python[4096];
	STARTUPINFOW info = {.cb = sizeof(info)};
	PROCESS_INFORMATION made;
	DWORD code = 103;
	GetModuleFileNameW(NULL, self, 4096);
	if (!find_python(self, python, 4096)) {
		return 106;
	}
	SetEnvironmentVariableW(L"__PYVENV_LAUNCHER__", self);
	GetStartupInfoW(&info);
	if (CreateProcessW(python, GetCommandLineW(), NULL, NULL, TRUE, 0, NULL, NULL, &info, &made)) {
		WaitForSingleObject(made.hProcess, INFINITE);
		GetExitCodeProcess(made.hProcess, &code);
	}
	return (int)code;
}
