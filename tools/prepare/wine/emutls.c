/* Thread-local variables without x18: clang's -femulated-tls calls this for each. Native ones are read through the thread
 * block in x18, which Debian's Wine 8, built as ELF, does not keep; TlsGetValue is a call into it and works. */
#include <string.h>
#include <windows.h>

/* As clang lays it out (LLVM, compiler-rt's emutls.c: __emutls_control). */
struct variable {
	size_t size;
	size_t align; /* at most the 16 that HeapAlloc gives */
	volatile LONG64 slot; /* of TlsAlloc, plus 1; 0 until the first use */
	const void *initial; /* NULL: zeroes */
};

static DWORD slot_of(struct variable *v)
{
	LONG64 slot = v->slot;
	if (slot == 0) {
		DWORD made = TlsAlloc();
		if (made == TLS_OUT_OF_INDEXES) {
			__builtin_trap();
		}
		slot = InterlockedCompareExchange64(&v->slot, (LONG64)made + 1, 0);
		if (slot == 0) {
			return made;
		}
		TlsFree(made);
	}
	return (DWORD)(slot - 1);
}

void *__emutls_get_address(struct variable *v)
{
	DWORD error =
		GetLastError(); /* which TlsGetValue sets, and a variable's reader does not expect */
	DWORD slot = slot_of(v);
	void *value = TlsGetValue(slot);
	if (value == NULL) {
		value = HeapAlloc(GetProcessHeap(), HEAP_ZERO_MEMORY, v->size);
		if (value == NULL || !TlsSetValue(slot, value)) {
			__builtin_trap();
		}
		if (v->initial != NULL) {
			memcpy(value, v->initial, v->size);
		}
	}
	SetLastError(error);
	return value;
}
