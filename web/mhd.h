/* libmicrohttpd, loaded when it is first used: see core/base/late.h. */
#pragma once

#include <microhttpd.h>

#define MHD_FUNCTIONS(X)                              \
	X(add_response_header)                            \
	X(create_response_from_buffer)                    \
	X(create_response_from_buffer_with_free_callback) \
	X(create_response_from_callback)                  \
	X(create_response_from_fd64)                      \
	X(destroy_response)                               \
	X(get_connection_info)                            \
	X(get_connection_values_n)                        \
	X(get_daemon_info)                                \
	X(get_timeout)                                    \
	X(lookup_connection_value)                        \
	X(queue_response)                                 \
	X(quiesce_daemon)                                 \
	X(resume_connection)                              \
	X(run)                                            \
	X(start_daemon)                                   \
	X(stop_daemon)                                    \
	X(suspend_connection)

struct mhd_functions {
#define MHD_MEMBER(name) __typeof__(MHD_##name) *name;
	MHD_FUNCTIONS(MHD_MEMBER)
#undef MHD_MEMBER
};

/* `mhd()->NAME(…)` is MHD_NAME. Any thread. */
const struct mhd_functions *mhd(void);
