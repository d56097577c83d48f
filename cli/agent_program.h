/* Where this program's agents are, and where they keep what was prepared. */
#pragma once

/* wheelfarm-agent, which lies beside this program. The caller frees. */
char *agent_program(void);
/* $XDG_CACHE_HOME/wheelfarm, else ~/.cache/wheelfarm. The caller frees. */
char *agent_cache_folder(void);
