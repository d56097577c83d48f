/* The smallest thing that an agent's toolchain must be able to make: it needs the compiler, the target's
 * headers, its linker and its C library, and says so when it is imported. */
#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include <math.h>
#include <string.h>

static PyObject *sing(PyObject *self, PyObject *word)
{
	const char *text = PyUnicode_AsUTF8(word);
	if (text == NULL) {
		return NULL;
	}
	return PyFloat_FromDouble(sqrt((double)strlen(text)));
}

static PyMethodDef methods[] = {
	{"sing", sing, METH_O, "The square root of a text's length."},
	{NULL, NULL, 0, NULL},
};

static struct PyModuleDef module = {
	PyModuleDef_HEAD_INIT,
	.m_name = "wheelfarm_canary",
	.m_size = -1,
	.m_methods = methods,
};

PyMODINIT_FUNC PyInit_wheelfarm_canary(void)
{
	return PyModule_Create(&module);
}
