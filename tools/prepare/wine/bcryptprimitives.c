/* bcryptprimitives.dll, which Wine 8 has not got: Rust's standard library takes its random bytes from it. */
enum { PIECE_MAX = 1 << 30 };

__declspec(dllimport) unsigned char SystemFunction036(void *, unsigned long); /* RtlGenRandom */

__declspec(dllexport) int ProcessPrng(unsigned char *out, unsigned long long n)
{
	while (n != 0) {
		unsigned long piece = n > PIECE_MAX ? PIECE_MAX : (unsigned long)n;
		if (!SystemFunction036(out, piece)) {
			return 0;
		}
		out += piece;
		n -= piece;
	}
	return 1;
}

int __stdcall DllMainCRTStartup(void *module, unsigned long reason, void *reserved)
{
	return 1;
}
