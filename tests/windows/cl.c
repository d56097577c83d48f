/* Stands in for Microsoft's compiler where a module is made by one call: `cl … /LD FILE.c /Fe:MODULE …` is the file made.pyd
 * beside this program. */
#include <stdbool.h>
#include <stdio.h>
#include <wchar.h>
#include <windows.h>

int wmain(int argc, wchar_t **argv);
int wmain(int argc, wchar_t **argv)
{
	wchar_t made[4096];
	const wchar_t *module = NULL;
	bool is_library = false;
	bool has_source = false;
	for (int i = 1; i < argc; i++) {
		const wchar_t *dot = wcsrchr(argv[i], L'.');
		is_library = is_library || wcscmp(argv[i], L"/LD") == 0;
		module = wcsncmp(argv[i], L"/Fe:", 4) == 0 ? argv[i] + 4 : module;
		has_source = has_source ||
			(dot != NULL && wcscmp(dot, L".c") == 0 &&
				GetFileAttributesW(argv[i]) != INVALID_FILE_ATTRIBUTES);
	}
	if (module == NULL || !is_library || !has_source) {
		printf("cl of the tests: not a call that makes a module\n");
		return 2;
	}
	GetModuleFileNameW(NULL, made, 4096);
	wcscpy(wcsrchr(made, L'\\') + 1, L"made.pyd");
	return CopyFileW(made, module, FALSE) ? 0 : 1;
}
